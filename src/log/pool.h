// log/pool.h: WAL files that were written once already, and a database file for each.
//
// Appending to a file that grows, or to space that was only reserved, costs 1.7 times the fsyncs.
// And what is in the pool can be used on a disk that is full to the last byte.
// The writer takes files, the keeper adds them; both only by rename, so they need no lock.
#pragma once

#include "log/directory.h"
#include "log/log.h"

namespace cmq::log {

class Pool {
public:
    Pool(store::Files& files, const Options& options)
        : files_(files), options_(options), directory_{options.directory} {}

    Result<std::uint64_t> count() const;  // of WAL files
    Result<Room> room() const;
    /// Puts both files of a segment in place: from the pool, else made now; the WAL filled, or an
    /// empty one with grow_first. Their directory is not synced. errors  disk_full: not both are
    /// there; it may be tried again.
    Status place(const std::filesystem::path& segment, const std::filesystem::path& wal);
    /// Makes one file. True: it was missing.
    Result<bool> fill_one();
    /// Takes back a WAL that nobody needs, or removes it when the pool is full.
    Status recycle(const std::filesystem::path& wal);

private:
    Result<bool> place_segment(const std::filesystem::path& segment);
    Result<bool> place_wal(const std::filesystem::path& wal);
    Result<bool> make_blank();
    Status fill(const std::filesystem::path& path) const;
    Status add(const std::filesystem::path& path, const char* suffix);

    store::Files& files_;
    const Options& options_;
    Directory directory_;
};

}  // namespace cmq::log
