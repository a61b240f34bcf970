// log/survey.h: all files of a log, each read as far as it goes. Verification and repair begin
// here.
#pragma once

#include <map>
#include <optional>

#include "log/contents.h"
#include "log/directory.h"
#include "log/mark.h"
#include "log/verify.h"
#include "store/wal.h"

namespace cmq::log {

/// A segment or body file as it was found. `problem`: why it is damaged.
struct Surveyed {
    std::optional<Finding> problem;
    std::optional<Finding> database_problem;  // of N.seg: it can be made anew
    std::optional<store::WalScan> scan;       // of a segment with a readable header
    std::optional<Contents> contents;         // of what is whole
};

struct Survey {
    Directory directory;
    Listing listing;
    std::map<std::uint64_t, Surveyed> segments;  // that hold something still
    std::map<std::uint64_t, Surveyed> bodies;
    std::vector<std::uint64_t> unborn;   // segments without a first transaction
    std::vector<std::uint64_t> missing;  // that the last segment names
    std::optional<Mark::Value> mark;

    /// The last row of the log, as far as it is whole.
    Journal end() const;
    /// The last segment of which something can be read; 0: there is none.
    std::uint64_t last_readable() const;
};

/// What the WAL of a segment makes of its database, or of a new one. errors  corrupt, io.
enum class Under { database, new_database };
Result<Contents> read_offline(store::Files& files, const Directory& directory, std::uint64_t number,
                              Under under);
/// The same as a database in memory.
Result<Rows> rows_offline(store::Files& files, const Directory& directory, std::uint64_t number,
                          Under under);

/// errors  io, not_found; damage is no error here.
Result<Survey> survey(store::Files& files, const std::filesystem::path& directory);

}  // namespace cmq::log
