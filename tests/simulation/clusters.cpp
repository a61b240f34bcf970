// Clusters of three and five under every trouble: nothing acknowledged is lost, nothing is
// invented, all replicas agree, and what was not tested is said.
//
// HOURS=300 JOBS=4 lives on until so many virtual hours are done, in so many processes; FROM=4501
// begins with that seed, after what another run has done; SEED=17 replays one.

#include <doctest/doctest.h>

#include <iostream>

#include "tests/simulation/cluster.h"
#include "tests/simulation/settings.h"
#include "tests/simulation/spread.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

namespace {

constexpr auto life = 4min;
constexpr std::uint64_t lives_an_hour = 60 / 4;
constexpr std::uint64_t usual_hours = 10;  // some two minutes of one core
constexpr std::uint64_t usual_jobs = 2;
constexpr std::uint64_t least_covered = 3;   // of each operation after each trouble of each part
constexpr std::uint64_t least_struck = 100;  // times of each trouble
constexpr std::uint64_t least_commits = 10;  // a second

struct Totals {
    std::uint64_t seeds = 0, violations = 0;
    Cluster::Counts counts;
    Coverage coverage;
    void add(const Totals& other) {
        seeds += other.seeds;
        violations += other.violations;
        counts.add(other.counts);
        coverage.add(other.coverage);
    }
};

Totals live_through(std::uint64_t seed) {
    const bool forgets = seed % 4 == 1;  // so that states are sent; takes more time
    Cluster cluster(seed, {.nodes = seed % 4 == 0 ? 5u : 3u, .forgets = forgets});
    const auto problem = cluster.run(life);
    if (problem)
        std::cerr << "SEED=" << seed << " (" << cluster.rates() << "): " << *problem << '\n';
    return {1, problem ? 1u : 0u, cluster.counts(), cluster.coverage()};
}

void tell(const Totals& all) {
    const auto& counts = all.counts;
    const auto seconds = counts.milliseconds / 1000;
    MESSAGE(all.seeds << " seeds, " << seconds / 3600 << " hours, " << counts.commits
                      << " commits (" << counts.commits / std::max<std::uint64_t>(seconds, 1)
                      << " a second), " << counts.operations << " operations answered, "
                      << counts.lost_answers << " not, " << counts.sent << " sent, "
                      << counts.received << " received, " << counts.deleted << " deleted, "
                      << counts.leaders << " leaders, " << counts.flushes << " flushes, "
                      << counts.snapshots << " snapshots, " << counts.bodies_fetched
                      << " bodies fetched, " << counts.bodies_repaired << " repaired, "
                      << counts.gave_up << " nodes gave up, " << counts.messages << " messages, "
                      << counts.sent_after_purges << " sent after all purges, " << all.violations
                      << " violations");
    MESSAGE(all.coverage.table());
}

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("a cluster keeps its promises through every trouble") {
        const auto only = setting("SEED", 0);
        const auto hours = setting("HOURS", usual_hours);
        const auto seeds = setting("SEEDS", hours * lives_an_hour);
        const auto from = setting("FROM", 1);
        const auto jobs = only != 0 ? 1u : static_cast<unsigned>(setting("JOBS", usual_jobs));
        const std::function<Totals(unsigned)> share = [&](unsigned job) {
            Totals sum;
            if (only != 0) return live_through(only);
            for (auto n = job; n < seeds; n += jobs) sum.add(live_through(from + n));
            return sum;
        };
        unsigned ended_early = 0;
        const auto all = spread(jobs, share, ended_early);
        tell(all);
        CHECK(ended_early == 0);
        CHECK(all.violations == 0);
        CHECK(all.counts.sent_after_purges > 0);
        if (all.seeds < usual_hours * lives_an_hour) return;  // too few for everything to happen
        CHECK(all.coverage.missing(least_covered) == "");
        CHECK(all.counts.snapshots >= least_covered);
        CHECK(all.coverage.rare(least_struck) == "");
        CHECK(all.counts.commits >= least_commits * all.counts.milliseconds / 1000);
        CHECK(all.counts.bodies_fetched >= least_covered);
        CHECK(all.counts.bodies_repaired >= least_covered);
        CHECK(all.counts.gave_up >= least_struck);
    }

    SCENARIO("one seed of a cluster tells the same story twice") {
        for (const std::uint64_t seed : {3, 4}) {
            Cluster once(seed, {}), other(seed + 100, {});
            CHECK_FALSE(once.run(30s));
            CHECK_FALSE(other.run(30s));
            Cluster again(seed, {});
            CHECK_FALSE(again.run(30s));
            CHECK(once.hash() == again.hash());
            CHECK(once.hash() != other.hash());
        }
    }
}
