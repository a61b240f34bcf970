// Clusters of three and five under faults: nothing acknowledged is lost, all replicas agree.

#include <doctest/doctest.h>

#include "tests/simulation/cluster.h"
#include "tests/simulation/settings.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

TEST_SUITE("simulation") {
    SCENARIO("a cluster loses nothing that it acknowledged") {
        Coverage coverage;
        Cluster::Counts all;
        for_seeds(20, [&](std::uint64_t seed) {
            Cluster cluster(seed, {.nodes = seed % 4 == 0 ? 5u : 3u});
            const auto problem = cluster.run(10min);
            CHECK_MESSAGE(!problem, "SEED=" << seed << " (" << cluster.rates()
                                            << "): " << problem.value_or(""));
            coverage.add(cluster.coverage());
            const auto counts = cluster.counts();
            all.commits += counts.commits;
            all.operations += counts.operations;
            all.lost_answers += counts.lost_answers;
            all.sent += counts.sent;
            all.received += counts.received;
            all.deleted += counts.deleted;
            all.leaders += counts.leaders;
            all.flushes += counts.flushes;
            all.messages += counts.messages;
            all.milliseconds += counts.milliseconds;
        });
        const auto seconds = all.milliseconds / 1000;
        MESSAGE(seconds << " s, " << all.commits << " commits, " << all.operations
                        << " operations, " << all.lost_answers << " without answer, " << all.sent
                        << " sent, " << all.received << " received, " << all.deleted << " deleted, "
                        << all.leaders << " leaders, " << all.flushes << " flushes, "
                        << all.messages << " messages");
        MESSAGE(coverage.table());
    }
}
