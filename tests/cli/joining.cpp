// A new node whose answer was lost, at the door of a real broker.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "auth/join_token.h"
#include "client/join.h"
#include "cluster/join.h"
#include "tests/support/broker.h"

using namespace cmq::support;

namespace {

struct Cluster {
    Broker broker;
    std::string token;

    Cluster() : token(broker.cmq({"cluster", "token"}).out) {
        REQUIRE(token.ends_with('\n'));
        token.pop_back();
    }
    cmq::Result<cmq::cluster::JoinAnswer> ask(const std::string& key) const {
        const cmq::cluster::JoinRequest request{
            token, *cmq::net::make_request(key), "127.0.0.1:1", "https://127.0.0.1:2", "", {}};
        const auto body = CMQ_TRY(cmq::client::join(
            {broker.https(), cmq::auth::read_token(token)->fingerprint,
             std::string(cmq::cluster::join_path), cmq::cluster::encode(request)}));
        return cmq::cluster::decode_join_answer(body);
    }
    std::size_t nodes() const {
        const auto status = broker.cmq({"cluster", "status", "-o", "json"});
        REQUIRE_MESSAGE(status.status == 0, status.err);
        return nlohmann::json::parse(status.out).at("nodes").size();
    }
};

}  // namespace

TEST_SUITE("cli") {
    SCENARIO("a node that asks again with its token and its key is the node that it was") {
        const Cluster cluster;
        const auto key = cmq::net::make_key();
        const auto first = cluster.ask(key);
        REQUIRE_MESSAGE(first, first.error().message);
        const auto again = cluster.ask(key);
        REQUIRE_MESSAGE(again, again.error().message);
        CHECK(again->node == first->node);
        CHECK(cluster.nodes() == 2);

        const auto other = cluster.ask(cmq::net::make_key());
        REQUIRE_FALSE(other);
        CHECK(other.error().code == cmq::Code::exists);
        CHECK(other.error().message.find("cmq cluster remove") != std::string::npos);
        CHECK(cluster.nodes() == 2);

        const auto removed =
            cluster.broker.cmq({"cluster", "remove", std::to_string(first->node.value)});
        CHECK_MESSAGE(removed.status == 0, removed.err);
        CHECK(cluster.ask(key).error().code == cmq::Code::exists);
        CHECK(cluster.nodes() == 1);
    }
}
