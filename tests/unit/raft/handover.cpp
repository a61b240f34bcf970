#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {

TEST_SUITE("unit/raft") {
    SCENARIO("a leader hands over to who has everything") {
        auto hand = leading(start_of({one, two, three}));
        hand.propose("a");
        hand.persist_all();
        CHECK(hand.give(Transfer{two}).send.empty());
        CHECK_FALSE(leads(hand.state));
        CHECK(sent<TimeoutNow>(hand.acknowledge(three, 2), two).empty());
        CHECK(sent<TimeoutNow>(hand.acknowledge(two, 2), two).size() == 1);
        WHEN("the request is lost") {
            THEN("it is said again") { CHECK(sent<TimeoutNow>(hand.tick(50ms), two).size() == 1); }
        }
        WHEN("an election timeout passes") {
            for (int i = 0; i < 6; ++i) {
                hand.tick(50ms);
                hand.acknowledge(two, 2);
            }
            THEN("it goes on leading") { CHECK(leads(hand.state)); }
        }
        WHEN("the successor stands for election") {
            VoteRequest request{Index{2}, Term{1}, false, true};
            const auto output = hand.hear(two, 2, request);
            THEN("it gets the vote of the old leader") {
                CHECK(output.hard == HardState{Term{2}, two});
                CHECK(hand.state.role == Role::follower);
            }
        }
    }

    SCENARIO("a leader answers all that was proposed before it hands over") {
        auto hand = leading(start_of({one, two, three}));
        hand.acknowledge(two, 1);
        hand.acknowledge(three, 1);
        hand.propose("a");
        hand.give(Transfer{two});
        WHEN("its own disk is the last") {
            hand.acknowledge(three, 2);
            CHECK(sent<TimeoutNow>(hand.acknowledge(two, 2), two).empty());
            CHECK(sent<TimeoutNow>(hand.persist(), two).size() == 1);
            CHECK(secured(hand.state) == Index{2});
        }
        WHEN("a copy is late") {
            hand.persist_all();
            CHECK(sent<TimeoutNow>(hand.acknowledge(two, 2), two).empty());
            THEN("it waits for it") {
                CHECK(sent<TimeoutNow>(hand.acknowledge(three, 2), two).size() == 1);
            }
            THEN("but not for long") {
                CHECK(sent<TimeoutNow>(hand.tick(149ms), two).empty());
                CHECK(sent<TimeoutNow>(hand.tick(51ms), two).size() == 1);
            }
        }
    }

    SCENARIO("whoever is best takes over when nobody is named") {
        auto hand = leading(start_of({one, two, three}));
        hand.propose("a");
        hand.persist_all();
        hand.acknowledge(three, 2);
        hand.give(Transfer{});
        CHECK(sent<TimeoutNow>(hand.acknowledge(two, 2), three).size() == 1);
    }

    SCENARIO("who stands back leads no more, as long as others do") {
        auto hand = leading(start_of({one, two, three}));
        hand.acknowledge(two, 1);
        hand.persist_all();
        CHECK(sent<TimeoutNow>(hand.give(StandBack{}), two).size() == 1);
        hand.hear(two, 2, Append{Index{1}, Term{1}, {}, Index{1}, 1});
        CHECK(hand.state.role == Role::follower);
        hand.hear(two, 2, TimeoutNow{});
        CHECK(hand.state.role == Role::follower);
        THEN("it waits longer than others do") {
            hand.tick(2s);
            CHECK(hand.state.role == Role::follower);
        }
        THEN("it stands for election when nobody else does") {
            hand.tick(7s);
            CHECK(hand.state.role == Role::pre_candidate);
        }
    }

    SCENARIO("who stands back is not asked to take over") {
        auto hand = leading(start_of({one, two, three}));
        hand.propose("a");
        hand.persist_all();
        auto reply = hand.acknowledgement(2);
        reply.stands_back = true;
        hand.hear(two, hand.term(), reply);
        hand.give(Transfer{two});
        CHECK(leads(hand.state));
        WHEN("there is another") {
            hand.give(Transfer{});
            THEN("that one takes over, though it is behind") {
                CHECK(sent<TimeoutNow>(hand.acknowledge(three, 2), three).size() == 1);
            }
        }
        WHEN("all others do") {
            hand.hear(three, hand.term(), reply);
            hand.give(Transfer{});
            THEN("the leader goes on") { CHECK(leads(hand.state)); }
        }
        WHEN("it has begun anew") {
            hand.tick(50ms);
            hand.acknowledge(two, 2);
            hand.give(Transfer{two});
            THEN("it may") { CHECK_FALSE(leads(hand.state)); }
        }
    }

    SCENARIO("a follower that leaves says so at once, and again with each answer") {
        auto hand = following(1, log_of({1}));
        hand.persist_all();
        const auto goodbye = sent<AppendReply>(hand.give(Leave{}), two);
        REQUIRE(goodbye.size() == 1);
        CHECK(goodbye[0].accepted);
        CHECK_FALSE(goodbye[0].complete);
        CHECK(goodbye[0].stands_back);
        const auto again = sent<AppendReply>(hand.hear(two, 1, Append{{}, {}, {}, {}, 7}), two);
        REQUIRE(again.size() == 1);
        CHECK_FALSE(again[0].complete);
        hand.hear(two, 1, TimeoutNow{});
        CHECK(hand.state.role == Role::follower);
        THEN("it tells whoever leads next") {
            hand.hear(three, 2, Append{{}, {}, {}, {}, 1});
            const auto next = sent<AppendReply>(hand.persist(), three);
            REQUIRE(next.size() == 1);
            CHECK_FALSE(next[0].complete);
        }
    }

    SCENARIO("a leader that leaves hands over, and is no copy of its successor's") {
        auto hand = leading(start_of({one, two, three}));
        hand.acknowledge(two, 1);
        hand.persist_all();
        CHECK(sent<TimeoutNow>(hand.give(Leave{}), two).size() == 1);
        hand.hear(two, 2, Append{Index{1}, Term{1}, {}, Index{1}, 1});
        const auto reply = sent<AppendReply>(hand.persist(), two);
        REQUIRE(reply.size() == 1);
        CHECK(reply[0].match == Index{1});
        CHECK_FALSE(reply[0].complete);
    }

    SCENARIO("nobody takes over who may not") {
        auto start = start_of({one, two, three});
        start.base.configuration.learners = {four};
        auto hand = leading(start);
        hand.acknowledge(four, 1);
        for (const auto to : {one, four, NodeId{9}}) {
            hand.give(Transfer{to});
            CHECK(leads(hand.state));
        }
        GIVEN("a node whose bodies are missing") {
            AppendReply reply;
            reply.accepted = true;
            reply.complete = false;
            reply.round = hand.state.leading.round;
            hand.hear(two, hand.term(), reply);
            hand.give(Transfer{two});
            CHECK(leads(hand.state));
        }
        GIVEN("a node that was not heard for an election timeout") {
            for (int i = 0; i < 6; ++i) {
                hand.tick(50ms);
                hand.acknowledge(three, 1);
            }
            hand.give(Transfer{two});
            CHECK(leads(hand.state));
        }
    }

    SCENARIO("who is told to take over stands at once, and says that the leader wants it") {
        auto hand = following(1, log_of({1}));
        CHECK(hand.hear(three, 1, TimeoutNow{}).hard == std::nullopt);  // it does not lead
        const auto output = hand.hear(two, 1, TimeoutNow{});
        CHECK(output.hard == HardState{Term{2}, one});
        CHECK(output.send.empty());
        const auto asked = sent<VoteRequest>(hand.persist(), three);
        REQUIRE(asked.size() == 1);
        CHECK(asked[0].transfer);
        CHECK_FALSE(asked[0].pre);
    }
}

}  // namespace cmq::raft::test
