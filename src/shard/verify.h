// shard/verify.h: is the state on this disk whole, and does it fit the log beside it? Offline.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "broker/format_version.h"
#include "log/verify.h"
#include "store/files.h"

namespace cmq::shard {

struct StateReport {
    std::uint64_t rows = 0;
    std::uint64_t messages = 0;  // that can be received, now or after a rewind
};

/// Reads all of `folder`/0001.db, or of the snapshot that a start would put in its place. Both are
/// opened for writing, as a start would, and because SQLite recovers what it opens: give it copies.
/// Whether each body is there is asked only of a log that is sound. errors  corrupt: damage;
/// exists: the state is of a newer format than this program knows; io.
Result<StateReport> verify_state(store::Files& files, const std::filesystem::path& folder,
                                 const log::Report& log,
                                 broker::FormatVersion newest = broker::newest_format());

}  // namespace cmq::shard
