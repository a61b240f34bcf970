// shard/jobs.h: what the threads of a shard say to each other (D10).
//
//     doors, peers --Event--> core --WriteJob--> writer --Written--> core
//                        |---KeepJob----> keeper --EntryRead, Loaded, Room--> core
//                        +---FlushJob---> flusher --Flushed--> core
#pragma once

#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "broker/state.h"
#include "log/log.h"
#include "raft/core.h"
#include "shard/request.h"

namespace cmq::shard {

// To the writer, which answers each with Written, in order.
struct WriteJob {
    log::Commit commit;
    raft::Persisted done;
};

// To the keeper.
struct Adopt {
    log::SealedSegment sealed;
};
struct ReadEntry {
    raft::Index index;
};
/// Entries for a follower that is further behind than memory reaches.
struct ReadRange {
    raft::Load what;
    std::optional<raft::Term> previous_term;  // when it is known
};
/// Which stripes of the log hold something live, as of a flush.
struct LiveStripes {
    raft::Index first;          // nothing below is live
    std::vector<bool> stripes;  // of live_stripe indexes each, from `first`'s stripe on
    bool any(raft::Index from, raft::Index to) const;
};
inline constexpr std::uint64_t live_stripe = 64;
struct Tidy {
    raft::Index durable_applied;
    LiveStripes live;
};
using KeepJob = std::variant<Adopt, ReadEntry, ReadRange, Tidy>;

/// Where a checkpoint of the state stands in the log.
struct Position {
    raft::Index index;
    raft::Term term;
    std::uint64_t chain = 0;
};

// To the flusher.
struct FlushJob {
    Position position;
    raft::Configuration configuration;  // in force there
    std::vector<broker::Row> rows;
};

// To the core.
struct Submit {
    Ticket ticket;
    Request request;
    Continuation done;
    bool again = false;  // whoever led when it was asked first does not any more
};
struct Cancel {
    Ticket ticket;
};
struct Written {
    raft::Persisted what;
    log::SealedSegment sealed;  // set: all that was written before lies in it
};
struct EntryRead {
    raft::Index index;
    Result<raft::Entry> entry;
};
struct Room {
    std::uint64_t free_bytes = 0;
};
struct FromPeer {
    raft::Message message;
    Stamp wall;  // of its node's clock when it was sent
};
struct SetSelf {
    broker::NodeEntry self;
};
/// Somebody else should lead, 0: whoever is best.
struct HandOver {
    raft::NodeId to;
};
struct Flushed {
    Position position;
};
struct Stop {};
using Event = std::variant<Submit, Cancel, GiveBack, FromPeer, HandOver, SetSelf, Written, EntryRead,
                           raft::Loaded, Room, Flushed, Stop>;

}  // namespace cmq::shard
