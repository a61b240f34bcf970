#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

VoteRequest asking(std::uint64_t last, std::uint64_t last_term) {
    return {Index{last}, Term{last_term}};
}

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("a node asks whether it would win before it disturbs anyone") {
        Hand hand(start_of({one, two, three}, 4));
        GIVEN("less than an election timeout without a leader") {
            CHECK(hand.tick(299ms).send.empty());
            CHECK(hand.state.role == Role::follower);
        }
        GIVEN("two election timeouts without one") {
            const auto output = hand.tick(600ms);
            CHECK(hand.state.role == Role::pre_candidate);
            CHECK_FALSE(output.hard);
            REQUIRE(sent<VoteRequest>(output, two).size() == 1);
            CHECK(sent<VoteRequest>(output, two)[0].pre);
            CHECK(output.send[0].term == Term{5});
            WHEN("a majority would vote for it") {
                const auto won = hand.hear(two, 5, VoteReply{true, true});
                THEN("it becomes a candidate, and asks once its own vote is on disk") {
                    CHECK(hand.state.role == Role::candidate);
                    CHECK(won.hard == HardState{Term{5}, one});
                    CHECK(won.send.empty());
                    const auto asked = hand.persist();
                    REQUIRE(sent<VoteRequest>(asked, three).size() == 1);
                    CHECK_FALSE(sent<VoteRequest>(asked, three)[0].pre);
                    CHECK(asked.send[0].term == Term{5});
                }
            }
            WHEN("nobody would") {
                hand.hear(two, 4, VoteReply{true, false});
                hand.hear(three, 4, VoteReply{true, false});
                THEN("its term stays") { CHECK(hand.state.hard.term == Term{4}); }
            }
            WHEN("the answer is that of an older question") {
                hand.hear(two, 4, VoteReply{true, true});
                THEN("it does not count") { CHECK(hand.state.role == Role::pre_candidate); }
            }
        }
    }

    SCENARIO("a majority of votes makes a leader, whose no-op follows at once") {
        Hand hand(start_of({one, two, three}, 4, log_of({1, 4})));
        hand.tick(600ms);
        hand.hear(two, 5, VoteReply{true, true});
        hand.persist();
        CHECK(hand.hear(two, 5, VoteReply{false, false}).append.empty());
        CHECK(hand.hear(four, 5, VoteReply{false, true}).append.empty());  // it has no vote
        const auto won = hand.hear(three, 5, VoteReply{false, true});
        CHECK(hand.state.role == Role::leader);
        CHECK(leader(hand.state) == one);
        REQUIRE(won.append.size() == 1);
        CHECK(won.append[0].kind == Kind::no_op);
        REQUIRE(sent<Append>(won, two).size() == 1);
        const auto append = sent<Append>(won, two)[0];
        CHECK(append.previous == Index{2});
        CHECK(append.previous_term == Term{4});
        CHECK(append.entries.size() == 1);
    }

    SCENARIO("a vote is given once a term, to who is far enough, and when it is on disk") {
        Hand hand(start_of({one, two, three}, 4, log_of({1, 3, 3})));
        GIVEN("a candidate whose log is shorter in the same last term") {
            const auto output = hand.hear(two, 5, asking(2, 3));
            CHECK_FALSE(sent<VoteReply>(output, two)[0].granted);
        }
        GIVEN("a candidate whose log is longer and ends in an older term") {
            const auto output = hand.hear(two, 5, asking(9, 2));
            CHECK_FALSE(sent<VoteReply>(output, two)[0].granted);
        }
        GIVEN("a candidate whose log is as good") {
            const auto output = hand.hear(two, 5, asking(3, 3));
            CHECK(output.hard == HardState{Term{5}, two});
            CHECK(output.send.empty());
            WHEN("the vote is on disk") {
                const auto later = hand.persist();
                THEN("it is given") { CHECK(sent<VoteReply>(later, two)[0].granted); }
                AND_THEN("again when asked again, and to nobody else") {
                    CHECK(sent<VoteReply>(hand.hear(two, 5, asking(3, 3)), two)[0].granted);
                    CHECK_FALSE(
                        sent<VoteReply>(hand.hear(three, 5, asking(3, 3)), three)[0].granted);
                }
            }
            WHEN("a higher term comes before that") {
                hand.hear(three, 6, asking(3, 3));
                THEN("only the later vote is given") {
                    CHECK(sent<VoteReply>(hand.persist(), two).empty());
                    CHECK(sent<VoteReply>(hand.persist(), three)[0].granted);
                }
            }
        }
        GIVEN("a candidate of an older term") {
            const auto output = hand.hear(two, 3, asking(9, 9));
            CHECK_FALSE(sent<VoteReply>(output, two)[0].granted);
            CHECK(output.send[0].term == Term{4});
        }
    }

    SCENARIO("who hears a leader takes no part in elections") {
        auto hand = following(4);
        GIVEN("a leader that was heard a moment ago") {
            hand.now += 299ms;
            CHECK_FALSE(
                sent<VoteReply>(hand.hear(three, 5, VoteRequest{{}, {}, true}), three)[0].granted);
            CHECK(hand.hear(three, 5, asking(9, 9)).send.empty());
            CHECK(hand.state.hard.term == Term{4});
            WHEN("the leader itself wanted the election") {
                auto request = asking(9, 9);
                request.transfer = true;
                const auto output = hand.hear(three, 5, request);
                THEN("it votes") { CHECK(output.hard == HardState{Term{5}, three}); }
            }
        }
        GIVEN("a leader that was not heard for an election timeout") {
            hand.now += 300ms;
            CHECK(
                sent<VoteReply>(hand.hear(three, 5, VoteRequest{{}, {}, true}), three)[0].granted);
            CHECK(hand.state.hard.term == Term{4});  // a pre-vote changes nothing
            hand.hear(three, 5, asking(0, 0));
            CHECK(hand.state.hard.term == Term{5});
        }
    }

    SCENARIO("a leader that has not heard a majority for an election timeout steps down") {
        auto hand = leading(start_of({one, two, three}));
        hand.tick(250ms);
        CHECK(hand.state.role == Role::leader);
        GIVEN("one follower that answers") {
            hand.acknowledge(two, 1);
            hand.tick(299ms);
            CHECK(hand.state.role == Role::leader);
        }
        GIVEN("none") {
            hand.tick(50ms);
            CHECK(hand.state.role == Role::follower);
            CHECK(leader(hand.state) == NodeId{});
        }
    }

    SCENARIO("a higher term in any message ends a lead") {
        auto hand = leading(start_of({one, two, three}));
        hand.hear(two, 9, AppendReply{});
        CHECK(hand.state.role == Role::follower);
        CHECK(hand.state.hard == HardState{Term{9}, NodeId{}});
    }

    SCENARIO("election timeouts differ, and lie between one and two times the setting") {
        std::vector<Steady::duration> waits;
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            auto start = start_of({one, two, three});
            start.seed = seed;
            const Hand hand(start);
            waits.push_back(*next_wake(hand.state) - hand.now);
            CHECK(waits.back() >= 300ms);
            CHECK(waits.back() < 600ms);
        }
        CHECK(std::ranges::adjacent_find(waits) == waits.end());
    }

    SCENARIO("a node whose bodies are missing does not stand for election") {
        auto start = start_of({one, two, three});
        start.complete = false;
        Hand hand(start);
        CHECK_FALSE(next_wake(hand.state));
        CHECK(hand.tick(10s).send.empty());
        WHEN("it has them all") {
            hand.give(Complete{true});
            THEN("it does") { CHECK(hand.tick().send.size() == 2); }
        }
        WHEN("the leader asks it to") {
            hand.hear(two, 1, Append{});
            hand.persist_all();
            hand.hear(two, 1, TimeoutNow{});
            THEN("it does not either") { CHECK(hand.state.role == Role::follower); }
        }
    }
}

}  // namespace cmq::raft::test
