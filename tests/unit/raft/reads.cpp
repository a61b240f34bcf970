#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {

TEST_SUITE("unit/raft") {
    SCENARIO("a lone node answers reads at once") {
        Hand hand(start_of({one}));
        hand.tick();
        hand.persist_all();
        const auto output = hand.give(Read{7});
        REQUIRE(output.reads.size() == 1);
        CHECK(output.reads[0].ok);
        CHECK(output.reads[0].id == 7);
        CHECK(output.reads[0].index == Index{1});
    }

    SCENARIO("a read waits until a majority has answered a heartbeat that was sent after it came") {
        auto hand = leading(start_of({one, two, three}));
        const auto asked = hand.give(Read{7});
        CHECK(asked.reads.empty());
        CHECK(sent<Append>(asked, two).size() == 1);
        GIVEN("an answer to an earlier heartbeat") {
            AppendReply reply;
            reply.accepted = true;
            reply.round = hand.state.leading.round - 1;
            CHECK(hand.hear(two, hand.term(), reply).reads.empty());
        }
        GIVEN("an answer to that one, even a refusal") {
            AppendReply reply;
            reply.round = hand.state.leading.round;
            const auto output = hand.hear(two, hand.term(), reply);
            REQUIRE(output.reads.size() == 1);
            CHECK(output.reads[0].ok);
        }
        GIVEN("more reads meanwhile: they share the next heartbeat") {
            CHECK(hand.give(Read{8}).send.empty());
            CHECK(hand.give(Read{9}).send.empty());
            const auto first = hand.acknowledge(two, 1);
            CHECK(first.reads.size() == 1);
            CHECK(sent<Append>(first, three).size() == 1);
            CHECK(hand.acknowledge(three, 1).reads.size() == 2);
        }
        GIVEN("the end of the lead") {
            const auto output = hand.hear(two, 9, AppendReply{});
            REQUIRE(output.reads.size() == 1);
            CHECK_FALSE(output.reads[0].ok);
        }
    }

    SCENARIO("a leader that has committed nothing of its own term answers no reads") {
        auto hand = elected(start_of({one, two, three}, 1, log_of({1})));
        const auto output = hand.give(Read{1});
        REQUIRE(output.reads.size() == 1);
        CHECK_FALSE(output.reads[0].ok);
        hand.acknowledge(two, 2);
        CHECK(hand.give(Read{2}).reads.empty());
        CHECK(hand.acknowledge(two, 2).reads[0].index == Index{2});
    }

    SCENARIO("who does not lead answers no reads") {
        auto hand = following(1);
        CHECK_FALSE(hand.give(Read{1}).reads[0].ok);
    }
}

}  // namespace cmq::raft::test
