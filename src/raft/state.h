// raft/state.h: all that a node of a group remembers. Changed by `step` only; others look.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "raft/entries.h"
#include "raft/options.h"
#include "raft/peer.h"
#include "raft/types.h"

namespace cmq::raft {

enum class Role { follower, pre_candidate, candidate, leader };

/// What survives a restart: what the log and the checkpoint of the state hold.
struct Start {
    NodeId self;
    HardState hard;
    Base base;                   // up to here the state's checkpoint has everything
    std::vector<Entry> entries;  // those above base.index, in order, durable
    Options options = {};
    std::uint64_t seed = 0;  // of the election timeouts; different on each node
    bool complete = true;    // has all bodies that its state wants (D2)
};

/// Chance from a seed: same seed, same numbers (splitmix64).
struct Chance {
    std::uint64_t state = 0;
    std::uint64_t draw();
};

/// An output that was handed out and not yet reported by Persisted.
struct Write {
    HardState hard;
    Index index;  // what Persisted will say
    Term term;
    Index end;       // of the log on disk once it is there; 0: as before
    Index cut_from;  // entries from here on are replaced by it; 0: none is
};

/// As a follower: towards the leader of this term.
struct Following {
    Index verified;           // our log was compared with the leader's up to here
    Index acknowledged;       // the last match that was sent
    bool owes_reply = false;  // an answer waits for the disk
    std::uint64_t round = 0;  // the latest that was heard
};

/// As a candidate.
struct Standing {
    std::vector<NodeId> granted;
    bool asked = false;     // own vote is on disk, the others are asked
    bool transfer = false;  // the leader wanted this election
};

/// A read that waits until a majority confirmed that we lead [6.4].
struct WaitingRead {
    std::uint64_t id = 0;
    Index index;
    std::uint64_t round = 0;
};

struct Handover {
    NodeId to;
    Steady until;
};

/// How far things were at a heartbeat.
struct Milestone {
    Steady at;
    Index last;
    Index commit;
};

struct Leading {
    Index term_start;  // the no-op of this term
    Steady since;
    Steady heartbeat_at;
    std::vector<Peer> peers;
    std::uint64_t round = 1;            // of the last broadcast; a peer that said nothing has 0
    std::uint64_t round_confirmed = 1;  // by a majority
    std::vector<WaitingRead> reads;     // oldest first
    std::optional<Handover> handover;
    std::vector<Milestone> milestones;  // of the last sync_patience, oldest first
    Index secured;
};

struct State {
    explicit State(Start start);

    NodeId self;
    Options options;
    Chance chance;
    bool complete = true;
    bool stands_back = false;  // others are to lead
    bool leaves = false;       // is about to stop: no copy any more
    bool started = false;      // the first step sets the election timer
    std::string damaged;       // why this node must stop; empty: it is well

    HardState hard;
    HardState durable_hard;
    Entries log;
    /// Where each configuration begins; the first is the base's, the last is in force [4.1].
    std::vector<std::pair<Index, Configuration>> configurations;
    Index commit;

    std::vector<Write> writing;  // oldest first
    Index on_disk;               // the log's end after the last write that was reported
    Index durable;               // of this log, up to here is on disk and stays there

    std::size_t recent_bytes = 0;  // weight of the committed entries in memory

    Role role = Role::follower;
    NodeId leader;  // 0: unknown
    Steady leader_heard;
    Steady election_at;
    NodeId owes_vote;  // a candidate whose vote waits for the disk
    Following following;
    Standing standing;
    Leading leading;

    const Configuration& configuration() const { return configurations.back().second; }
};

}  // namespace cmq::raft
