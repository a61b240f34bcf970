// The consensus core under random disasters: in virtual time (stories), and without any (walks).

#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/raft_story.h"
#include "tests/simulation/raft_walk.h"
#include "tests/simulation/settings.h"

using namespace cmq;
using namespace cmq::simulation;

namespace {

constexpr std::chrono::seconds story_time{10};
constexpr unsigned walk_steps = 1'000;

RaftGroup::Counts operator+(RaftGroup::Counts sum, const RaftGroup::Counts& one) {
    sum.steps += one.steps;
    sum.acknowledged += one.acknowledged;
    sum.reads += one.reads;
    sum.elections += one.elections;
    sum.crashes += one.crashes;
    sum.cuts += one.cuts;
    sum.pauses += one.pauses;
    sum.loads += one.loads;
    sum.installs += one.installs;
    sum.changes += one.changes;
    sum.handovers += one.handovers;
    return sum;
}

}  // namespace

TEST_SUITE("simulation/raft") {
    SCENARIO("a group of nodes keeps every promise through whatever happens") {
        RaftGroup::Counts sum;
        std::uint64_t seeds = 0;
        for_seeds(4'000, [&](std::uint64_t seed) {
            RaftStory story(seed);
            const auto problem = story.run(story_time);
            CHECK_MESSAGE(!problem, "SEED=" << seed << ": " << problem.value_or("") << "; it drew"
                                            << story.world());
            sum = sum + story.group().counts;
            ++seeds;
        });
        MESSAGE(seeds << " seeds, " << seeds * story_time.count() / 3600 << " h: " << sum.steps
                      << " steps, " << sum.acknowledged << " answered, " << sum.reads << " reads, "
                      << sum.elections << " elections, " << sum.crashes << " crashes, " << sum.cuts
                      << " partitions, " << sum.pauses << " pauses, " << sum.loads << " loads, "
                      << sum.installs << " snapshots, " << sum.changes << " changes, "
                      << sum.handovers << " handovers");
        if (seeds < 100) return;  // too few for everything to happen
        const auto enough = seeds / 10;
        CHECK(sum.acknowledged > 100 * seeds);
        CHECK(sum.reads > seeds);
        CHECK(sum.elections > 5 * seeds);
        for (const auto happened : {sum.crashes, sum.cuts, sum.pauses, sum.loads, sum.installs,
                                    sum.changes, sum.handovers})
            CHECK(happened > enough);
    }

    SCENARIO("and in whatever order things happen") {
        RaftWalk::Counts sum;
        for_seeds(20'000, [&](std::uint64_t seed) {
            RaftWalk walk(seed);
            const auto problem = walk.run(walk_steps);
            CHECK_MESSAGE(!problem, "SEED=" << seed << ": " << problem.value_or(""));
            sum.moves += walk.counts().moves;
            sum.elections += walk.counts().elections;
            sum.committed += walk.counts().committed;
            sum.reads += walk.counts().reads;
        });
        MESSAGE(sum.moves << " moves, " << sum.elections << " elections, " << sum.committed
                          << " committed, " << sum.reads << " reads");
        CHECK(sum.elections > 0);
        CHECK(sum.committed > 0);
    }

    SCENARIO("and when two stand in every term") {
        std::uint64_t elections = 0;
        for_seeds(2'000, [&](std::uint64_t seed) {
            RaftWalk walk(seed, {}, RaftPath::rivals);
            const auto problem = walk.run(walk_steps);
            CHECK_MESSAGE(!problem, "SEED=" << seed << ": " << problem.value_or(""));
            elections += walk.counts().elections;
        });
        MESSAGE(elections << " elections");
        CHECK(elections > 0);
    }

    SCENARIO("one seed of consensus tells the same story twice") {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            RaftStory once(seed), again(seed), other(seed + 100);
            for (auto* story : {&once, &again, &other}) CHECK_FALSE(story->run(story_time));
            CHECK(once.group().hash == again.group().hash);
            CHECK(once.group().counts.steps == again.group().counts.steps);
            CHECK(once.group().hash != other.group().hash);
            RaftWalk walk(seed), again_walk(seed);
            CHECK_FALSE(walk.run(walk_steps));
            CHECK_FALSE(again_walk.run(walk_steps));
            CHECK(walk.hash() == again_walk.hash());
        }
    }
}
