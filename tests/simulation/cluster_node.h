// tests/simulation/cluster_node.h: one machine of a simulated cluster. Only for cluster*.cpp.
#pragma once

#include "tests/simulation/cluster.h"

namespace cmq::simulation {

struct Cluster::Node {
    raft::NodeId id;
    std::unique_ptr<support::Disk> disk;
    VirtualClock clock;
    std::chrono::milliseconds clock_error{0};
    Machine::Settings settings;
    std::unique_ptr<Machine> machine;
    std::mt19937_64 seeds;
    Steady back_at;  // down until then
    Steady paused_until;
    Steady wake;        // it has something to do; asked of the machine after each of its steps
    Steady full_until;  // the disk
    Part part = Part::learner;            // as what it sent last tells
    std::uint64_t led = 0;                // the last term in which it led
    std::optional<Trouble> next_message;  // what happens to it
    Trouble dies_by = Trouble::kill;
    bool downgraded = false;
    bool too_old = false;   // found out when it ran last
    unsigned refusals = 0;  // times that it did not go on
    bool given_up = false;  // its disk is damaged: it waits to be replaced

    bool up() const { return machine && !machine->failed(); }
    bool awake(Steady now) const { return up() && paused_until <= now; }
};

}  // namespace cmq::simulation
