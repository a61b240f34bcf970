// shard/jobs.h: what the threads of a shard say to each other (D10).
//
//     doors, peers --Event--> core --WriteJob--> writer --Written--> core
//                        |---KeepJob----> keeper --EntryRead, Loaded, MissingFound, Room--> core
//                        +---FlushJob---> flusher --Flushed--> core
//                        +-SnapshotJob--> flusher --Copied, CopyRead, SnapshotCame--> core
#pragma once

#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "broker/state.h"
#include "log/log.h"
#include "raft/core.h"
#include "shard/bulk.h"
#include "shard/journal_watch.h"
#include "shard/request.h"

namespace cmq::shard {

/// Called once, from any thread.
using BulkReply = std::function<void(Result<BulkAnswer>)>;

/// The checkpoint's copy for a node that is too far behind.
struct SnapshotCopy {
    raft::Base base;  // where it stands
    std::uint64_t size = 0;
};

// To the writer, which answers each with Written, in order.
struct WriteJob {
    log::Commit commit;
    std::optional<raft::Persisted> done;
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
    std::uint64_t keep_log_bytes = 0;          // of sealed segments, for followers that were away
    std::optional<raft::Index> needed_behind;  // entries behind it are about to be asked for
};
/// Which of the entries of these stripes, up to `last`, are in no sealed file?
struct FindMissing {
    std::vector<raft::Index> stripes;  // the first index of each
    raft::Index last;
};
/// What another node wants; answered to it at once.
struct ReadBodies {
    std::vector<raft::Index> indexes;
    std::vector<raft::Entry> at_hand;  // those of them that the core had
    raft::Index applied;
    BulkReply reply;
};
using KeepJob = std::variant<Adopt, ReadEntry, ReadRange, Tidy, FindMissing, ReadBodies>;

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
    raft::Index bodies_lack;  // up to here they may be missing; 0: none is
};
/// A copy of the checkpoint for a node that is too far behind.
struct CopyState {
    raft::NodeId to;
};
struct ReadCopy {
    raft::NodeId to;
    std::uint64_t offset = 0;
};
struct DropCopy {
    raft::NodeId to;
};
/// A piece of such a copy has come.
struct TakeChunk {
    raft::NodeId from;
    SnapshotChunk chunk;
    BulkReply reply;
};
/// What has come is not wanted any more.
struct DropIncoming {};
using SnapshotJob = std::variant<CopyState, ReadCopy, DropCopy, TakeChunk, DropIncoming>;

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
    std::optional<raft::Persisted> what;  // nothing: it was fetched bodies alone
    log::SealedSegment sealed;            // set: all that was written before lies in it
    std::vector<raft::Entry> bodies;      // those that are on disk now
    log::Journal journal;                 // of this commit
};
struct EntryRead {
    raft::Index index;
    Result<raft::Entry> entry;
};
/// An entry in a sealed file is not what was written.
struct Damaged {
    raft::Index index;
    Error error;
    bool stops_alone = false;  // who has nobody to ask cannot go on
};
struct Room {
    std::uint64_t free_bytes = 0;
};
struct FromPeer {
    raft::Message message;
    Stamp wall;  // of its node's clock when it was sent
    std::optional<JournalNote> note;
};
struct SetSelf {
    broker::NodeEntry self;
};
/// Somebody else should lead, 0: whoever is best.
struct HandOver {
    raft::NodeId to;
};
/// Stop comes soon: others are to lead, and to do without this copy.
struct Leave {};
struct Flushed {
    Position position;
    raft::Index bodies_lack;
};
struct MissingFound {
    std::vector<raft::Index> indexes;
};
struct Copied {
    raft::NodeId to;
    Result<SnapshotCopy> copy;
};
struct CopyRead {
    raft::NodeId to;
    std::uint64_t offset = 0;
    std::string bytes;
};
/// All of a snapshot is here and durable.
struct SnapshotCame {
    raft::NodeId from;
    raft::Term term;
    raft::Base base;
    BulkReply reply;
};
/// Another node asks.
struct Asked {
    raft::NodeId from;
    BulkRequest request;
    BulkReply reply;
};
/// What another node said to what we asked.
struct Answered {
    std::uint64_t question = 0;
    Result<BulkAnswer> answer;
};
struct Stop {};
using Event = std::variant<Submit, Cancel, GiveBack, FromPeer, HandOver, Leave, SetSelf, Written,
                           EntryRead, raft::Loaded, Damaged, Room, Flushed, MissingFound, Copied,
                           CopyRead, SnapshotCame, Asked, Answered, Stop>;

}  // namespace cmq::shard
