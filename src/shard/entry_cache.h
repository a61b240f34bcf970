// shard/entry_cache.h: entries that can be given without asking the disk.
//
// Those of the active segment that were applied are all here (their file is being written); of what
// lies in sealed ones, those read last, up to a number of bytes.
#pragma once

#include <list>
#include <optional>
#include <unordered_map>

#include "base/result.h"
#include "broker/reply.h"
#include "raft/types.h"

namespace cmq::shard {

class EntryCache {
public:
    /// Entries of versions up to `newest` can be read.
    explicit EntryCache(std::size_t cold_bytes_max,
                        broker::FormatVersion newest = broker::newest_format())
        : cold_bytes_max_(cold_bytes_max), newest_(newest) {}

    void add_active(const raft::Entry& entry);
    /// One that was fetched, and lies in the active segment.
    void add_body(const raft::Entry& entry);
    /// Entries up to `last`, and all bodies, can be read from the archive from now on.
    void sealed(raft::Index last);
    /// errors  corrupt: the entry is not what a leader wrote.
    Status add_cold(const raft::Entry& entry);

    bool is_active(raft::Index index) const { return active_.contains(index.value); }
    const raft::Entry* find_entry(raft::Index index) const;  // null: it is not here

    /// The body, when its entry is here. errors  corrupt: the entry has no such slot.
    Result<std::optional<broker::Body>> find(broker::BodyAt at);

    std::size_t bytes() const { return active_bytes_ + cold_bytes_; }

private:
    struct Line {
        raft::Entry entry;
        std::vector<std::string_view> bodies;  // empty until first asked for
        bool indexed = false;
        std::list<std::uint64_t>::iterator use;  // cold lines only
    };
    using Lines = std::unordered_map<std::uint64_t, Line>;

    Result<broker::Body> body_of(Line& line, std::uint32_t slot);
    void cool(std::uint64_t index);
    void insert_cold(raft::Entry entry);
    void erase_cold(std::uint64_t index);
    void shrink();

    std::size_t cold_bytes_max_;
    broker::FormatVersion newest_;
    std::size_t active_bytes_ = 0;
    std::size_t cold_bytes_ = 0;
    Lines active_;
    std::vector<std::uint64_t> active_bodies_;  // indexes
    Lines cold_;
    std::list<std::uint64_t> used_;  // cold indexes, the latest first
};

}  // namespace cmq::shard
