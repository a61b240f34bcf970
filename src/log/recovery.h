// log/recovery.h: what is found on disk when a log is opened (D3a, D3b).
//
// First everything is looked at; damage ends it there, with nothing changed but a copy in damaged/.
// Only then a torn tail is erased, what was recovered is made durable, and left-over files go.
#pragma once

#include <optional>
#include <vector>

#include "log/segment.h"

namespace cmq::log {

struct Found {
    std::vector<SealedSegment> sealed;  // oldest first
    std::optional<Active> active;       // nothing: a new log
    std::vector<std::uint64_t> bodies;
    std::uint64_t next_number = 1;  // of the next segment
};

/// errors  corrupt: with file and position. invalid: the log of another incarnation. busy, io.
Result<Found> recover(store::Files& files, const Options& options);

}  // namespace cmq::log
