// log/archive.h: sealed segments and settled bodies: read, settle, drop, recycle.
//
// Belongs to one thread (the keeper). A sealed segment arrives with its one connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "log/log.h"

namespace cmq::log {

class Archive {
public:
    Archive(store::Files& files, Options options);
    ~Archive();

    /// The body files that Log::open found. errors  corrupt, io.
    Status open_bodies(const std::vector<std::uint64_t>& numbers);

    /// The segment after it is durable, with its first transaction.
    void adopt(SealedSegment sealed);

    /// The entry at (group, index), checked. errors  not_found: not in a sealed segment or body
    /// file; corrupt: with file and position; io.
    Result<raft::Entry> read(raft::Group group, raft::Index index);

    /// Whether `read` finds it. errors  as read.
    Result<bool> holds(raft::Group group, raft::Index index);

    /// From `from` on the log that is written has other entries, or none: those here are void.
    void void_from(raft::Group group, raft::Index from);

    /// Tells for a whole range of indexes (inclusive) whether any of it is still needed.
    using Live = std::function<bool(raft::Group, raft::Index first, raft::Index last)>;

    struct Settled {
        raft::Index entries;  // up to here nobody reads them one after the other any more
        raft::Index bodies;   // of fetched ones: up to where the state is in a checkpoint
    };
    /// Does one bounded piece of work, the oldest first: settles one sealed segment whose entries
    /// are all at or below `settled`, drops one that holds nothing live, or settles a body
    /// file again that is less than 30 % live. True: something was done, there may be more.
    /// errors  corrupt: an entry that lives cannot be read, see damaged(); nothing was given up.
    /// disk_full: what was begun is begun anew by a later call; nothing was given up.
    Result<bool> tidy_up(raft::Group group, Settled settled, const Live& live);

    /// Reads on where it stopped, some `bytes_max`, to find what the disk has changed.
    struct Scrubbed {
        std::vector<raft::Index> damaged;  // of `group`: no copy here can be read
        bool round_ends = false;           // the next call begins anew
    };
    Result<Scrubbed> scrub(raft::Group group, std::uint64_t bytes_max);

    /// The entry that tidy_up could not read when it failed as corrupt.
    std::optional<raft::Index> damaged() const;

    /// The last entry of `group` that lies in no sealed segment any more when only `bytes` of them
    /// are kept, the newest first; 0: they are not so many.
    raft::Index behind(raft::Group group, std::uint64_t bytes) const;

    /// Makes durable how far the log was durable (log/mark.h): about once a second.
    Status sync_mark();

    /// Fills the pool up to its size, a piece a call. True: something was missing.
    Result<bool> fill_pool();

    struct Usage {
        std::uint64_t sealed_segments = 0, body_files = 0, pool_files = 0, bytes = 0;
        Room room;
    };
    Result<Usage> usage();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::log
