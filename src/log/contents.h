// log/contents.h: all rows of a file, read and checked one by one.
//
// Recovery reads the last segment so; verification reads every file so.
#pragma once

#include <optional>

#include "log/fold.h"
#include "log/rows.h"

namespace cmq::log {

struct Contents {
    Journal begin, end;  // its rows
    Opening opening;
    std::optional<Sealing> sealing;
    FileIndex index;  // of the sealing row
    Fold fold;
    std::uint64_t entries = 0, bytes = 0;  // payloads, also those that were replaced
};

/// Checks every checksum, that rows follow one another, and each entry the one before it, as far
/// as this segment knows that. errors  corrupt: with file and row.
Result<Contents> read_segment(Rows& rows, std::uint64_t number);

/// Likewise for a body file. Gives each entry that can be read to `take`.
using TakeEntry = std::function<Status(raft::Group, const Located&, std::string_view payload)>;
Result<Contents> read_body(Rows& rows, std::uint64_t number, const TakeEntry& take);

/// The payload of `entry` in the body of its row. errors  corrupt.
Result<std::string_view> payload_in(std::string_view body, std::uint64_t segment, raft::Group group,
                                    const Located& entry);

}  // namespace cmq::log
