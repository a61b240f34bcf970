#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

Base base_of(const std::vector<Entry>& log, std::uint64_t index) {
    const auto& entry = log[index - 1];
    return {entry.index, entry.term, entry.chain, {{one, two, three}, {}}};
}

/// Leads a log that begins behind entry 5, and node 2 has none of it.
Hand leader_without_beginning() {
    auto start = start_of({one, two, three}, 1);
    start.base = base_of(log_of({1, 1, 1, 1, 1}), 5);
    auto hand = elected(std::move(start));
    hand.acknowledge(three, 6);
    AppendReply refusal;
    refusal.refused = Index{5};
    refusal.round = 1;
    hand.hear(two, hand.term(), refusal);
    return hand;
}

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("a snapshot takes the place of a log that it is ahead of") {
        auto hand = following(2, log_of({1, 1}));
        const auto base = base_of(log_of({1, 1, 1, 1, 2}), 5);
        const auto output = hand.give(Installed{two, Term{2}, base});
        REQUIRE(output.install);
        CHECK(*output.install == base);
        CHECK(output.send.empty());
        CHECK(hand.state.commit == Index{5});
        CHECK(hand.state.log.last() == Index{5});
        WHEN("it is on disk") {
            const auto replies = sent<AppendReply>(hand.persist(), two);
            THEN("it is acknowledged") {
                REQUIRE(replies.size() == 1);
                CHECK(replies[0].match == Index{5});
            }
            AND_THEN("the log goes on behind it") {
                const auto more = log_of({1, 1, 1, 1, 2, 2});
                hand.hear(two, 2, Append{Index{5}, Term{2}, part(more, 6, 6), Index{6}});
                CHECK(hand.state.commit == Index{6});
            }
        }
        WHEN("it comes again") {
            THEN("it is not taken") {
                CHECK_FALSE(hand.give(Installed{two, Term{2}, base}).install);
            }
        }
    }

    SCENARIO("what a log has above a snapshot stays, when it has what the snapshot ends with") {
        const auto log = log_of({1, 1, 1, 2, 2});
        auto hand = following(2, log);
        GIVEN("the same entry there") {
            const auto output = hand.give(Installed{two, Term{2}, base_of(log, 3)});
            CHECK(output.install);
            CHECK(hand.state.log.last() == Index{5});
            CHECK(hand.state.durable == Index{5});
            CHECK(sent<AppendReply>(hand.persist(), two)[0].match == Index{3});
        }
        GIVEN("another entry there") {
            hand.give(Installed{two, Term{2}, base_of(log_of({1, 1, 2}), 3)});
            CHECK(hand.state.log.last() == Index{3});
            CHECK(hand.state.durable == Index{});
            hand.persist();
            CHECK(hand.state.durable == Index{3});
        }
        GIVEN("the same term there, and another chain") {
            auto base = base_of(log, 3);
            base.chain ^= 1;
            CHECK_FALSE(hand.give(Installed{two, Term{2}, base}).damaged.empty());
        }
    }

    SCENARIO("a snapshot brings its configuration") {
        auto hand = following(2);
        auto base = base_of(log_of({1, 1}), 2);
        base.configuration = {{two, three}, {one}};
        hand.give(Installed{two, Term{2}, base});
        CHECK(hand.state.configuration() == base.configuration);
        CHECK(configuration_at(hand.state, Index{2}) == base.configuration);
    }

    SCENARIO("a snapshot of an old leader, or of what is committed here, is not taken") {
        const auto log = log_of({1, 1, 1});
        auto hand = following(3, log);
        hand.hear(two, 3, Append{Index{3}, Term{1}, {}, Index{2}});
        CHECK_FALSE(hand.give(Installed{two, Term{2}, base_of(log, 3)}).install);
        CHECK_FALSE(hand.give(Installed{two, Term{3}, base_of(log, 2)}).install);
        CHECK(hand.give(Installed{three, Term{4}, base_of(log, 3)}).install);
        CHECK(hand.state.hard.term == Term{4});
    }

    SCENARIO(
        "entries from before the leader's log are asked for from the disk, then as a snapshot") {
        auto hand = leader_without_beginning();
        CHECK(hand.state.leading.peers[0].loading);
        const auto gone = hand.give(Loaded{two, Index{}, {}, {}, true});
        REQUIRE(gone.snapshot == std::vector<NodeId>{two});
        WHEN("it was sent") {
            const auto output = hand.give(SnapshotSent{two, Index{6}, true});
            THEN("the log follows behind it") {
                const auto appends = sent<Append>(output, two);
                REQUIRE(appends.size() == 1);
                CHECK(appends[0].previous == Index{6});
            }
        }
        WHEN("it failed") {
            CHECK(hand.give(SnapshotSent{two, Index{6}, false}).send.empty());
            THEN("the next heartbeat tries again") {
                CHECK(hand.tick(50ms).load.size() == 1);
                CHECK(hand.give(Loaded{two, Index{}, {}, {}, true}).snapshot.size() == 1);
            }
        }
        WHEN("the follower says that it has enough") {
            hand.acknowledge(two, 5);
            THEN("the log follows") {
                CHECK(hand.state.leading.peers[0].mode == Peer::Mode::replicate);
            }
        }
    }

    SCENARIO("what was loaded and is lost on the way is found out by a heartbeat") {
        auto hand = leader_without_beginning();
        auto& peer = hand.state.leading.peers[0];
        peer.mode = Peer::Mode::replicate;
        const auto log = log_of({1, 1, 1, 1, 1});
        hand.give(Loaded{two, Index{}, {}, part(log, 1, 2), false});
        hand.give(Loaded{two, Index{2}, Term{1}, {}, false});
        const auto beat = sent<Append>(hand.tick(50ms), two)[0];
        CHECK(beat.previous == Index{2});
        CHECK(beat.previous_term == Term{1});
    }
}

}  // namespace cmq::raft::test
