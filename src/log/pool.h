// log/pool.h: WAL files that were written once already.
//
// Appending to a file that grows, or to space that was only reserved, costs 1.7 times the fsyncs.
// The writer takes files, the keeper adds them; both only by rename, so they need no lock.
#pragma once

#include "log/directory.h"
#include "log/log.h"

namespace cmq::log {

class Pool {
public:
    Pool(store::Files& files, const Options& options)
        : files_(files), options_(options), directory_{options.directory} {}

    Result<std::uint64_t> count() const;
    /// Puts a file in place as `wal`: from the pool, else one filled now, or an empty one with
    /// grow_first. The directory is not synced. errors  disk_full: there is no such file.
    Status place(const std::filesystem::path& wal);
    /// Fills one file. True: it was missing.
    Result<bool> fill_one();
    /// Takes back a WAL that nobody needs, or removes it when the pool is full.
    Status recycle(const std::filesystem::path& wal);

private:
    Status fill(const std::filesystem::path& path) const;
    Status add(const std::filesystem::path& path);

    store::Files& files_;
    const Options& options_;
    Directory directory_;
};

}  // namespace cmq::log
