// Clusters of three and five under faults: nothing acknowledged is lost, all replicas agree.

#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/simulation/cluster.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

namespace {

/// SEEDS=1000 looks longer, SEED=17 replays one.
std::uint64_t setting(const char* name, std::uint64_t usual) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : usual;
}

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("a cluster loses nothing that it acknowledged") {
        Cluster::Counts all;
        std::chrono::milliseconds lived{0};
        std::uint64_t sent = 0, received = 0, deleted = 0;
        const auto only = setting("SEED", 0);
        const auto seeds = setting("SEEDS", 20);
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            if (only != 0 && seed != only) continue;
            Cluster cluster(seed, seed % 4 == 0 ? 5 : 3);
            const auto problem = cluster.run(2min);
            CHECK_MESSAGE(!problem, "SEED=" << seed << " (" << cluster.rates()
                                            << "): " << problem.value_or(""));
            all.add(cluster.counts());
            lived += cluster.lived();
            sent += cluster.clients().counts().sent;
            received += cluster.clients().counts().received;
            deleted += cluster.clients().counts().deleted;
        }
        const auto seconds = lived.count() / 1000;
        MESSAGE(seconds << " s, " << all.commits << " entries, " << sent << " sent, " << received
                        << " received, " << deleted << " deleted, " << all.leaders << " leaders, "
                        << all.crashes << " crashes (" << all.power_cuts << " power cuts), "
                        << all.pauses << " pauses, " << all.partitions << " partitions, "
                        << all.one_way << " one-way, " << all.lost << " lost, " << all.doubled
                        << " doubled, " << all.late << " late, " << all.handovers << " hand-overs, "
                        << all.skews << " skews, " << all.flushes << " flushes, " << all.snapshots
                        << " snapshots, " << all.bodies_fetched << " bodies fetched");
    }
}
