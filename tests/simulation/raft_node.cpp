#include "tests/simulation/raft_node.h"

#include <algorithm>

namespace cmq::simulation {

void RaftDisk::take(const RaftWrite& write) {
    if (write.hard) hard = *write.hard;
    if (write.install && write.install->index > checkpoint.index) {
        const auto& base = *write.install;
        if (term_at(base.index) != base.term) {
            entries_.clear();
            dropped_ = base.index;
            dropped_term_ = base.term;
            complete = false;
        }
        checkpoint = base;
    }
    for (const auto& entry : write.append) {
        while (last() >= entry.index && !entries_.empty()) entries_.pop_back();
        entries_.push_back(entry);
    }
}

void RaftDisk::flush(raft::Base base) { checkpoint = std::move(base); }

void RaftDisk::drop(raft::Index index) {
    while (dropped_ < std::min(index, checkpoint.index) && !entries_.empty()) {
        dropped_ = entries_.front().index;
        dropped_term_ = entries_.front().term;
        entries_.pop_front();
    }
}

std::optional<raft::Term> RaftDisk::term_at(raft::Index index) const {
    if (index == dropped_) return dropped_term_;
    if (index < dropped_ || index > last()) return {};
    return entries_[index.value - dropped_.value - 1].term;
}

bool RaftDisk::holds(raft::Index index, raft::Term term) const {
    return index <= checkpoint.index || term_at(index) == term;
}

raft::Loaded RaftDisk::load(const raft::Load& wanted) const {
    raft::Loaded loaded{wanted.peer, wanted.previous, {}, {}, false};
    const auto term = term_at(wanted.previous);
    loaded.gone = !term;
    if (!term) return loaded;
    loaded.previous_term = *term;
    std::size_t bytes = 0;
    for (auto at = wanted.previous.value - dropped_.value; at < entries_.size(); ++at) {
        bytes += raft::weight_of(entries_[at]);
        if (!loaded.entries.empty() && bytes > wanted.entries_bytes_max) break;
        loaded.entries.push_back(entries_[at]);
    }
    return loaded;
}

raft::Start RaftDisk::start(raft::NodeId self) const {
    raft::Start start;
    start.self = self;
    start.hard = hard;
    start.base = checkpoint;
    start.complete = complete;
    for (const auto& entry : entries_)
        if (entry.index > checkpoint.index) start.entries.push_back(entry);
    return start;
}

raft::Base RaftNode::applied_base() const {
    return {applied.index, applied.term, applied.chain,
            raft::configuration_at(*core, applied.index)};
}

void RaftNode::start(const raft::Options& options, std::uint64_t seed) {
    auto begin = disk.start(id);
    begin.options = options;
    begin.seed = seed;
    applied = {disk.checkpoint.index, disk.checkpoint.term, disk.checkpoint.chain};
    complete = disk.complete;
    core.emplace(std::move(begin));
    ++life;
    wake.reset();
}

void RaftNode::crash(std::size_t writes_that_survive) {
    for (std::size_t at = 0; at < std::min(writes_that_survive, writes.size()); ++at)
        disk.take(writes[at]);
    writes.clear();
    core.reset();
}

}  // namespace cmq::simulation
