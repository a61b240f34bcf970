// log/claim.h: the part of the active WAL that the disk has given us already.
//
//     | frames of commits | claimed: zeros, synced |   not there yet
//     0               the WAL's end             bytes()
//
// A full disk is met here, before anything of a commit is written.
#pragma once

#include "log/log.h"

namespace cmq::log {

class Claim {
public:
    Claim(store::Files& files, const Options& options) : files_(&files), options_(&options) {}

    /// From now on it is that of `wal`; what the file has is claimed. errors  not_found, io.
    Status begin(const std::filesystem::path& wal);
    /// The first `bytes` of the file can be written. A WAL that grows is kept longer than that, as
    /// far as the disk has room: so that deletes still have some when sends are refused. True: the
    /// file was to become longer. errors  disk_full: it may be tried again; io.
    Result<bool> cover(std::uint64_t bytes);

    std::uint64_t bytes() const { return bytes_; }

private:
    Status extend(std::uint64_t bytes);

    store::Files* files_;
    const Options* options_;
    std::filesystem::path wal_;
    std::uint64_t bytes_ = 0;
};

}  // namespace cmq::log
