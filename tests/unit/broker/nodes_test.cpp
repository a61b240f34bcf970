// The directory of nodes: who comes in, under which number, and with which token.
#include <doctest/doctest.h>

#include "broker_in_memory.h"

namespace cmq::broker::test {
namespace {

/// 16 bytes that no other token has.
std::string token(int number) {
    auto text = std::to_string(number);
    text.resize(token_id_bytes, '.');
    return text;
}

struct Nodes : Broker {
    Outcome set(NodeId node, std::string_view zone = "a") {
        return apply(SetNode{node, "10.0.0.1:7803", "https://10.0.0.1:7800", zone});
    }
    Outcome add(const std::string& with, NodeId replaces = {}) {
        return apply(
            AddNode{with, now + 1h, "10.0.0.2:7803", "https://10.0.0.2:7800", "b", replaces});
    }
    /// The id that a good AddNode gives.
    NodeId added(int number, NodeId replaces = {}) {
        const auto outcome = add(token(number), replaces);
        REQUIRE(outcome);
        return std::get<NodeAdded>(*outcome).node;
    }
    Outcome drop(NodeId node) { return apply(DropNode{node}); }
    std::vector<NodeEntry> list() {
        return std::get<NodeList>(*state->ask(Query{space, ListNodes{}}, now)).nodes;
    }
};

const NodeId founder = node_id(1, 1);

}  // namespace

TEST_SUITE("unit/broker") {
    SCENARIO("the first node to tell its addresses founds the directory") {
        Nodes nodes;
        CHECK(refused(nodes.add(token(1))) == Reason::node_missing);
        CHECK(nodes.list().empty());
        REQUIRE(nodes.set(founder));
        CHECK(nodes.list() ==
              std::vector{NodeEntry{founder, "10.0.0.1:7803", "https://10.0.0.1:7800", "a"}});
        CHECK(refused(nodes.set(node_id(2, 1))) == Reason::node_missing);
        REQUIRE(nodes.set(founder, "b"));
        CHECK(nodes.list()[0].zone == "b");
        CHECK(nodes.state->nodes() == nodes.list());
    }

    SCENARIO("a number is given once, even after its node was dropped") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        CHECK(nodes.added(1) == node_id(2, 1));
        CHECK(nodes.added(2) == node_id(3, 1));
        REQUIRE(nodes.drop(node_id(3, 1)));
        CHECK(refused(nodes.drop(node_id(3, 1))) == Reason::node_missing);
        nodes.flush();
        REQUIRE(nodes.reload());
        CHECK(nodes.added(3) == node_id(4, 1));
        CHECK(nodes.list().size() == 3);
    }

