// broker/queue.h: what is known of one queue, without its blocks.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "broker/attributes.h"
#include "broker/chunk.h"
#include "broker/dedup.h"
#include "broker/handle.h"
#include "broker/held.h"

namespace cmq::broker {

inline constexpr Stamp never = Stamp::max();

/// Over all queues, so that they need not be gone through to be counted.
struct Totals {
    Tally tally;
    std::uint64_t held = 0;
};

class Queue final : public Record {
public:
    Queue(Key key_, Totals& totals_)
        : Record(Table::queue, key_), held(totals_.held), totals(totals_) {}

    QueueId id() const { return QueueId{key.major}; }
    Chunk* chunk_of(std::uint64_t sequence);  // null: nothing is left there
    /// Counts messages of `chunk`, one of this queue's, that were `before` and are `after`.
    void recount(Chunk& chunk, const Tally& before, const Tally& after);
    void count_loaded(const Chunk& chunk);  // at a start
    std::string encoded() const override;
    bool decode(std::string_view bytes);

    Namespace space;
    std::string name;
    Attributes attributes;
    Stamp created;
    Stamp modified;
    bool ended = false;  // deleted: nobody finds it, what it held is being cleared away

    std::uint64_t next = 0;  // sequence of the next message to be sent
    std::uint64_t next_lease = 1;
    std::uint64_t next_dedup = 1;
    // No message from here on has been handed out since the last rewind, unless it is held or was
    // deleted; every undeleted one before it is held.
    std::uint64_t cursor = 0;
    Floors floors;
    Stamp floor_born;  // no message below the floor was born later
    Rewinds rewinds;

    // Housekeeping: counts are right at once, blocks are brought up to date and removed later.
    std::uint64_t swept = 0;         // below, blocks agree with the retention floor
    std::uint64_t rewind_swept = 0;  // and with the rewind floor
    Stamp sweep_from;                // not before this
    Stamp retention_due = never;     // the oldest message expires then, or later
    Stamp rewind_due = never;        // the rewind floor rises then, or later

    // Not in the row.
    Tally tally;  // sum over chunks; changed by recount
    std::map<std::uint64_t, Chunk> chunks;
    HeldSet held;
    std::unique_ptr<Dedup> dedup;  // made when first needed
    std::optional<HandleKey> handles;
    Stamp due = never;   // its place in the state's list
    bool woken = false;  // is in the state's list of such queues
    Totals& totals;
};

}  // namespace cmq::broker
