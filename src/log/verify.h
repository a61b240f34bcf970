// log/verify.h: is everything on this disk what was written? Offline: nobody has the log open.
//
// Reads every byte that matters and changes nothing, not even as SQLite's recovery would: segments
// are put together in memory from the frames of their WAL.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "log/format.h"
#include "log/index_set.h"
#include "log/log.h"

namespace cmq::log {

enum class Severity {
    damage,  // the log does not open, or an entry cannot be read
    note,    // left over from a crash; goes away when the log is opened
};

struct Finding {
    std::filesystem::path file;
    std::uint64_t position = 0;  // byte; 0 also for the file as a whole
    std::string what;
    Severity severity = Severity::damage;
};

struct Report {
    std::vector<Finding> findings;
    std::uint64_t segments = 0, body_files = 0;
    std::uint64_t entries = 0, bytes = 0;      // that were read and are right; also replaced ones
    std::map<raft::Group, IndexSet> readable;  // entries that are whole, fetched bodies too
    States states;                             // where each group stands behind the last row
    Journal end;                               // the last row of the log

    bool sound() const;  // no damage was found
};

/// errors  io: something cannot be read at all; not_found: there is no such directory.
Result<Report> verify(store::Files& files, const std::filesystem::path& directory);

}  // namespace cmq::log
