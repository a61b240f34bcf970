// log/pool.h: WAL files that were written once already, and a database file for each.
//
// Appending to a file that grows, or to space that was only reserved, costs 1.7 times the fsyncs.
// And what is in the pool can be used on a disk that is full to the last byte.
// The writer takes files, the keeper adds them; both only by rename, so they need no lock. Where
// the keeper does not follow the writer takes an empty file and fills it piece by piece as it goes
// (log/claim.h): a whole one at once would hold every answer for a tenth of a second.
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
    /// Puts both files of a segment in place: from the pool, else made now, the WAL empty. Their
    /// directory is not synced. errors  disk_full: not both are there; it may be tried again.
    Status place(const std::filesystem::path& segment, const std::filesystem::path& wal);
    /// Makes a piece of what is missing, small enough that the log's fsyncs hardly wait for it.
    /// True: something was.
    Result<bool> fill_piece();
    /// Takes back a WAL that nobody needs, or removes it when the pool is full.
    Status recycle(const std::filesystem::path& wal);

private:
    /// A WAL file on its way into the pool.
    struct Filling {
        std::unique_ptr<store::File> file;
        std::uint64_t bytes = 0;  // written and synced
    };

    Result<bool> place_segment(const std::filesystem::path& segment);
    Result<bool> place_wal(const std::filesystem::path& wal);
    Result<bool> make_blank();
    Status extend(Filling& filling);
    Status add(const std::filesystem::path& path, const char* suffix);

    store::Files& files_;
    const Options& options_;
    Directory directory_;
    std::optional<Filling> filling_;
};

}  // namespace cmq::log
