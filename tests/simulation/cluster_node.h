// tests/simulation/cluster_node.h: one machine of the cluster, and what its disk survives.
#pragma once

#include "tests/simulation/cluster.h"

namespace cmq::simulation {

struct Cluster::Node {
    Node(std::uint64_t seed, std::size_t number_)
        : number(number_), disk(seed + number_), seeds(seed + 100 * number_) {}

    bool up() const { return machine && !machine->failed(); }

    std::size_t number;
    support::Disk disk;
    VirtualClock clock;
    Machine::Settings settings;
    std::unique_ptr<Machine> machine;
    std::mt19937_64 seeds;
    Steady back_at;         // down until then
    Steady paused_until;    // up, and doing nothing
    std::uint64_t led = 0;  // the last term in which it led
};

}  // namespace cmq::simulation
