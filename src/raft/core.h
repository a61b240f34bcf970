// raft/core.h: consensus as a state machine: inputs and the time in, what to persist, send and
// apply out.
//
// It has no threads, clock, I/O or chance of its own. The shell
//   - persists `install`, `hard` and `append` of each output in one commit, in the order in which
//     outputs came, and reports each that had any of them with one Persisted, in the same order;
//   - sends `send` at once: what must wait for the disk is not in there yet. Messages may be lost,
//     doubled or come in any order;
//   - applies `apply`. Committed means on disk at a majority, not necessarily here: a state written
//     down must not be ahead of `durable` (D5).
//
//     follower --nobody leads--> pre-candidate --majority would--> candidate --majority did-->
//     leader
//        ^                                                                                       |
//        +------------- a higher term, a leader, or no word from a majority
//        -----------------------+
//
// Where to read: election.cpp (terms and votes), follower.cpp (what a leader tells us),
// leader.cpp (what we tell followers), commit.cpp, reads.cpp, handover.cpp, membership.cpp,
// snapshot.cpp, copies.cpp (D9).
// Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014); chapters are cited as [n.n].
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "raft/messages.h"
#include "raft/state.h"

namespace cmq::raft {

struct Tick {};  // some time has passed, see next_wake
/// Only while `leads`.
struct Propose {
    std::vector<Blob> commands;
};
/// An output is on disk here, and all before it.
struct Persisted {
    HardState hard;  // State::hard right after that step
    Index index;     // of its last entry; without entries that of `install`; else 0
    Term term;       // of that entry or base
};
struct Received {
    Message message;
};
/// The answer to a Load. No entries and not gone: could not be read now, ask again later.
struct Loaded {
    NodeId peer;
    Index previous;
    Term previous_term;          // of the entry at `previous`; 0 at 0
    std::vector<Entry> entries;  // those behind it, in order
    bool gone = false;           // the log no longer has `previous` or what follows it
};
/// A read that must see everything answered before now. Answered in ReadReady.
struct Read {
    std::uint64_t id = 0;
};
/// Only when may_change.
struct Change {
    Configuration configuration;
};
/// Give up the lead to `to`, or (0) to whoever is best. Nothing happens when we do not lead, or
/// `to` may not.
struct Transfer {
    NodeId to;
};
/// This node is about to be stopped: it gives up the lead, and leaves it to the others for as long
/// as one of them takes it. Until it starts anew.
struct StandBack {};
/// The same, and soon it will be silent: no answer waits for its disk any more (D9). What it still
/// acknowledges counts for commit.
struct Leave {};
/// A whole state snapshot came from the leader `from` of `term`. Taken when Output::install is set.
struct Installed {
    NodeId from;
    Term term;
    Base base;
};
/// The end of a sending: Installed does not come from it any more.
struct SnapshotSent {
    NodeId peer;
    Index index;      // of its base
    bool ok = false;  // the peer took it, or needs it no more
};
/// Whether this node has all bodies that its state wants (D2).
struct Complete {
    bool complete = true;
};
using Input = std::variant<Tick, Propose, Persisted, Received, Loaded, Read, Change, Transfer,
                           StandBack, Leave, Installed, SnapshotSent, Complete>;

/// Entries behind `previous` are wanted from the log on disk, for a follower.
struct Load {
    NodeId peer;
    Index previous;
    std::size_t entries_bytes_max = 0;
};
/// ok: answer the read once `index` is applied. Not ok: we do not lead (any more).
struct ReadReady {
    std::uint64_t id = 0;
    Index index;
    bool ok = false;
};

struct Output {
    std::optional<HardState> hard;
    std::vector<Entry> append;  // may begin at or below the log's end: replaces that and all above
    /// Journal this base first, then load the snapshot. Entries of the log above it stay when the
    /// log has an entry of the base's term at its index; otherwise the whole log is void.
    std::optional<Base> install;
    std::vector<Entry> apply;  // newly committed, in order
    std::vector<Message> send;
    std::vector<Load> load;
    std::vector<NodeId> snapshot;  // send these a snapshot; asked once until SnapshotSent
    std::vector<ReadReady> reads;
    std::string damaged;  // not empty: stop; a log here or elsewhere is not what it must be
};

/// One step. Inputs that break a promise of the shell stop the process; whatever a peer sends does
/// not. After `damaged` nothing comes out any more.
Output step(State& state, const Input& input, Steady now);

/// May propose: leads, the no-op of its term is committed [6.4], and is not handing over [3.10].
bool leads(const State& state);
NodeId leader(const State& state);  // as far as we know; 0: unknown

/// Committed, and on disk as often as Options::copies demands: may be answered (D9). Never falls
/// while we lead; 0 while we do not.
Index secured(const State& state);
/// Voters that are synchronous copies, ourselves included (D9); 0 unless we lead.
std::size_t copies_in_sync(const State& state);
/// With Copies::all: a voter does not keep up, so refuse what clients propose.
bool lacks_copies(const State& state);

/// When Tick has work, if it ever has.
std::optional<Steady> next_wake(const State& state);

/// Whether `to` may be put in force: one node added, removed, promoted or demoted, a new voter
/// being a learner that keeps up [4.2.1]; the last change and the no-op of our term are committed.
/// errors  unavailable: not now; invalid: never.
Status may_change(const State& state, const Configuration& to);
/// What was in force at `index`, which is not below the base.
const Configuration& configuration_at(const State& state, Index index);

/// For people.
struct PeerStatus {
    NodeId id;
    Index match;
    bool voter = false;
    bool in_sync = false;
    bool complete = false;
    bool heard = false;  // within an election timeout
};
struct GroupStatus {
    Role role = Role::follower;
    NodeId leader;
    Term term;
    Index commit, last, durable, secured;
    std::vector<PeerStatus> peers;  // ourselves included; only a leader knows of others
};
GroupStatus status(const State& state, Steady now);

}  // namespace cmq::raft
