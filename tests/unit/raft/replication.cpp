#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

AppendReply refusal(std::uint64_t refused, std::uint64_t hint, std::uint64_t hint_term) {
    AppendReply reply;
    reply.refused = Index{refused};
    reply.hint = Index{hint};
    reply.hint_term = Term{hint_term};
    return reply;
}

/// Leads in term 9 with these terms in its log, and node 2 has not answered yet.
Hand leader_with(std::initializer_list<std::uint64_t> terms, Options options = {}) {
    auto start = start_of({one, two, three}, 8, log_of(terms));
    start.options = options;
    return elected(std::move(start));
}

Append only_append(const Output& output, NodeId to = two) {
    const auto appends = sent<Append>(output, to);
    REQUIRE(appends.size() == 1);
    return appends[0];
}

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("a leader's appends leave at once, beside its own write") {
        auto hand = leading(start_of({one, two, three}));
        const auto output = hand.propose("a");
        CHECK(output.append.size() == 1);
        CHECK(only_append(output, two).entries.size() == 1);
        CHECK(only_append(output, three).entries.size() == 1);
        CHECK(output.apply.empty());
        WHEN("both followers have it first") {
            hand.acknowledge(two, 2);
            CHECK(hand.state.commit == Index{1});  // one copy, and our own is not there yet
            const auto committed = hand.acknowledge(three, 2);
            THEN("it is committed before it is on disk here") {
                CHECK(committed.apply.size() == 1);
                CHECK(hand.state.durable == Index{1});
            }
        }
        WHEN("it is on disk here, and at one follower") {
            CHECK(hand.persist().apply.empty());
            THEN("it is committed") { CHECK(hand.acknowledge(three, 2).apply.size() == 1); }
        }
    }

    SCENARIO("an old term's entries are committed with the first of the leader's own") {
        auto hand = leader_with({1, 2, 2});
        CHECK(hand.acknowledge(two, 3).apply.empty());
        CHECK(hand.acknowledge(three, 3).apply.empty());
        const auto output = hand.acknowledge(three, 4);
        REQUIRE(output.apply.size() == 4);
        CHECK(output.apply[3].term == Term{9});
        CHECK(leads(hand.state));
    }

    SCENARIO("until it knows where the logs agree, a leader asks one question at a time") {
        auto hand = leader_with({1, 1, 4, 4, 4, 5, 5, 6, 6});
        GIVEN("a follower that is behind") {
            const auto again = only_append(hand.hear(two, 9, refusal(9, 4, 4)));
            CHECK(again.previous == Index{4});
            CHECK(again.previous_term == Term{4});
            CHECK(again.entries.size() == 6);
            WHEN("it agrees") {
                AppendReply reply;
                reply.accepted = true;
                reply.match = Index{4};
                reply.verified = Index{10};
                const auto rest = hand.hear(two, 9, reply);
                THEN("the rest follows without questions") {
                    CHECK(sent<Append>(rest, two).empty());  // it has all, though not on disk
                    hand.acknowledge(three, 10);
                    CHECK(only_append(hand.propose("b")).previous == Index{10});
                    CHECK(only_append(hand.propose("c")).previous == Index{11});
                }
            }
            WHEN("an older refusal comes late") {
                THEN("it is not heard") { CHECK(hand.hear(two, 9, refusal(9, 1, 1)).send.empty()); }
            }
        }
        GIVEN("a follower with entries of terms that the leader never had") {
            // Its last entry of at most term 6 is of term 3: nothing after our term 1 is there.
            const auto again = only_append(hand.hear(two, 9, refusal(9, 9, 3)));
            THEN("whole terms are skipped") { CHECK(again.previous == Index{2}); }
        }
    }

    SCENARIO("what is in flight to a follower is bounded") {
        Options options;
        options.window_messages = 3;
        auto hand = leader_with({1}, options);
        hand.acknowledge(two, 2);
        hand.acknowledge(three, 2);
        for (int i = 0; i < 3; ++i) CHECK(sent<Append>(hand.propose("a"), two).size() == 1);
        CHECK(sent<Append>(hand.propose("b"), two).empty());
        CHECK(sent<Append>(hand.propose("c"), two).empty());
        WHEN("some of it arrived") {
            const auto more = only_append(hand.acknowledge(two, 3));
            THEN("what has gathered goes in one") {
                CHECK(more.previous == Index{5});
                CHECK(more.entries.size() == 2);
            }
        }
        WHEN("bytes are the limit") {
            hand.state.options.window_bytes = 1;
            THEN("the same holds") { CHECK(sent<Append>(hand.acknowledge(two, 3), two).empty()); }
        }
    }

    SCENARIO("a message carries no more bytes than the setting, or one entry") {
        Options options;
        options.append_bytes_max = 3 * (sizeof(Entry) + 1);
        auto hand = leader_with({1, 1, 1, 1, 1}, options);
        const auto first = only_append(hand.hear(two, 9, refusal(5, 0, 0)));
        CHECK(first.entries.size() == 3);
        hand.state.options.append_bytes_max = 1;
        const auto second = sent<Append>(hand.acknowledge(two, 3), two);
        CHECK(second.size() == 3);
        CHECK(second[0].entries.size() == 1);
    }

    SCENARIO("a heartbeat finds out what was lost") {
        auto hand = leading(start_of({one, two, three}));
        hand.propose("lost");
        const auto beat = only_append(hand.tick(50ms));
        CHECK(beat.entries.empty());
        CHECK(beat.previous == Index{2});
        const auto again = only_append(hand.hear(two, hand.term(), refusal(2, 1, 1)));
        CHECK(again.previous == Index{1});
        CHECK(again.entries.size() == 1);
    }

    SCENARIO("answers of an earlier term, of strangers, and of nobody count for nothing") {
        auto hand = leading(start_of({one, two, three}));
        hand.propose("a");
        hand.persist_all();
        AppendReply reply;
        reply.accepted = true;
        reply.match = reply.verified = Index{2};
        CHECK(hand.hear(two, 0, reply).apply.empty());
        CHECK(hand.hear(four, hand.term(), reply).apply.empty());
        hand.give(Received{Message{two, three, Term{hand.term()}, reply}});
        CHECK(hand.state.commit == Index{1});
        WHEN("a follower claims more than there is") {
            reply.match = reply.verified = Index{99};
            hand.hear(two, hand.term(), reply);
            THEN("it has all that there is") { CHECK(hand.state.commit == Index{2}); }
        }
    }

    SCENARIO("committed entries leave memory when their bytes are over the budget") {
        Options options;
        options.recent_bytes = 2 * (sizeof(Entry) + 1);
        auto start = start_of({one, two, three});
        start.options = options;
        auto hand = leading(start);
        for (int i = 0; i < 6; ++i) hand.propose("x");
        hand.acknowledge(two, 7);
        CHECK(hand.state.log.floor() == Index{});  // not on disk here: it cannot be read from there
        CHECK(hand.acknowledge(three, 7).apply.size() == 6);
        CHECK(hand.state.log.floor() == Index{1});
        hand.persist_all();
        CHECK(hand.state.log.floor() == Index{5});
        CHECK(hand.state.log.term_at(Index{2}) == Term{1});
        WHEN("a follower needs them") {
            AppendReply reply = refusal(7, 2, 1);
            hand.state.leading.peers[0].match = Index{1};
            const auto asked = hand.hear(two, hand.term(), reply);
            REQUIRE(asked.load.size() == 1);
            CHECK(asked.load[0].peer == two);
            CHECK(asked.load[0].previous == Index{2});
            CHECK(hand.tick(50ms).load.empty());  // asked once
            const auto& all = hand.state.log;
            (void)all;
            THEN("they come from the log on disk") {
                std::vector<Entry> entries(1);
                entries[0] = Entry{Index{3}, Term{1}, Kind::command, 0, make_blob("x")};
                const auto sending = hand.give(Loaded{two, Index{2}, Term{1}, entries, false});
                CHECK(only_append(sending).entries.size() == 1);
                CHECK(only_append(sending).previous_term == Term{1});
            }
            THEN("what an older file has in place of our entry is not sent") {
                std::vector<Entry> entries(1);
                entries[0] = Entry{Index{3}, Term{2}, Kind::command, 0, make_blob("replaced")};
                CHECK(hand.give(Loaded{two, Index{2}, Term{1}, entries, false}).send.empty());
                CHECK(hand.tick(50ms).load.size() == 1);  // asked for again
            }
            THEN("when they cannot be read now, they are asked for again") {
                hand.give(Loaded{two, Index{2}, Term{1}, {}, false});
                CHECK(hand.tick(50ms).load.size() == 1);
            }
            THEN("when they are gone, a snapshot is asked for, once") {
                const auto gone = hand.give(Loaded{two, Index{2}, {}, {}, true});
                REQUIRE(gone.snapshot.size() == 1);
                CHECK(gone.snapshot[0] == two);
                CHECK(only_append(hand.tick(50ms)).previous == Index{});
                CHECK(hand.tick(50ms).snapshot.empty());
            }
        }
    }

    SCENARIO("a lone node keeps no committed entries in memory") {
        auto start = start_of({one});
        Hand hand(start);
        hand.tick();
        hand.persist_all();
        for (int i = 0; i < 5; ++i) {
            hand.propose("x");
            hand.persist_all();
        }
        CHECK(hand.state.log.floor() == hand.state.log.last());
    }
}

}  // namespace cmq::raft::test
