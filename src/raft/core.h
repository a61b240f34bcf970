// raft/core.h: consensus as a state machine: inputs in, what to persist and apply out.
//
// It has no threads, clock or I/O. The shell persists `Output::hard` and `Output::append` in one
// commit, in the order in which outputs came, and reports each with Persisted; it applies
// `Output::apply`. Nothing is applied before it is durable on a majority of the voters.
//
//     follower --nobody leads--> candidate --majority of durable votes--> leader
//
// So far a group has one voter: itself. It goes the same way: its vote is durable before it leads,
// and the no-op of its term is committed before anything that earlier terms left behind.
// Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014); chapters are cited as [n.n].
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "raft/types.h"

namespace cmq::raft {

enum class Role { follower, candidate, leader };

/// What survives a restart: what the log and the checkpoint of the state hold.
struct Start {
    NodeId self;
    HardState hard;
    Base base;                   // up to here the state's checkpoint has everything
    std::vector<Entry> entries;  // those above base.index, in order, durable
};

struct Tick {};  // some time has passed
struct Propose {
    std::vector<Blob> commands;
};  // only a leader takes them
/// Everything up to and including this output is on disk here.
struct Persisted {
    HardState hard;
    Index index;  // of the last entry written; 0 when none was
    Term term;    // of that entry
};
using Input = std::variant<Tick, Propose, Persisted>;

struct Output {
    std::optional<HardState> hard;
    std::vector<Entry> append;
    std::vector<Entry> apply;  // newly committed, in order
};

struct State {
    explicit State(Start start);

    NodeId self;
    std::vector<NodeId> voters;
    Role role = Role::follower;
    HardState hard;
    HardState durable_hard;
    Index base;
    Term base_term;
    std::uint64_t base_chain = 0;
    Index last;
    Term last_term;
    std::uint64_t chain = 0;
    Index commit;
    Index durable;                  // own entries up to here are on disk
    std::deque<Entry> uncommitted;  // commit+1 .. last
    Index term_start;               // the no-op of this leader's term
};

/// One step. Proposals to a node that does not lead are refused by `leads` before; here a broken
/// promise.
Output step(State& state, const Input& input);

/// May propose: leads, and the no-op of its term is committed [6.4].
bool leads(const State& state);

}  // namespace cmq::raft
