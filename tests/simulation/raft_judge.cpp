#include "tests/simulation/raft_judge.h"

#include <algorithm>

namespace cmq::simulation {
namespace {

std::string text(raft::NodeId node) { return "node " + std::to_string(node.value); }
std::string text(raft::Index index) { return "entry " + std::to_string(index.value); }

const RaftNode* find(const std::vector<RaftNode>& nodes, raft::NodeId id) {
    const auto node =
        std::ranges::find_if(nodes, [&](const RaftNode& one) { return one.id == id; });
    return node == nodes.end() ? nullptr : &*node;
}

}  // namespace

void Judge::wrong(const std::string& what) {
    if (!problem_) problem_ = what;
}

const Judge::Entry* Judge::committed_at(raft::Index index) const {
    if (index.value == 0 || index.value > committed_.size()) return nullptr;
    return &committed_[index.value - 1];
}

void Judge::on_leader(const RaftNode& node) {
    const auto& core = *node.core;
    const auto [first, is_first] = leaders_.emplace(core.hard.term.value, node.id);
    if (!is_first && first->second != node.id)
        wrong("election safety: two leaders in term " + std::to_string(core.hard.term.value));
    if (!is_first) return;
    latest_term_ = std::max(latest_term_, core.hard.term);
    raft::Index last{committed_.size()};
    while (last > core.log.base() && committed_at(last)->committed_in >= core.hard.term)
        last = raft::previous(last);  // a late winner need not have what successors committed
    if (last > core.log.base() && core.log.term_at(last) != committed_at(last)->term)
        wrong("leader completeness: " + text(node.id) + " leads without committed " + text(last));
}

void Judge::on_append(const raft::Entry& entry) {
    const auto [known, is_new] =
        chains_.emplace(std::pair(entry.index, entry.term), entry.chain);
    if (!is_new && known->second != entry.chain) wrong("log matching: at " + text(entry.index));
}

void Judge::on_apply(RaftNode& node, const raft::Entry& entry,
                     const std::vector<RaftNode>& nodes) {
    if (entry.index != raft::next(node.applied.index))
        wrong(text(node.id) + " applies " + text(entry.index) + " out of order");
    if (const auto* known = committed_at(entry.index)) {
        if (known->chain != entry.chain || known->term != entry.term)
            wrong("state machine safety: " + text(node.id) + " at " + text(entry.index));
    } else {
        committed_.push_back({entry.term, entry.chain, node.core->hard.term});
        if (node.core->role == raft::Role::leader) check_majority(node, entry, nodes);
    }
    node.applied = {entry.index, entry.term, entry.chain};
}

void Judge::on_install(const raft::Base& base) {
    const auto* known = committed_at(base.index);
    if (!known || known->chain != base.chain) wrong("a snapshot of what is not committed");
}

/// Committed means: on disk at a majority of the voters.
void Judge::check_majority(const RaftNode& leader, const raft::Entry& entry,
                           const std::vector<RaftNode>& nodes) {
    std::size_t copies = 0;
    for (const auto voter : leader.core->configuration().voters) {
        const auto* node = find(nodes, voter);
        if (node && node->disk.holds(entry.index, entry.term)) ++copies;
    }
    if (copies < raft::majority_of(leader.core->configuration()))
        wrong("committed with too few copies on disk: " + text(entry.index));
}

void Judge::check_copies(const RaftNode& leader, const std::vector<RaftNode>& nodes) {
    if (leader.core->options.copies == raft::Copies::majority) return;
    const auto index = raft::secured(*leader.core);
    const auto* entry = committed_at(index);
    for (const auto& peer : leader.core->leading.peers) {
        const auto* node = find(nodes, peer.id);
        if (peer.copy != raft::Peer::Copy::in || !node) continue;
        if (!raft::is_voter(leader.core->configuration(), peer.id)) continue;
        if (entry && !node->disk.holds(index, entry->term))
            wrong("in-sync " + text(node->id) + " has not answered " + text(index) + " on disk");
        // A successor may have sent it a snapshot that this leader does not know of.
        if (!node->disk.complete && leader.core->hard.term == latest_term_) wrong("in-sync " + text(node->id) + " lacks bodies");
    }
}

void Judge::on_secured(const RaftNode& leader, const std::vector<RaftNode>& nodes) {
    if (!leader.up() || leader.core->role != raft::Role::leader) return;
    const auto index = raft::secured(*leader.core);
    if (index.value > committed_.size()) return wrong("answered, not committed: " + text(index));
    secured_ = std::max(secured_, index);
    check_copies(leader, nodes);
}

void Judge::on_ready(const raft::ReadReady& ready) {
    const auto asked = reads_.find(ready.id);
    if (asked == reads_.end()) return wrong("a read is answered twice");
    if (ready.ok && ready.index < asked->second)
        wrong("a read does not see answered " + text(asked->second));
    if (ready.ok) ++reads_done_;
    reads_.erase(asked);
}

}  // namespace cmq::simulation
