// The stories of the Raft paper and dissertation, as transcripts (raft_transcript.h).

#include <doctest/doctest.h>

#include "tests/simulation/raft_transcript.h"

using namespace cmq::simulation;

namespace {

void tells(std::string_view transcript) {
    CHECK(RaftTranscript::play(transcript) == RaftTranscript::trim(transcript));
}

}  // namespace

TEST_SUITE("simulation/raft") {
    SCENARIO("Raft: a leader is elected, and an entry is committed once a majority has it [3.4]") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > cut 1 2 | 3
            > propose 1
            1 commits 2
            > cut 1 | 2 3
            > propose 1
            > logs
            1: 1 1 | 1
            2: 1 | 1
            3: | 1
            > cut
            > tick 1
            1 commits 3
            > logs
            1: 1 1 1 |
            2: 1 1 | 1
            3: 1 1 1 |
        )");
    }

    SCENARIO("Raft: a candidate with an older log does not win [3.6.1]") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > cut 1 2 | 3
            > propose 1
            1 commits 2
            > crash 1
            > cut
            > elect 3
            2 would not vote for 3
            > elect 2
            2 stands in term 2
            3 votes for 2
            2 leads term 2
            2 commits 2..3
            > logs
            1: down
            2: 1 1 2 |
            3: 1 | 1 2
        )");
    }

    SCENARIO("Raft figure 7: a leader makes every log equal to its own, whatever was in it") {
        tells(R"(
            > nodes 7
            > log 1: 1 1 1 4 4 5 5 6 6 6 in term 7
            > log 2: 1 1 1 4 4 5 5 6 6
            > log 3: 1 1 1 4
            > log 4: 1 1 1 4 4 5 5 6 6 6 6
            > log 5: 1 1 1 4 4 5 5 6 6 6 7 7
            > log 6: 1 1 1 4 4 4 4
            > log 7: 1 1 1 2 2 2 3 3 3 3 3
            > elect 1
            4 would not vote for 1
            5 would not vote for 1
            1 stands in term 8
            2 votes for 1
            3 votes for 1
            4 does not vote for 1
            5 does not vote for 1
            6 votes for 1
            7 votes for 1
            1 leads term 8
            4 drops 11
            5 drops 11..12
            6 drops 6..7
            7 drops 4..11
            1 commits 1..11
            > logs
            1: 1 1 1 4 4 5 5 6 6 6 8 |
            2: | 1 1 1 4 4 5 5 6 6 6 8
            3: | 1 1 1 4 4 5 5 6 6 6 8
            4: | 1 1 1 4 4 5 5 6 6 6 8
            5: | 1 1 1 4 4 5 5 6 6 6 8
            6: | 1 1 1 4 4 5 5 6 6 6 8
            7: | 1 1 1 4 4 5 5 6 6 6 8
            > tick 1
            > logs
            1: 1 1 1 4 4 5 5 6 6 6 8 |
            2: 1 1 1 4 4 5 5 6 6 6 8 |
            3: 1 1 1 4 4 5 5 6 6 6 8 |
            4: 1 1 1 4 4 5 5 6 6 6 8 |
            5: 1 1 1 4 4 5 5 6 6 6 8 |
            6: 1 1 1 4 4 5 5 6 6 6 8 |
            7: 1 1 1 4 4 5 5 6 6 6 8 |
        )");
    }

    // 1 led term 2 and reached only 2; 5 led term 3 by the votes of 3 and 4, and reached nobody.
    // Now 1 leads term 4 and brings entry 2 to 3, but not its no-op.
    SCENARIO("Raft figure 8 (d): an entry of an old term on a majority is not committed by that") {
        tells(R"(
            > nodes 5
            > log 1: 1 2
            > log 2: 1 2
            > log 3: 1 in term 3
            > log 4: 1 in term 3
            > log 5: 1 3
            > cut 1 2 3 | 4 5
            > elect 1
            3 would not vote for 1
            > hold 3
            > elect 1
            1 stands in term 4
            2 votes for 1
            > sync 3
            3 votes for 1
            1 leads term 4
            > sync 3
            > logs
            1: | 1 2 4
            2: | 1 2 4
            3: | 1 2 ~4
            4: | 1
            5: | 1 3
            > crash 1
            > crash 3, start 3
            > cut
            > elect 5
            2 would not vote for 5
            3 would not vote for 5
            > elect 5
            2 would not vote for 5
            5 stands in term 5
            2 does not vote for 5
            3 votes for 5
            4 votes for 5
            5 leads term 5
            2 drops 2..3
            3 drops 2
            5 commits 1..3
            > start 1
            > tick 5
            1 drops 2..3
            > logs
            1: 1 3 5 |
            2: 1 3 5 |
            3: 1 3 5 |
            4: 1 3 5 |
            5: 1 3 5 |
        )");
    }

    SCENARIO("Raft figure 8 (e): once an entry of the new term is on a majority, both stay") {
        tells(R"(
            > nodes 5
            > log 1: 1 2 in term 3
            > log 2: 1 2
            > log 3: 1 in term 3
            > log 4: 1 in term 3
            > log 5: 1 3
            > cut 1 2 3 | 4 5
            > elect 1
            1 stands in term 4
            2 votes for 1
            3 votes for 1
            1 leads term 4
            1 commits 1..3
            > logs
            1: 1 2 4 |
            2: | 1 2 4
            3: | 1 2 4
            4: | 1
            5: | 1 3
            > crash 1
            > cut
            > elect 5
            2 would not vote for 5
            3 would not vote for 5
            > elect 2
            2 stands in term 5
            3 votes for 2
            4 votes for 2
            5 votes for 2
            2 leads term 5
            5 drops 2
            2 commits 1..4
            > logs
            1: down
            2: 1 2 4 5 |
            3: | 1 2 4 5
            4: | 1 2 4 5
            5: 1 2 4 5 |
        )");
    }

    SCENARIO("Raft: who was cut off asks before it stands, and disturbs nobody [9.6, 4.2.3]") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > cut 1 2 | 3
            > wait 3
            > wait 3
            > propose 1
            1 commits 2
            > cut
            > tick 3
            1 would not vote for 3
            2 would not vote for 3
            > tick 1
            > logs
            1: 1 1 |
            2: 1 1 |
            3: 1 1 |
        )");
    }

    SCENARIO("Raft: a leader that hears no majority leads no more [6.2]") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > cut 1 | 2 3
            > propose 1
            > wait 1
            1 leads no more
            > propose 1
            1 may not propose
            > elect 2
            2 stands in term 2
            3 votes for 2
            2 leads term 2
            2 commits 1..2
            > cut
            > tick 2
            1 drops 2
            > logs
            1: 1 2 |
            2: 1 2 |
            3: 1 2 |
        )");
    }

    SCENARIO("Raft: a read waits for an entry of the leader's own term, and for a majority [6.4]") {
        tells(R"(
            > nodes 3
            > log 1: 1 1
            > log 2: 1 1
            > log 3: 1 1
            > hold 2
            > hold 3
            > elect 1
            1 stands in term 2
            > sync 2
            2 votes for 1
            1 leads term 2
            > read 1
            1 refuses to read
            > sync 2 all
            1 commits 1..3
            > read 1
            1 reads at 3
            > sync 3 all
            3 votes for 1
            > cut 1 | 2 3
            > read 1
            > elect 2
            2 stands in term 3
            3 votes for 2
            2 leads term 3
            2 commits 4
            > cut
            > tick 2
            1 leads no more
            1 refuses to read
        )");
    }

    SCENARIO("Raft: a new node is a learner until it keeps up, and then a voter [4.2.1]") {
        tells(R"(
            > nodes 3 and 4
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > propose 1
            1 commits 2
            > change 1: 1 2 3 4
            1 refuses: a new node is a learner first
            > change 1: 1 2 3 + 4
            1 goes by 1 2 3 + 4
            2 goes by 1 2 3 + 4
            3 goes by 1 2 3 + 4
            1 commits 3
            > change 1: 1 2 3 4
            1 refuses: the learner does not keep up yet, try again
            > wait 1
            4 goes by 1 2 3 + 4
            > wait 1
            > change 1: 1 2 3 4
            1 goes by 1 2 3 4
            2 goes by 1 2 3 4
            3 goes by 1 2 3 4
            4 goes by 1 2 3 4
            1 commits 4
            > logs
            1: 1 1 1 1 |
            2: 1 1 1 | 1
            3: 1 1 1 | 1
            4: 1 1 1 | 1
            > cut 1 2 | 3 4
            > propose 1
            > cut 1 2 3 | 4
            > tick 1
            1 commits 5
            > logs
            1: 1 1 1 1 1 |
            2: 1 1 1 1 | 1
            3: 1 1 1 1 | 1
            4: 1 1 1 | 1
        )");
    }

    SCENARIO("Raft: a change is in force when it is in the log, and rolls back with it [4.1]") {
        tells(R"(
            > nodes 4
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            4 votes for 1
            1 leads term 1
            1 commits 1
            > cut 1 | 2 3 4
            > change 1: 1 2 3
            1 goes by 1 2 3
            > change 1: 1 2
            1 refuses: the last change is not committed yet, try again
            > elect 2
            2 stands in term 2
            3 votes for 2
            4 votes for 2
            2 leads term 2
            2 commits 1..2
            > propose 2
            2 commits 3
            > cut
            > tick 2
            1 leads no more
            1 drops 2
            1 goes by 1 2 3 4
            > logs
            1: 1 2 2 |
            2: 1 2 2 |
            3: 1 2 2 |
            4: 1 2 2 |
        )");
    }

    SCENARIO("Raft: a removed leader leads until its removal is committed [4.2.2]") {
        tells(R"(
            > nodes 4
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            4 votes for 1
            1 leads term 1
            1 commits 1
            > hold 3
            > hold 4
            > change 1: 2 3 4
            1 goes by 2 3 4
            2 goes by 2 3 4
            3 goes by 2 3 4
            4 goes by 2 3 4
            > propose 1
            > sync 3 all
            1 commits 2
            1 leads no more
            > elect 2
            2 stands in term 2
            3 votes for 2
            2 leads term 2
            2 commits 2..4
            > logs
            1: 1 1 | 1
            2: 1 1 1 2 |
            3: 1 | 1 1 2
            4: 1 | ~1 ~1 ~2
        )");
    }

    SCENARIO("Raft: a leader hands over to who has everything, without a timeout [3.10]") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > hold 2
            > propose 1
            1 commits 2
            > transfer 1 to 2
            > propose 1
            1 may not propose
            > sync 2 all
            1 tells 2 to stand
            2 stands in term 2
            1 leads no more
            1 votes for 2
            3 votes for 2
            2 leads term 2
            2 commits 2..3
            > propose 2
            2 commits 4
            > tick 2
            > logs
            1: 1 1 2 2 |
            2: 1 1 2 2 |
            3: 1 1 2 2 |
        )");
    }

    SCENARIO("a follower leaves: no answer waits for it, and it counts for commit to the end") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > hold 3
            > propose 1
            1 commits 2
            > copies 1
            1 answers up to 1, copies 1 2 3
            > leave 3
            > copies 1
            1 answers up to 2, copies 1 2
            > hold 2
            > propose 1
            > sync 3 all
            1 commits 3
            > copies 1
            1 answers up to 2, copies 1 2
            > sync 2 all
            > copies 1
            1 answers up to 3, copies 1 2
            > transfer 1 to 3
            > propose 1
            1 commits 4
        )");
    }

    SCENARIO("a leader leaves: another takes over, and does without it") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > leave 3
            > leave 1
            1 tells 2 to stand
            2 stands in term 2
            1 leads no more
            1 votes for 2
            3 votes for 2
            2 leads term 2
            2 commits 1..2
            > copies 2
            2 answers up to 2, copies 2
            > crash 1
            > crash 3, start 3
            > propose 2
            2 commits 3
            > logs
            1: down
            2: 1 2 2 |
            3: 1 2 | 2
        )");
    }

    SCENARIO("Raft: a vote is given once it is on disk, and once a term [3.4]") {
        tells(R"(
            > nodes 3
            > hold 3
            > cut 1 3 | 2
            > elect 1
            1 stands in term 1
            > crash 3, start 3
            > cut 1 | 2 3
            > elect 2
            2 stands in term 1
            3 votes for 2
            2 leads term 1
            2 commits 1
            > cut
            > tick 2
            > logs
            1: 1 |
            2: 1 |
            3: 1 |
        )");
    }

    SCENARIO("Raft: who is too far behind gets a snapshot [5]") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > cut 1 2 | 3
            > propose 1
            1 commits 2
            > propose 1
            1 commits 3
            > crash 1
            > elect 2
            > checkpoint 2
            > crash 2, start 2
            > start 1
            > elect 2
            2 stands in term 2
            1 votes for 2
            2 leads term 2
            2 commits 3..4
            > logs
            1: 1 1 | 1 2
            2: (2) 1 2 |
            3: | 1
            > cut
            > tick 2
            3 takes a snapshot of 4
            > tick 2
            > logs
            1: 1 1 1 2 |
            2: (2) 1 2 |
            3: (4) |
        )");
    }

    SCENARIO("Raft: a snapshot keeps what lies above it and was acknowledged [5.4]") {
        tells(R"(
            > nodes 3
            > elect 1
            1 stands in term 1
            2 votes for 1
            3 votes for 1
            1 leads term 1
            1 commits 1
            > hold 1
            > hold 2
            > propose 1
            > propose 1
            > sync 1
            1 commits 2
            > logs
            1: 1 1 | ~1
            2: 1 | ~1 ~1
            3: 1 | 1 1
            > snapshot 1 to 3
            3 takes a snapshot of 2, keeps up to 3
            > sync 1
            1 commits 3
            > logs
            1: 1 1 1 |
            2: 1 | ~1 ~1
            3: (2) | 1
            > crash 3, start 3
            > logs
            1: 1 1 1 |
            2: 1 | ~1 ~1
            3: (2) | 1
        )");
    }
}
