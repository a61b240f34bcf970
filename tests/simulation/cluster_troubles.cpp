// What goes wrong, at random.

#include <algorithm>

#include "tests/simulation/cluster_node.h"

namespace cmq::simulation {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// Those of one node, as far as they do not change who belongs to the cluster.
constexpr Trouble of_a_node[] = {Trouble::kill,      Trouble::power_cut,  Trouble::pause,
                                 Trouble::cut_off,   Trouble::deaf,       Trouble::mute,
                                 Trouble::bridge,    Trouble::clock_skew, Trouble::clock_jump,
                                 Trouble::slow_disk, Trouble::full_disk,  Trouble::io_error,
                                 Trouble::hand_over, Trouble::lost,       Trouble::doubled,
                                 Trouble::late,      Trouble::overtaken};

bool is_of_a_message(Trouble trouble) {
    return trouble == Trouble::lost || trouble == Trouble::doubled || trouble == Trouble::late ||
           trouble == Trouble::overtaken;
}

}  // namespace

void Cluster::troubles_of_a_second() {
    for (auto& node : nodes_) {
        if (node->full_until <= clock_.ticks) node->disk->set_capacity(UINT64_MAX);
        for (const auto trouble : of_a_node)
            if (!is_of_a_message(trouble) && one_in(rates_.rate(trouble))) strike(*node, trouble);
    }
    for (const auto trouble : {Trouble::all_killed, Trouble::all_cut, Trouble::blackout})
        if (one_in(rates_.rate(trouble))) strike_all(trouble);
    for (auto& node : nodes_)
        if (node->part == Part::candidate || node->part == Part::learner) ambush(*node);
    troubles_of_disks();
}

/// Who stands for election or is new is in that state for a short time only.
void Cluster::ambush(Node& node) {
    if (!faulty_ || calm() || !one_in(rates_.ambush)) return;
    strike(node, of_a_node[draw(std::size(of_a_node))]);
}

void Cluster::strike(Node& node, Trouble trouble) {
    if (!node.up()) return;
    node.wake = clock_.ticks;
    const auto part = node.part;
    // Who stands for election or learns does not write much.
    const auto calls = draw(part == Part::leader || part == Part::follower ? 100 : 10);
    const auto for_a_while = [&](std::uint64_t most) {
        return clock_.ticks + milliseconds{1 + draw(most)};
    };
    switch (trouble) {
        case Trouble::kill:
        case Trouble::power_cut:
            node.dies_by = trouble;
            if (draw(2) == 0) return crash(node, trouble);
            return node.disk->stop_after(calls);
        case Trouble::io_error:
            node.dies_by = trouble;
            return node.disk->fail_after(
                calls, draw(2) == 0 ? support::Fault::io : support::Fault::short_write);
        case Trouble::pause:
            node.paused_until = for_a_while(3'000);
            break;
        case Trouble::slow_disk:
            node.machine->stall_disk(for_a_while(1'000));
            break;
        case Trouble::full_disk:
            node.full_until = for_a_while(8'000);
            node.disk->set_capacity(0);
            break;
        case Trouble::cut_off:
        case Trouble::deaf:
        case Trouble::mute:
        case Trouble::bridge:
            isolate(node, trouble);
            break;
        case Trouble::clock_skew:
        case Trouble::clock_jump:
            // One clock is wrong at a time, as far as anybody remembers: the median is right (D8).
            if (clock_.ticks < clocks_trusted_at_) return;
            node.clock_error = trouble == Trouble::clock_skew
                                   ? milliseconds{static_cast<std::int64_t>(draw(20'000)) - 10'000}
                                   : milliseconds{draw(2) == 0 ? 24h : -24h};
            clock_right_at_ = for_a_while(8'000);
            clocks_trusted_at_ = clock_right_at_ + 10s;
            break;
        case Trouble::hand_over:
            if (part != Part::leader) return;
            node.machine->hand_over(nodes_[draw(nodes_.size())]->id);
            break;
        case Trouble::lost:
        case Trouble::doubled:
        case Trouble::late:
        case Trouble::overtaken:
            node.next_message = trouble;
            return;
        default:
            return;
    }
    coverage_.struck(trouble, part, clock_.ticks);
}

void Cluster::set_clocks_right() {
    clock_right_at_ = Steady::max();
    for (auto& node : nodes_) {
        node->clock_error = milliseconds{0};
        node->wake = clock_.ticks;
    }
}

void Cluster::strike_all(Trouble trouble) {
    if (trouble == Trouble::blackout && std::exchange(off_, true)) return;
    for (auto& node : nodes_) crash(*node, trouble);
    if (trouble != Trouble::blackout) return;
    pass_off(48h);
    for (auto& node : nodes_) coverage_.struck(trouble, node->part, clock_.ticks);
}

void Cluster::pass_off(std::chrono::hours time) {
    letters_ = {};
    pass_to(clock_.ticks + time);
    end_ += time;  // nothing happened meanwhile
    customers_->forget();
    next_act_ = next_second_ = clock_.ticks;
    // Nobody knows what time it is: of two clocks a day apart either may be right.
    clocks_trusted_at_ = clock_.ticks + 30s;
    for (auto& node : nodes_)
        if (!node->machine) come_back(*node, clock_.ticks + milliseconds{draw(2'000)});
}

void Cluster::mend() {
    cut_.clear();
    mend_at_ = Steady::max();
}

}  // namespace cmq::simulation
