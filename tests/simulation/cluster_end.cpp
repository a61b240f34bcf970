// After the troubles: a quorum is healed and must make progress; then all are, and are compared.

#include <algorithm>
#include <map>

#include "tests/simulation/cluster_node.h"
#include "tests/simulation/damage.h"

namespace cmq::simulation {

using namespace std::chrono_literals;

void Cluster::come_back(Node& node, Steady at) {
    node.back_at = node.given_up ? Steady::max() : at;
}

/// The first `count` that vote and whose disks are well; the others stay down.
void Cluster::heal(std::size_t count) {
    faulty_ = false;
    const bool all = count == nodes_.size();
    mend();
    set_clocks_right();
    for (auto& node : nodes_) {
        node->disk->clear_faults();
        node->disk->set_capacity(UINT64_MAX);
        node->paused_until = {};
        const bool counts = is_voter(node->id) && (all || !is_harmed(*node));
        const bool back = !is_voter(node->id) || (counts && count > 0);
        if (counts && count > 0) --count;
        if (!back && node->machine) crash(*node, Trouble::kill);
        if (!node->machine) come_back(*node, back ? clock_.ticks : Steady::max());
    }
}

/// A message is sent, acknowledged and received within the bound.
bool Cluster::makes_progress() {
    const auto before = customers_->counts();
    for (unsigned seconds = 0; seconds < 20 && !problem_; ++seconds) {
        live(1s);
        const auto now = customers_->counts();
        if (now.sent > before.sent && now.deleted > before.deleted) return true;
    }
    return false;
}

/// One leads, all have applied the same, and nothing is left in the queues.
bool Cluster::settles() {
    next_act_ = Steady::max();
    const auto patience = clock_.ticks + 5min;
    bool drained = false;
    while (clock_.ticks < patience && !problem_) {
        live(20ms);
        customers_->give_up();
        if (!drained) drained = customers_->drain();
        const auto* leads = leader();
        const auto same = [&](const auto& node) {
            return node->up() &&
                   node->machine->figures().applied == leads->machine->figures().applied;
        };
        if (drained && leads && std::ranges::all_of(nodes_, same)) return true;
    }
    return false;
}

std::string Cluster::standing() const {
    std::string text;
    for (const auto& node : nodes_) {
        text += " node " + std::to_string(node->id.value >> 16);
        if (!node->up()) {
            text += " is down,";
            continue;
        }
        const auto figures = node->machine->figures();
        text += (figures.leads ? " leads term " : " is in term ") + std::to_string(figures.term) +
                ", applied " + std::to_string(figures.applied) + " of " +
                std::to_string(figures.commit) + ", " +
                std::to_string(figures.state.active + figures.state.inactive) + " messages left,";
    }
    return text;
}

/// Replicas at the same applied index have the same state.
void Cluster::check_hashes() {
    std::map<std::uint64_t, std::pair<std::uint64_t, raft::NodeId>> seen;
    for (auto& node : nodes_) {
        if (!node->up()) continue;
        const auto at = node->machine->figures().applied;
        const auto hash = node->machine->state_hash();
        if (!hash) continue;
        const auto [known, is_new] = seen.emplace(at, std::pair(*hash, node->id));
        if (!is_new && known->second.first != *hash)
            wrong("nodes " + std::to_string(node->id.value >> 16) + " and " +
                  std::to_string(known->second.second.value >> 16) +
                  " have different states at applied index " + std::to_string(at));
    }
}

/// Nothing is left, and all count as much.
void Cluster::check_counts() {
    for (const auto& node : nodes_) {
        if (!node->up()) continue;
        const auto left = node->machine->figures().state;
        if (left.active + left.inactive + left.delayed != 0)
            wrong("all was drained, but node " + std::to_string(node->id.value >> 16) + " counts " +
                  std::to_string(left.active) + " active, " + std::to_string(left.inactive) +
                  " inactive and " + std::to_string(left.delayed) + " delayed messages");
    }
}

/// What nobody harmed is sound, whatever the node went through.
void Cluster::check_disks() {
    for (const auto& node : nodes_) {
        if (!node->up() || is_harmed(*node)) continue;
        if (const auto found = damage_on(*node->disk, node->settings.core.newest_format))
            wrong("node " + std::to_string(node->id.value >> 16) +
                  " verifies as damaged: " + *found);
    }
}

std::optional<std::string> Cluster::finish() {
    if (faulty_) {
        heal(std::max(nodes_.size(), view_.nodes.size()) / 2 + 1);
        if (!makes_progress())
            wrong("no progress within 20 s after a quorum was healed:" + standing());
    }
    heal(nodes_.size());
    if (!problem_ && !settles())
        wrong("does not come to rest within 5 min after all was healed:" + standing());
    check_counts();
    check_hashes();
    check_disks();
    return problem_ ? problem_ : customers_->verdict(true);
}

}  // namespace cmq::simulation
