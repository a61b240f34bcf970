#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

Start with(Copies copies) {
    auto start = start_of({one, two, three});
    start.options.copies = copies;
    return start;
}

/// Heartbeats for `time`, answered by `nodes`, which have all that there is.
void pass(Hand& hand, std::chrono::milliseconds time, std::initializer_list<NodeId> nodes) {
    for (auto passed = 0ms; passed < time; passed += 50ms) {
        hand.tick(50ms);
        for (const auto node : nodes) hand.acknowledge(node, hand.state.log.last().value);
    }
}

std::vector<NodeId> in_sync(const Hand& hand) {
    std::vector<NodeId> nodes;
    for (const auto& peer : status(hand.state, hand.now).peers)
        if (peer.in_sync) nodes.push_back(peer.id);
    return nodes;
}

using Nodes = std::vector<NodeId>;

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("a new leader's copies are itself and whoever acknowledges its no-op") {
        auto hand = elected(with(Copies::in_sync));
        CHECK(in_sync(hand) == Nodes{one});
        hand.acknowledge(two, 1);
        CHECK(in_sync(hand) == Nodes{one, two});
        hand.acknowledge(three, 1);
        CHECK(in_sync(hand) == Nodes{one, two, three});
        CHECK(secured(hand.state) == Index{1});
    }

    SCENARIO("an answer waits for every copy that keeps up") {
        auto hand = leading(with(Copies::in_sync));
        hand.propose("a");
        hand.persist_all();
        hand.acknowledge(two, 2);
        CHECK(hand.state.commit == Index{2});
        CHECK(secured(hand.state) == Index{1});
        WHEN("the third has it too") {
            hand.acknowledge(three, 2);
            THEN("it may be answered") { CHECK(secured(hand.state) == Index{2}); }
        }
        WHEN("the third does not get it for the patience") {
            pass(hand, 300ms, {two});
            CHECK(in_sync(hand) == Nodes{one, two, three});
            pass(hand, 100ms, {two});
            THEN("it is no copy any more, and the answer goes out") {
                CHECK(in_sync(hand) == Nodes{one, two});
                CHECK(secured(hand.state) == Index{2});
            }
            AND_WHEN("it keeps up again") {
                hand.acknowledge(three, 2);
                pass(hand, 250ms, {two, three});
                CHECK(in_sync(hand) == Nodes{one, two});
                pass(hand, 150ms, {two, three});
                THEN("it is one after the patience") {
                    CHECK(in_sync(hand) == Nodes{one, two, three});
                }
            }
            AND_WHEN("it keeps up for less than the patience, again and again") {
                for (int i = 0; i < 4; ++i) {
                    hand.acknowledge(three, hand.state.log.last().value);
                    pass(hand, 200ms, {two, three});
                    hand.propose("more");
                    hand.persist_all();
                    hand.acknowledge(two, hand.state.log.last().value);
                    pass(hand, 100ms, {two});
                }
                THEN("it is not") { CHECK(in_sync(hand) == Nodes{one, two}); }
            }
        }
    }

    SCENARIO("a slow copy that always gets there in time stays one") {
        auto hand = leading(with(Copies::in_sync));
        for (int i = 0; i < 10; ++i) {
            hand.propose("a");
            hand.persist_all();
            hand.acknowledge(two, hand.state.log.last().value);
            pass(hand, 250ms, {two});
            hand.acknowledge(three, hand.state.log.last().value);
        }
        CHECK(in_sync(hand) == Nodes{one, two, three});
    }

    SCENARIO("who comes back holds answers up, and never takes one back") {
        auto hand = leading(with(Copies::in_sync));
        hand.propose("a");
        hand.persist_all();
        pass(hand, 500ms, {two});
        REQUIRE(in_sync(hand) == Nodes{one, two});
        // Node 3 is always one heartbeat behind: that is keeping up.
        for (int i = 0; i < 12; ++i) {
            const auto before = hand.state.log.last().value;
            hand.propose("b");
            hand.persist_all();
            hand.acknowledge(two, before + 1);
            hand.acknowledge(three, before);
            const auto answered = secured(hand.state);
            hand.tick(50ms);
            CHECK(secured(hand.state) >= answered);
        }
        const auto& peer = hand.state.leading.peers[1];
        CHECK(peer.copy != Peer::Copy::out);
        CHECK(secured(hand.state) <= hand.state.log.last());
        hand.acknowledge(three, hand.state.log.last().value);
        CHECK(in_sync(hand) == Nodes{one, two, three});
    }

    SCENARIO("a node that lacks bodies is no copy") {
        auto hand = leading(with(Copies::in_sync));
        AppendReply reply;
        reply.accepted = true;
        reply.match = reply.verified = Index{1};
        reply.complete = false;
        hand.tick(50ms);
        reply.round = hand.state.leading.round;
        hand.hear(three, hand.term(), reply);
        hand.tick(50ms);
        CHECK(in_sync(hand) == Nodes{one, two});
    }

    SCENARIO("no answer waits for a node that says goodbye") {
        auto hand = leading(with(Copies::in_sync));
        pass(hand, 400ms, {two, three});  // a new leader welcomes copies sooner
        hand.propose("a");
        hand.persist_all();
        hand.acknowledge(two, 2);
        REQUIRE(secured(hand.state) == Index{1});
        auto goodbye = hand.acknowledgement(1);
        goodbye.complete = false;
        goodbye.stands_back = true;
        hand.hear(three, hand.term(), goodbye);
        CHECK(in_sync(hand) == Nodes{one, two});
        CHECK(secured(hand.state) == Index{2});
        THEN("an earlier word of it, late, does not bring it back") {
            hand.acknowledge(three, 2);
            CHECK(in_sync(hand) == Nodes{one, two});
        }
        THEN("what it still acknowledges counts for commit") {
            hand.propose("b");
            hand.persist_all();
            goodbye.match = goodbye.verified = Index{3};
            hand.hear(three, hand.term(), goodbye);
            CHECK(hand.state.commit == Index{3});
            CHECK(secured(hand.state) == Index{2});
            hand.acknowledge(two, 3);
            CHECK(secured(hand.state) == Index{3});
        }
        WHEN("its next life keeps up") {
            pass(hand, 300ms, {two, three});
            CHECK(in_sync(hand) == Nodes{one, two});
            pass(hand, 150ms, {two, three});
            CHECK(in_sync(hand) == Nodes{one, two, three});
            THEN("the goodbye of the last one, late, changes nothing") {
                hand.hear(three, hand.term(), goodbye);
                hand.acknowledge(three, 2);
                hand.tick(50ms);
                hand.acknowledge(three, 2);
                CHECK(hand.state.leading.peers[1].complete);
            }
        }
    }

    SCENARIO("with `all` a goodbye refuses proposals at once, and what is under way is answered") {
        auto hand = leading(with(Copies::all));
        hand.propose("a");
        hand.persist_all();
        hand.acknowledge(two, 2);
        auto reply = hand.acknowledgement(1);
        reply.complete = false;
        hand.hear(three, hand.term(), reply);
        CHECK(lacks_copies(hand.state));
        CHECK(secured(hand.state) == Index{1});
        reply.match = reply.verified = Index{2};
        hand.hear(three, hand.term(), reply);
        CHECK(secured(hand.state) == Index{2});
    }

    SCENARIO("the leader's own disk counts too") {
        auto hand = leading(with(Copies::in_sync));
        hand.propose("a");
        hand.acknowledge(two, 2);
        hand.acknowledge(three, 2);
        CHECK(hand.state.commit == Index{2});
        CHECK(secured(hand.state) == Index{1});
        hand.persist_all();
        CHECK(secured(hand.state) == Index{2});
    }

    SCENARIO("with `majority` an answer waits for a majority") {
        auto hand = leading(with(Copies::majority));
        hand.propose("a");
        hand.persist_all();
        hand.acknowledge(two, 2);
        CHECK(secured(hand.state) == Index{2});
        CHECK_FALSE(lacks_copies(hand.state));
    }

    SCENARIO(
        "with `all` an answer waits for all, and proposals are refused when one does not keep up") {
        auto hand = leading(with(Copies::all));
        CHECK_FALSE(lacks_copies(hand.state));
        hand.propose("a");
        hand.persist_all();
        hand.acknowledge(two, 2);
        pass(hand, 500ms, {two});
        CHECK(secured(hand.state) == Index{1});
        CHECK(lacks_copies(hand.state));
        pass(hand, 500ms, {two, three});
        CHECK(secured(hand.state) == Index{2});
        CHECK_FALSE(lacks_copies(hand.state));
    }

    SCENARIO("who does not lead secures nothing") {
        auto hand = leading(with(Copies::in_sync));
        hand.hear(two, 9, Append{});
        CHECK(secured(hand.state) == Index{});
    }

    SCENARIO("people see who is where") {
        auto start = start_of({one, two, three});
        start.base.configuration.learners = {four};
        auto hand = leading(start);
        pass(hand, 400ms, {two});
        const auto group = status(hand.state, hand.now);
        CHECK(group.role == Role::leader);
        CHECK(group.leader == one);
        REQUIRE(group.peers.size() == 4);
        CHECK(group.peers[0].id == one);
        CHECK(group.peers[1].heard);
        CHECK(group.peers[1].in_sync);
        CHECK_FALSE(group.peers[2].heard);
        CHECK(group.peers[2].voter);
        CHECK_FALSE(group.peers[3].voter);
        CHECK_FALSE(group.peers[3].in_sync);
    }
}

}  // namespace cmq::raft::test
