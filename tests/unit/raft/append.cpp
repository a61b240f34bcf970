#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

Append append_of(std::uint64_t previous, std::uint64_t previous_term, std::vector<Entry> entries,
                 std::uint64_t commit = 0) {
    return {Index{previous}, Term{previous_term}, std::move(entries), Index{commit}, 1};
}

AppendReply only_reply(const Output& output) {
    const auto replies = sent<AppendReply>(output, two);
    REQUIRE(replies.size() == 1);
    return replies[0];
}

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("entries are acknowledged when they are on disk") {
        auto hand = following(1);
        const auto log = log_of({1, 1, 1});
        const auto output = hand.hear(two, 1, append_of(0, 0, log, 2));
        CHECK(output.append.size() == 3);
        CHECK(output.apply.size() == 2);  // committed elsewhere: applied before it is on disk here
        CHECK(output.send.empty());
        const auto later = only_reply(hand.persist());
        CHECK(later.accepted);
        CHECK(later.match == Index{3});
        WHEN("a late copy comes") {
            const auto again = hand.hear(two, 1, append_of(0, 0, part(log, 1, 2), 2));
            THEN("nothing is written or cut off, and it is acknowledged at once") {
                CHECK(again.append.empty());
                CHECK(only_reply(again).match == Index{3});
                CHECK(hand.state.log.last() == Index{3});
            }
        }
    }

    SCENARIO("a heartbeat is answered at once, with what is on disk so far") {
        auto hand = following(1);
        hand.hear(two, 1, append_of(0, 0, log_of({1, 1})));
        auto heartbeat = append_of(2, 1, {});
        heartbeat.round = 7;
        const auto reply = only_reply(hand.hear(two, 1, heartbeat));
        CHECK(reply.accepted);
        CHECK(reply.match == Index{});
        CHECK(reply.verified == Index{2});
        CHECK(reply.round == 7);
    }

    SCENARIO("nothing is promised in a term that is not on disk") {
        Hand hand(start_of({one, two, three}, 1, log_of({1, 1})));
        CHECK(hand.hear(two, 2, append_of(2, 1, {})).send.empty());
        const auto reply = only_reply(hand.persist());
        CHECK(reply.accepted);
        CHECK(reply.match == Index{2});
    }

    SCENARIO("what was not compared with this leader's log is not acknowledged") {
        auto hand = following(2, log_of({1, 1, 1, 1}));
        const auto reply = only_reply(hand.hear(two, 2, append_of(2, 1, {})));
        CHECK(reply.match == Index{2});
        CHECK(reply.verified == Index{2});
        WHEN("the next leader compares more") {
            hand.hear(three, 3, append_of(4, 1, {}));
            const auto replies = sent<AppendReply>(hand.persist(), three);
            THEN("that is") { CHECK(replies[0].match == Index{4}); }
        }
        WHEN("it has compared nothing") {
            hand.hear(three, 3, append_of(0, 0, {}));
            const auto replies = sent<AppendReply>(hand.persist(), three);
            THEN("nothing is") { CHECK(replies[0].match == Index{}); }
        }
    }

    SCENARIO(
        "an append that leaves a gap, or follows another term's entry, is refused with a hint") {
        auto hand = following(6, log_of({1, 1, 2, 2, 2, 4, 4}));
        GIVEN("a log that is longer than ours") {
            const auto reply = only_reply(hand.hear(two, 6, append_of(9, 6, {})));
            CHECK_FALSE(reply.accepted);
            CHECK(reply.refused == Index{9});
            CHECK(reply.hint == Index{7});
            CHECK(reply.hint_term == Term{4});
        }
        GIVEN("a log that has another term there: whole terms are skipped") {
            const auto reply = only_reply(hand.hear(two, 6, append_of(7, 3, {})));
            CHECK(reply.hint == Index{5});
            CHECK(reply.hint_term == Term{2});
        }
        GIVEN("what is committed here") {
            hand.hear(two, 6, append_of(4, 2, {}, 4));
            const auto reply = only_reply(hand.hear(two, 6, append_of(7, 1, {})));
            THEN("the hint is not below it") { CHECK(reply.hint == Index{4}); }
        }
    }

    SCENARIO("entries that differ are replaced, with all that follows them") {
        auto hand = following(3, log_of({1, 1, 2, 2}));
        auto entries = part(log_of({1, 1, 3}), 3, 3);
        const auto output = hand.hear(two, 3, append_of(2, 1, entries));
        REQUIRE(output.append.size() == 1);
        CHECK(output.append[0].index == Index{3});
        CHECK(output.append[0].term == Term{3});
        CHECK(hand.state.log.last() == Index{3});
        CHECK(hand.state.durable == Index{2});
        CHECK(only_reply(hand.persist()).match == Index{3});
    }

    SCENARIO("what comes back after it was cut off counts only when all writes are done") {
        // 3 and 4 are written, cut off by node 2, and brought back by node 3, all in flight.
        auto hand = following(2, log_of({1, 1}));
        const auto old = log_of({1, 1, 2, 2});
        hand.hear(two, 2, append_of(2, 1, part(old, 3, 4)));
        hand.hear(three, 3, append_of(2, 1, part(log_of({1, 1, 3}), 3, 3)));
        hand.hear(two, 4, append_of(2, 1, part(old, 3, 4)));
        CHECK(hand.state.log.last_term() == Term{2});
        REQUIRE(hand.writes.size() == 3);
        hand.persist();
        CHECK(hand.state.durable == Index{2});
        hand.persist();
        CHECK(hand.state.durable == Index{2});
        hand.persist();
        CHECK(hand.state.durable == Index{4});
    }

    SCENARIO("a log that cannot be ours stops the node, and never by an abort") {
        auto hand = following(3, log_of({1, 1, 1}));
        hand.hear(two, 3, append_of(3, 1, {}, 3));
        auto entries = part(log_of({1, 1, 1, 3}), 4, 4);
        GIVEN("an entry with another chain") {
            entries[0].chain ^= 1;
            CHECK_FALSE(hand.hear(two, 3, append_of(3, 1, entries)).damaged.empty());
        }
        GIVEN("a payload that was changed") {
            entries[0].payload = make_blob("changed");
            CHECK_FALSE(hand.hear(two, 3, append_of(3, 1, entries)).damaged.empty());
        }
        GIVEN("a committed entry of another term") {
            entries = part(log_of({1, 1, 2}), 3, 3);
            CHECK_FALSE(hand.hear(two, 3, append_of(2, 1, entries)).damaged.empty());
        }
        GIVEN("entries that leave a gap") {
            entries = part(log_of({1, 1, 1, 3, 3}), 5, 5);
            CHECK_FALSE(hand.hear(two, 3, append_of(3, 1, entries)).damaged.empty());
        }
        GIVEN("a term beyond the leader's") {
            entries = part(log_of({1, 1, 1, 9}), 4, 4);
            CHECK_FALSE(hand.hear(two, 3, append_of(3, 1, entries)).damaged.empty());
        }
        GIVEN("an entry without a payload") {
            entries[0].payload = nullptr;
            CHECK_FALSE(hand.hear(two, 3, append_of(3, 1, entries)).damaged.empty());
        }
        GIVEN("a configuration that cannot be read") {
            auto& entry = entries[0];
            entry.kind = Kind::configuration;
            entry.chain = chain_of(entry.kind, *entry.payload, log_of({1, 1, 1}).back().chain);
            CHECK_FALSE(hand.hear(two, 3, append_of(3, 1, entries)).damaged.empty());
        }
        THEN("nothing comes out of it any more") {
            if (hand.state.damaged.empty()) return;
            CHECK(hand.tick(10s).send.empty());
            CHECK_FALSE(next_wake(hand.state));
        }
    }

    SCENARIO("a leader of an older term learns that it is one") {
        auto hand = following(4, log_of({1}));
        const auto output = hand.hear(three, 3, append_of(0, 0, log_of({1, 3})));
        CHECK(output.append.empty());
        REQUIRE(output.send.size() == 1);
        CHECK(output.send[0].to == three);
        CHECK(output.send[0].term == Term{4});
        CHECK_FALSE(sent<AppendReply>(output, three)[0].accepted);
    }
}

}  // namespace cmq::raft::test
