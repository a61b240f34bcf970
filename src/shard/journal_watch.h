// shard/journal_watch.h: notices that a node's log lost what was durable (D3b).
//
// A log's transactions are numbered, and a number is told to others only once it is durable. So a
// node that starts with fewer than it once told of has lost writes: its disk lied, or an old copy
// was put in its place. It may have lost its vote and what it acknowledged, and must not go on.
//
// Each message says how far the sender's log was when its process began and how far it is now, and
// what the sender remembers of the receiver. Who finds that it lost writes stops; who hears from
// such a node does not listen. Remembered in memory, by those that it spoke to: a whole cluster
// that starts at once knows nothing, nor does a leader that began while the node was away.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "broker/format_version.h"
#include "log/commit.h"
#include "raft/types.h"

namespace cmq::shard {

/// Stands at the head of every message between nodes. Its first two bytes are for ever: what
/// follows is of the version that they say is in force.
struct JournalNote {
    broker::FormatVersion knows;   // the newest that the sender's program does
    broker::FormatVersion format;  // in force, as far as the sender has applied the log
    std::uint64_t life = 0;        // of the sender's process; drawn
    log::Journal start;            // durable when it began
    log::Journal now;              // durable now
    std::uint64_t your_life = 0;   // the receiver's, as the sender knows it; 0: never heard of it
    log::Journal yours;            // the highest that it told of
};
void encode(const JournalNote& note, Encoder& out);
JournalNote decode_journal_note(Decoder& in);

class JournalWatch {
public:
    JournalWatch(std::uint64_t life, log::Journal start) : life_(life), start_(start) {}

    void durable(log::Journal journal) { now_ = journal; }
    JournalNote note_for(raft::NodeId to) const;

    enum class Verdict { listen, ignore, we_lost_writes };
    Verdict heard(raft::NodeId from, const JournalNote& note);

private:
    struct Memory {
        std::uint64_t life = 0;
        log::Journal highest;
    };

    const std::uint64_t life_;
    const log::Journal start_;
    log::Journal now_ = start_;
    std::map<raft::NodeId, Memory> others_;
};

}  // namespace cmq::shard
