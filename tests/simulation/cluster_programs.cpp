// Two releases of the program in one cluster.

#include "tests/simulation/cluster_node.h"

namespace cmq::simulation {

void Cluster::install(std::size_t number, broker::FormatVersion newest) {
    auto& core = node(number).settings.core;
    if (newest != core.newest_format) node(number).downgraded = newest < core.newest_format;
    core.newest_format = newest;
    node(number).too_old = false;
}

bool Cluster::is_too_old(std::size_t number) { return node(number).too_old; }

broker::FormatVersion Cluster::newest(std::size_t number) {
    return node(number).settings.core.newest_format;
}

/// It ended because others went on without its release. Right if that was put back on purpose, or
/// if it was just taken out: nobody asks what a former member knows. It stays down until another
/// release is installed. Its disk is as if it had been killed.
bool Cluster::note_too_old(Node& node) {
    const bool failed = node.machine && node.machine->failed();
    if (!failed || node.machine->failure().code != Code::exists) return false;
    if (!node.downgraded && node.id != change_.leaves)
        wrong("node " + std::to_string(node.id.value >> 16) + ": " +
              node.machine->failure().message);
    node.too_old = true;
    const auto dead = std::move(node.machine);
    node.disk->clear_faults();
    node.disk->kill();
    node.back_at = Steady::max();
    return true;
}

}  // namespace cmq::simulation
