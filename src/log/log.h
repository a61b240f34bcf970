// log/log.h: the one log of a node, on disk.
//
// A chain of SQLite databases `N.seg`; the WAL of the active one *is* the log: one row per commit,
// appended and fsynced, never updated, never checkpointed. What a segment still needs when it is
// sealed is served, settled and dropped by the archive (log/archive.h).
//
//     pool/7  --put in place-->  42.seg-wal (active)  --full-->  sealed  --settle-->  42.body
//        ^                                                          |
//        +------------------------- recycled -----------------------+
//
// Failure is loud: a write or fsync that fails is an Error of code io that the caller must not
// survive (D14); nothing here retries one.
//
// A full disk is no failure. A commit is written only into bytes that the WAL has already, zeros
// that were synced (log/claim.h), with room for the row that ends the segment left; so it is met
// before the first byte of a commit, and the same call may be made again. Inside of a commit it
// cannot be met on a file system that writes over a file in place. Where it is met all the same (a
// file system that copies on write, a thin volume) it is io, and the process ends: SQLite would
// roll back, but what it keeps in memory and the unfinished frames behind the WAL's end would have
// to be trusted on a disk that broke its word.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "log/commit.h"
#include "raft/types.h"
#include "store/files.h"

namespace cmq::log {

/// Rules that can be broken on purpose, to prove that the tests would notice. Only tests set this.
enum class Planted {
    none,
    recycled_header_kept,    // a recycled WAL file keeps its first bytes
    no_sync_after_recovery,  // what recovery reads is not made durable (D3a)
    body_crc_ignored,        // what is read is not compared with its checksum
};

struct Options {
    std::filesystem::path directory;            // made when missing
    std::uint64_t segment_bytes = 64ull << 20;  // WAL size at which the next segment is taken
    unsigned pool_files = 2;                    // recycled or filled beforehand
    bool grow_first = false;                    // --dev: segments grow, no pool is filled
    std::uint64_t grow_bytes = 4ull << 20;      // by so much, half of it before it is needed
    std::uint64_t incarnation = 1;              // of the node; journal numbers never repeat in it
    Planted planted = Planted::none;
};

/// One group as it was found on disk.
struct Tail {
    raft::HardState hard;
    raft::Base base;
    raft::Index last;                                       // base.index when there are no entries
    std::vector<std::pair<raft::Index, raft::Term>> terms;  // where each term begins, rising
    std::uint64_t chain = 0;                                // at `last`
};

struct Recovered {
    std::map<raft::Group, Tail> groups;  // empty: a new log
    Journal journal;                     // of the last valid transaction
};

/// A segment that takes no more rows, on its way from the writer to the archive.
struct Sealed;
struct SealedDelete {
    void operator()(Sealed* sealed) const;
};
using SealedSegment = std::unique_ptr<Sealed, SealedDelete>;

/// What the disk can still take.
struct Room {
    std::uint64_t free_bytes = 0;  // of the file system
    bool scarce = false;           // pool and disk do not have two more files, or growths, in all
};

struct Appended {
    Journal journal;
    SealedSegment sealed;      // set when this commit opened a new segment: the one before
    std::optional<Room> room;  // set when it took some, as it is since
};

class Archive;

/// The writing end. One thread at a time.
class Log {
public:
    /// Opens or makes the log: checks it (D3a, D3b) and makes what was recovered durable before it
    /// returns. Sealed segments that were found are given to `archive`.
    /// errors  corrupt: damage, with file and position; nothing was changed. busy, io, disk_full.
    static Result<std::unique_ptr<Log>> open(store::Files& files, Options options,
                                             Archive& archive);
    ~Log();

    const Recovered& recovered() const;

    /// Gives the entries of `group` from `from` to its last, in order. Before the first append.
    Status replay(raft::Group group, raft::Index from,
                  const std::function<Status(const raft::Entry&)>& take);

    /// Gives the entries of `group`, or with bodies_of(group) its fetched bodies, that lie in the
    /// active segment: only they cannot be read from the archive. Before the first append.
    Status replay_active(raft::Group group, const std::function<void(const raft::Entry&)>& take);

    /// Durable when it returns. errors  io: stop the process. disk_full: nothing was written
    /// because no room could be taken; the same call may be made again later. invalid: a gap.
    Result<Appended> append(const Commit& commit);

    /// What one commit and all commits have cost; for metrics.
    struct Cost {
        std::uint64_t commits = 0, fsyncs = 0, bytes_written = 0, segments = 0;
    };
    Cost cost() const;

private:
    struct Parts;
    explicit Log(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::log
