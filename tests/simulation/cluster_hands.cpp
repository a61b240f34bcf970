// What stories do to a cluster, one thing after the other.

#include "tests/simulation/cluster_node.h"

namespace cmq::simulation {

void Cluster::kill(std::size_t number) {
    crash(node(number), Trouble::kill);
    node(number).back_at = Steady::max();
}

void Cluster::cut_power(std::size_t number, support::Survive what) {
    auto& one = node(number);
    const auto dead = std::move(one.machine);  // goes after its files: it writes nothing more
    one.disk->power_cut(what, one.seeds());
    one.back_at = Steady::max();
}

void Cluster::start(std::size_t number) { node(number).back_at = clock_.ticks; }

void Cluster::cut_off(std::size_t number) {
    isolate(node(number), Trouble::cut_off);
    mend_at_ = Steady::max();
}

void Cluster::stall_disk(std::size_t number, std::chrono::milliseconds time) {
    node(number).machine->stall_disk(clock_.ticks + time);
}

void Cluster::stall_log(std::size_t number, std::chrono::milliseconds time) {
    node(number).machine->stall_log(clock_.ticks + time);
}

std::size_t Cluster::leader_number() {
    const auto* leads = leader();
    for (std::size_t number = 1; number <= nodes_.size(); ++number)
        if (&node(number) == leads) return number;
    return 0;
}

std::unique_ptr<support::Disk> Cluster::copy_of_disk(std::size_t number) {
    return node(number).disk->copy();
}

void Cluster::put_disk(std::size_t number, std::unique_ptr<support::Disk> disk) {
    node(number).disk = std::move(disk);
}

Machine* Cluster::leading() {
    auto* node = leader();
    return node ? node->machine.get() : nullptr;
}

Machine& Cluster::machine(std::size_t number) { return *node(number).machine; }

support::Disk& Cluster::disk(std::size_t number) { return *node(number).disk; }

bool Cluster::is_up(std::size_t number) { return node(number).up(); }

bool Cluster::live_until(std::chrono::milliseconds patience, const std::function<bool()>& done) {
    for (const auto end = clock_.ticks + patience; clock_.ticks < end && !problem_;
         live(std::chrono::milliseconds{5}))
        if (done()) return true;
    return done();
}

}  // namespace cmq::simulation
