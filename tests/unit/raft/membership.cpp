#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

using Nodes = std::vector<NodeId>;

/// Heartbeats and their answers for a while: node 4 keeps up.
void keep_up(Hand& hand, std::uint64_t match, std::initializer_list<NodeId> nodes) {
    for (int i = 0; i < 10; ++i) {
        hand.tick(50ms);
        for (const auto node : nodes) hand.acknowledge(node, match);
    }
}

Code code_of(const Hand& hand, const Configuration& to) {
    const auto may = may_change(hand.state, to);
    return may ? Code::internal : may.error().code;
}

std::vector<Entry> with_configuration(const Configuration& configuration) {
    Entry entry{Index{1}, Term{1}, Kind::configuration, 0, make_blob(encode(configuration))};
    entry.chain = chain_of(entry.kind, *entry.payload, 0);
    return {entry};
}

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("a new node follows, keeps up, and then votes") {
        auto hand = leading(start_of({one, two, three}));
        CHECK(code_of(hand, {{one, two, three, four}, {}}) == Code::invalid);
        REQUIRE(may_change(hand.state, {{one, two, three}, {four}}));
        const auto added = hand.give(Change{{{one, two, three}, {four}}});
        CHECK(added.append[0].kind == Kind::configuration);
        CHECK(hand.state.configuration().learners == Nodes{four});
        hand.persist_all();
        hand.acknowledge(two, 2);
        REQUIRE(hand.state.commit == Index{2});
        const Configuration promoted{{one, two, three, four}, {}};
        WHEN("it has not shown that it keeps up") {
            THEN("it is not promoted") { CHECK(code_of(hand, promoted) == Code::unavailable); }
        }
        WHEN("it has, but lacks bodies") {
            keep_up(hand, 2, {two, three, four});
            AppendReply reply;
            reply.accepted = true;
            reply.match = reply.verified = Index{2};
            reply.complete = false;
            reply.round = hand.state.leading.round;
            hand.hear(four, hand.term(), reply);
            hand.tick(50ms);
            THEN("neither") { CHECK(code_of(hand, promoted) == Code::unavailable); }
        }
        WHEN("it has") {
            keep_up(hand, 2, {two, three, four});
            REQUIRE(may_change(hand.state, promoted));
            hand.give(Change{promoted});
            THEN("its copy is needed at once, before that is committed") {
                hand.persist_all();
                CHECK(hand.acknowledge(two, 3).apply.empty());  // 2 of 4
                CHECK(hand.acknowledge(four, 3).apply.size() == 1);
            }
        }
    }

    SCENARIO("one node at a time, and nothing that is not a group") {
        auto start = start_of({one, two, three});
        start.base.configuration.learners = {four};
        const auto hand = leading(start);
        const NodeId five{5};
        CHECK(code_of(hand, {{one, two, three}, {four}}) == Code::invalid);
        CHECK(code_of(hand, {{one}, {four}}) == Code::invalid);
        CHECK(code_of(hand, {{one, two}, {}}) == Code::invalid);
        CHECK(code_of(hand, {{one, two, three}, {five}}) == Code::invalid);
        CHECK(code_of(hand, {{}, {four}}) == Code::invalid);
        CHECK(code_of(hand, {{two, one, three}, {four}}) == Code::invalid);
        CHECK(code_of(hand, {{one, two, three, four}, {four}}) == Code::invalid);
        CHECK(may_change(hand.state, {{one, two}, {three, four}}));
        CHECK(may_change(hand.state, {{one, two, three}, {}}));
        CHECK(may_change(hand.state, {{two, three}, {four}}));
    }

    SCENARIO("a change waits for the leader's no-op, and for the change before it") {
        auto hand = elected(start_of({one, two, three}));
        const Configuration smaller{{one, two}, {}};
        CHECK(code_of(hand, smaller) == Code::unavailable);
        hand.acknowledge(two, 1);
        REQUIRE(may_change(hand.state, smaller));
        hand.give(Change{smaller});
        hand.persist_all();
        CHECK(code_of(hand, {{one}, {}}) == Code::unavailable);
        hand.acknowledge(two, 2);
        CHECK(may_change(hand.state, {{one}, {}}));
        CHECK(code_of(following(1), smaller) == Code::unavailable);
    }

    SCENARIO("a change that is cut off is no longer in force") {
        const Configuration smaller{{one, two}, {}};
        auto hand = following(1);
        hand.hear(two, 1, Append{{}, {}, with_configuration(smaller), {}});
        CHECK(hand.state.configuration() == smaller);
        CHECK(configuration_at(hand.state, Index{}).voters == Nodes{one, two, three});
        hand.hear(three, 2, Append{{}, {}, log_of({2}), {}});
        CHECK(hand.state.configuration().voters == Nodes{one, two, three});
    }

    SCENARIO("a restarted node knows the configurations of its log") {
        const Configuration smaller{{one, two}, {}};
        const Hand hand(start_of({one, two, three}, 1, with_configuration(smaller)));
        CHECK(hand.state.configuration() == smaller);
        CHECK(configuration_at(hand.state, Index{}).voters.size() == 3);
    }

    SCENARIO("a leader that removes itself leads until that is committed, without its own copy") {
        auto hand = leading(start_of({one, two, three}));
        hand.give(Change{{{two, three}, {}}});
        hand.persist_all();
        hand.acknowledge(two, 2);
        CHECK(hand.state.commit == Index{1});
        CHECK(hand.state.role == Role::leader);
        CHECK(hand.acknowledge(three, 2).apply.size() == 1);
        CHECK(hand.state.role == Role::follower);
        CHECK_FALSE(next_wake(hand.state));
    }

    SCENARIO("who is being removed stands for election while that is not committed") {
        Hand hand(start_of({one, two, three}, 1, with_configuration({{two, three}, {}})));
        const auto output = hand.tick(600ms);
        REQUIRE(sent<VoteRequest>(output, two).size() == 1);
        hand.hear(two, 2, VoteReply{true, true});
        CHECK(hand.state.role == Role::pre_candidate);  // its own vote does not count
        hand.hear(three, 2, VoteReply{true, true});
        CHECK(hand.state.role == Role::candidate);
    }

    SCENARIO("a node that knows of no group waits to be told") {
        Hand hand(start_of({}));
        CHECK_FALSE(next_wake(hand.state));
        CHECK(hand.tick(10s).send.empty());
        hand.hear(two, 1, Append{{}, {}, with_configuration({{two}, {one}}), Index{1}});
        CHECK(hand.state.configuration().learners == Nodes{one});
        CHECK_FALSE(next_wake(hand.state));
    }

    SCENARIO("a learner's copy does not make a majority") {
        auto start = start_of({one, two, three});
        start.base.configuration.learners = {four};
        auto hand = leading(start);
        hand.propose("a");
        hand.persist_all();
        CHECK(hand.acknowledge(four, 2).apply.empty());
        CHECK(hand.acknowledge(two, 2).apply.size() == 1);
    }

    SCENARIO("a configuration survives its payload, and nothing else does") {
        const Configuration configuration{{one, three}, {two, four}};
        const auto payload = encode(configuration);
        CHECK(*decode_configuration(payload) == configuration);
        for (std::size_t size = 0; size < payload.size(); ++size)
            CHECK(decode_configuration(payload.substr(0, size)).error().code == Code::corrupt);
        CHECK_FALSE(decode_configuration(payload + "x"));
        CHECK_FALSE(decode_configuration(encode(Configuration{{two, one}, {}})));
        CHECK_FALSE(decode_configuration(encode(Configuration{})));
        auto later = payload;
        later[0] = 9;
        CHECK_FALSE(decode_configuration(later));
    }
}

}  // namespace cmq::raft::test
