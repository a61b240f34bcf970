// tests/simulation/raft_node.h: the shell of a simulated node: its disk, and the core on top of it.
//
// What is written reaches the disk when it is synced, in order; a crash loses the rest.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "raft/core.h"

namespace cmq::simulation {

/// One commit on its way to the disk.
struct RaftWrite {
    std::optional<raft::HardState> hard;
    std::optional<raft::Base> install;
    std::vector<raft::Entry> append;
    raft::Persisted report;
};

/// What survives a crash: the folded log, and the state's checkpoint.
class RaftDisk {
public:
    raft::HardState hard;
    raft::Base checkpoint;
    bool complete = true;  // has all bodies that the checkpoint wants

    void take(const RaftWrite& write);
    /// Checkpoints at `base`, which the log holds.
    void flush(raft::Base base);
    /// Entries up to `index` are removed from the log; only what is in the checkpoint may be.
    void drop(raft::Index index);

    raft::Index last() const { return raft::Index{dropped_.value + entries_.size()}; }
    std::optional<raft::Term> term_at(raft::Index index) const;
    /// The entry is there, in the log or in the checkpoint.
    bool holds(raft::Index index, raft::Term term) const;
    raft::Loaded load(const raft::Load& wanted) const;
    raft::Start start(raft::NodeId self) const;

private:
    raft::Index dropped_;  // entries lie behind it
    raft::Term dropped_term_;
    std::deque<raft::Entry> entries_;
};

/// Where the state machine of a node stands.
struct Applied {
    raft::Index index;
    raft::Term term;
    std::uint64_t chain = 0;
};

struct RaftNode {
    raft::NodeId id;
    RaftDisk disk;
    std::deque<RaftWrite> writes;       // handed out, not synced
    std::optional<raft::State> core;    // none: it is down
    std::uint64_t life = 0;             // rises with each start
    Applied applied;
    bool complete = true;
    Steady synced_at;                   // when the last write will be
    Steady paused_until;
    std::optional<Steady> wake;         // that is planned

    bool up() const { return core.has_value(); }
    bool leads() const { return up() && raft::leads(*core); }
    raft::Base applied_base() const;
    void start(const raft::Options& options, std::uint64_t seed);
    void crash(std::size_t writes_that_survive);
};

}  // namespace cmq::simulation