    SCENARIO("a founder may have any number; those that follow are higher") {
        Nodes nodes;
        REQUIRE(nodes.set(node_id(4'000'000'000, 1)));
        CHECK(nodes.added(1) == node_id(4'000'000'001, 1));
        Nodes odd;
        for (const auto wrong : {NodeId{0}, NodeId{1}, NodeId{65'536}, NodeId{1ULL << 63 | 1}})
            CHECK(refused(odd.set(wrong)) == Reason::out_of_range);
    }

    SCENARIO("a node that takes another's place keeps its number, with an incarnation never used") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        const auto first = nodes.added(1);
        const auto second = nodes.added(2, first);
        CHECK(second == node_id(number_of(first), 2));
        CHECK(nodes.list().size() == 3);  // the old one goes when the new one has caught up
        REQUIRE(nodes.drop(second));
        CHECK(nodes.added(3, first) == node_id(number_of(first), 3));
        REQUIRE(nodes.drop(first));
        nodes.flush();
        REQUIRE(nodes.reload());
        CHECK(nodes.added(4, node_id(number_of(first), 3)) == node_id(number_of(first), 4));
        CHECK(refused(nodes.add(token(5), first)) == Reason::node_missing);
        CHECK(nodes.added(6) == node_id(3, 1));
    }

    SCENARIO("the last incarnation has no next") {
        Nodes nodes;
        REQUIRE(nodes.set(node_id(1, incarnation_max)));
        const auto outcome = nodes.add(token(1), node_id(1, incarnation_max));
        CHECK(refused(outcome) == Reason::out_of_range);
        CHECK(outcome.error().field == "replaces");
    }

    SCENARIO("a token counts once, and until it expires") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        nodes.added(1);
        CHECK(refused(nodes.add(token(1))) == Reason::token_used);
        const AddNode late{"0123456789abcdef", nodes.now, "a:1", "https://a:2", "", {}};
        CHECK(refused(nodes.apply(late)) == Reason::token_expired);
        CHECK(refused(nodes.add("short")) == Reason::out_of_range);
        GIVEN("a flush and a restart") {
            nodes.flush();
            REQUIRE(nodes.reload());
            CHECK(refused(nodes.add(token(1))) == Reason::token_used);
        }
        GIVEN("the time after its end") {
            nodes.flush();
            CHECK(nodes.rows.count(Table::node) == 4);  // head, two nodes, one used token
            nodes.now += 1h;
            const AddNode old{"1...............", nodes.now, "a:1", "https://a:2", "", {}};
            CHECK(refused(nodes.apply(old)) == Reason::token_expired);
            nodes.flush();
            CHECK(nodes.rows.count(Table::node) == 3);
        }
    }

    SCENARIO("a node that did not hear the answer asks again, and hears it; nobody else does") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        const std::string own(node_key_bytes, 'k'), other(node_key_bytes, 'l');
        const auto with = token(1);
        AddNode add{with, nodes.now + 1h, "b:3", "https://b:0", "z", {}, oldest_format, own};
        const auto asked = [&nodes](const AddNode& command) {
            const auto outcome = nodes.apply(command);
            return outcome ? std::get<NodeAdded>(*outcome).node : NodeId{};
        };
        REQUIRE(asked(add) == node_id(2, 1));
        nodes.flush();
        REQUIRE(nodes.reload());
        const auto seen = nodes.state->node_changes();
        CHECK(asked(add) == node_id(2, 1));
        CHECK(nodes.state->node_changes() == seen);
        CHECK(nodes.list().size() == 2);

        auto stranger = add;
        stranger.key = other;
        CHECK(refused(nodes.apply(stranger)) == Reason::token_used);
        stranger.key = {};
        CHECK(refused(nodes.apply(stranger)) == Reason::token_used);
        stranger.key = "short";
        CHECK(refused(nodes.apply(stranger)) == Reason::out_of_range);
        auto moved = add;
        moved.peer_address = "c:3";
        CHECK(refused(nodes.apply(moved)) == Reason::token_used);

        WHEN("there are as many nodes as may be") {
            for (int number = 2; number < static_cast<int>(nodes_max); ++number)
                nodes.added(number);
            CHECK(asked(add) == node_id(2, 1));
        }
        WHEN("it was removed") {
            REQUIRE(nodes.drop(node_id(2, 1)));
            CHECK(refused(nodes.apply(add)) == Reason::token_used);
        }
        WHEN("the token has expired") {
            nodes.now += 1h;
            CHECK(refused(nodes.apply(add)) == Reason::token_expired);
        }
    }

    SCENARIO("what stands in tables and scripts is printable and short") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        const std::string longest(node_address_bytes_max, 'x');
        const auto field = [&nodes](std::string_view peer, std::string_view endpoint,
                                    std::string_view zone) {
            const auto outcome = nodes.apply(SetNode{founder, peer, endpoint, zone});
            return outcome ? std::string() : outcome.error().field;
        };
        CHECK(field("", "e", "z") == "peerAddress");
        CHECK(field("a b", "e", "z") == "peerAddress");
        CHECK(field("p", "", "z") == "endpoint");
        CHECK(field("p", "e\n", "z") == "endpoint");
        CHECK(field("p", "e", "\x80") == "zone");
        CHECK(field("p", "e", std::string(zone_bytes_max + 1, 'z')) == "zone");
        CHECK(field(longest + "x", "e", "z") == "peerAddress");
        CHECK(field(longest, longest, std::string(zone_bytes_max, 'z')).empty());
        CHECK(field("p", "e", "").empty());
    }

    SCENARIO("there is a limit of nodes") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        for (int number = 1; number < static_cast<int>(nodes_max); ++number) nodes.added(number);
        CHECK(refused(nodes.add(token(1'000))) == Reason::too_many_nodes);
        REQUIRE(nodes.drop(founder));
        CHECK(nodes.added(1'001) == node_id(nodes_max + 1, 1));
    }

    SCENARIO("there is a limit of used tokens, which time lifts") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        for (int number = 0; number < static_cast<int>(used_tokens_max); ++number)
            REQUIRE(nodes.drop(nodes.added(number)));
        CHECK(refused(nodes.add(token(100'000))) == Reason::too_many_nodes);
        nodes.now += 1h;
        CHECK(nodes.add(token(100'000)));
    }

    SCENARIO("who asks for changes sees each, and nothing else") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        const auto seen = nodes.state->node_changes();
        REQUIRE(nodes.set(founder));
        CHECK_FALSE(nodes.add("short"));
        CHECK(nodes.state->node_changes() == seen);
        const auto node = nodes.added(1);
        CHECK(nodes.state->node_changes() > seen);
        const auto then = nodes.state->node_changes();
        REQUIRE(nodes.drop(node));
        CHECK(nodes.state->node_changes() > then);
    }

    SCENARIO("a row of the directory that is not what was written is told") {
        Nodes nodes;
        REQUIRE(nodes.set(founder));
        nodes.added(1);
        nodes.flush();
        for (const auto key : {Key{0, 0}, Key{1, founder.value}, Key{2, 1}}) {
            auto& bytes = nodes.rows.at(Table::node, key);
            const auto good = bytes;
            bytes.pop_back();
            const auto loaded = nodes.reload();
            REQUIRE_FALSE(loaded);
            CHECK(loaded.error().code == Code::corrupt);
            bytes = good;
        }
        CHECK(nodes.reload());
        nodes.rows.write({Row{Table::node, Key{0, 0}, std::nullopt}});
        CHECK_FALSE(nodes.reload());
    }

    SCENARIO("a removal is noticed that leaves all votes in one zone") {
        ClusterView cluster;
        const auto node = [&cluster](std::uint64_t number, const char* zone, NodeRole role) {
            cluster.nodes.push_back({node_id(number, 1),
                                     "",
                                     "",
                                     zone,
                                     role,
                                     NodeState::up,
                                     0,
                                     false,
                                     Catching::nothing,
                                     0,
                                     {}});
        };
        node(1, "east", NodeRole::leader);
        node(2, "east", NodeRole::voter);
        node(3, "west", NodeRole::voter);
        node(4, "north", NodeRole::learner);
        CHECK(would_leave_one_zone(cluster, node_id(3, 1)));
        CHECK_FALSE(would_leave_one_zone(cluster, node_id(1, 1)));
        CHECK_FALSE(would_leave_one_zone(cluster, node_id(4, 1)));
        cluster.nodes[2].zone = "east";
        CHECK_FALSE(would_leave_one_zone(cluster, node_id(3, 1)));  // they do already
        cluster.nodes[2].zone = "";
        CHECK(would_leave_one_zone(cluster, node_id(3, 1)));  // no zone is one, too
    }
}

}  // namespace cmq::broker::test
