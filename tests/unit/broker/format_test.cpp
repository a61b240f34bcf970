// The version of the formats: it only rises, and nobody is left behind by that.
#include <doctest/doctest.h>

#include "broker_in_memory.h"

namespace cmq::broker::test {
namespace {

const NodeId founder = node_id(1, 1), second = node_id(2, 1);

struct Cluster : Broker {
    Cluster() : Broker({.newest = FormatVersion{3}}) {
        REQUIRE(apply(SetNode{founder, "a:1", "https://a:2", ""}));
    }
    Outcome add(FormatVersion knows) {
        return apply(
            AddNode{"0123456789abcdef", now + 1h, "b:1", "https://b:2", "", NodeId{}, knows});
    }
    Outcome raise(std::uint64_t to, std::vector<NodeId> heard = {founder}) {
        return apply(RaiseFormat{{to}, std::move(heard)});
    }
    std::uint64_t format() const { return state->format().value; }
};

}  // namespace

TEST_SUITE("unit/broker") {
    SCENARIO("the version begins with the oldest, rises, and never falls") {
        Cluster cluster;
        CHECK(cluster.state->format() == oldest_format);
        const auto before = cluster.state->hash();
        REQUIRE(cluster.raise(2));
        CHECK(cluster.format() == 2);
        CHECK(cluster.state->hash() != before);
        REQUIRE(cluster.raise(1));
        CHECK(cluster.format() == 2);
        CHECK(refused(cluster.raise(0)) == Reason::out_of_range);
        CHECK(refused(cluster.raise(256)) == Reason::out_of_range);
        REQUIRE(cluster.raise(255));
        CHECK(cluster.format() == 255);
    }

    SCENARIO("a state of a newer version is not loaded, and not called damaged") {
        Cluster cluster;
        REQUIRE(cluster.raise(3));
        const auto hash = cluster.state->hash();
        cluster.flush();
        cluster.options.newest = {2};
        const auto loaded = cluster.reload();
        REQUIRE_FALSE(loaded);
        CHECK(loaded.error().code == Code::exists);
        CHECK(loaded.error().message.starts_with("this cluster uses format 3, this cmq knows 2:"));
        cluster.options.newest = {3};
        REQUIRE(cluster.reload());
        CHECK(cluster.state->hash() == hash);
        CHECK(cluster.format() == 3);
        cluster.rows.at(Table::state, {})[0] = 0;
        CHECK(cluster.reload().error().code == Code::corrupt);
    }

    SCENARIO("a node whose program is too old is not taken in, and keeps its token") {
        Cluster cluster;
        REQUIRE(cluster.raise(2));
        CHECK(refused(cluster.add({1})) == Reason::node_too_old);
        CHECK(cluster.state->nodes().size() == 1);
        REQUIRE(cluster.add({2}));
        CHECK(cluster.state->nodes().size() == 2);
    }

    SCENARIO("a node that came in meanwhile makes a raise void") {
        Cluster cluster;
        REQUIRE(cluster.add({1}));
        CHECK(refused(cluster.raise(2)) == Reason::change_under_way);
        CHECK(cluster.format() == 1);
        REQUIRE(cluster.raise(2, {founder, second}));
        CHECK(cluster.format() == 2);
        THEN("one that left does not") {
            REQUIRE(cluster.apply(DropNode{second}));
            REQUIRE(cluster.raise(3, {founder, second}));
            CHECK(cluster.format() == 3);
        }
    }
}

}  // namespace cmq::broker::test
