// log/format.h: all formats of the log's files, in one place.
//
// Segments (`N.seg` with its WAL) and settled bodies (`N.body`) are SQLite databases with the one
// table `row` (log/rows.h): number, kind, toc, body. In a segment a row's number is its journal
// number, so numbers go on from segment to segment; in a body file they count from 1.
//
//     opening  the first row of a segment: who it is, what is older, where each group stands
//     commit   toc: what was committed, with a Located for each entry
//              body: the payloads of the entries, back to back, and nothing else
//     sealing  the last row. toc: where each group stands, the range of each group.
//              body: all that can be found in this file
//
// A toc is: u8 version | content | u32 CRC32C of segment number, row number and all before it. The
// body of a sealing row is the same. The CRC32C of an entry covers segment number, group, index,
// term, kind, chain and payload. All numbers are little-endian or varints (base/bytes.h); in lists
// most are differences to the one before. `mark` is described in log/mark.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "log/commit.h"
#include "raft/types.h"

namespace cmq::log {

inline constexpr std::uint8_t format_version = 2;

/// Of every database of the log. A commit costs whole pages: small ones are cheap for single
/// messages, large ones for large commits; 8 KiB is 1.06 times the bytes at 280 KiB a commit.
inline constexpr std::uint64_t page_bytes = 8192;
/// What is zeroed of a recycled WAL file, so that SQLite finds nothing in it.
inline constexpr std::uint64_t blank_bytes = 4096;

enum class RowKind : std::uint8_t { opening = 1, commit = 2, sealing = 3 };

/// Which row of which file: part of its checksum, so that rows of another file never pass.
struct RowName {
    std::uint64_t segment = 0;
    std::uint64_t row = 0;
};

/// An entry without its payload, and where that is.
struct Located {
    raft::Index index;
    raft::Term term;
    raft::Kind kind = raft::Kind::no_op;
    std::uint64_t chain = 0;
    std::uint64_t row = 0;
    std::uint64_t offset = 0;  // in the row's body
    std::uint64_t length = 0;
    std::uint32_t crc = 0;
    friend bool operator==(const Located&, const Located&) = default;
};

struct Toc {
    std::vector<std::pair<raft::Group, Located>> entries;
    std::vector<std::pair<raft::Group, raft::HardState>> hard;
    std::vector<std::pair<raft::Group, raft::Base>> bases;
};

/// A place in a group's log.
struct Position {
    raft::Index index;
    raft::Term term;
    std::uint64_t chain = 0;
    friend bool operator==(const Position&, const Position&) = default;
};

/// Where a group stands after a row.
struct GroupState {
    raft::HardState hard;
    raft::Base base;
    Position last;
    std::vector<std::pair<raft::Index, raft::Term>> terms;  // where terms begin, above base
    friend bool operator==(const GroupState&, const GroupState&) = default;
};
using States = std::map<raft::Group, GroupState>;

struct Opening {
    std::uint64_t incarnation = 0;
    std::vector<std::uint64_t> older;  // numbers of segments that hold something still, rising
    States states;
};

/// Bytes of the entries with indexes in [first, last], a part of an aligned run of stripe_entries.
struct Stripe {
    raft::Index first, last;
    std::uint64_t bytes = 0;
};
inline constexpr std::uint64_t stripe_entries = 64;

/// What a file holds of one group. Of an index that several files hold the newest counts.
struct Range {
    raft::Index first{1}, last;  // first > last: nothing
    raft::Index replaced_from;   // what older files hold from here on is void; 0: nothing is
    std::vector<Stripe> stripes;
    std::uint64_t bytes() const;
    bool empty() const { return stripes.empty(); }
};
using Ranges = std::map<raft::Group, Range>;

struct Sealing {
    States states;  // empty in a body file
    Ranges ranges;
};

/// Entries of one file by group, indexes rising.
using FileIndex = std::map<raft::Group, std::vector<Located>>;

/// errors of all decoders  corrupt: with segment and row.
std::string encode(const Toc& toc, RowName name);
Result<Toc> decode_toc(std::string_view bytes, RowName name);
std::string encode(const Opening& opening, RowName name);
Result<Opening> decode_opening(std::string_view bytes, RowName name);
std::string encode(const Sealing& sealing, RowName name);
Result<Sealing> decode_sealing(std::string_view bytes, RowName name);
std::string encode(const FileIndex& index, RowName name);
Result<FileIndex> decode_index(std::string_view bytes, RowName name);

/// The toc of `commit` as row `name`; payloads lie in the order of the entries, then the bodies.
Toc toc_of(const Commit& commit, RowName name);
std::uint32_t crc_of(std::uint64_t segment, raft::Group group, const Located& entry,
                     std::string_view payload);
/// The whole entry. errors  corrupt: `payload` is not what was written.
Result<raft::Entry> entry_of(std::uint64_t segment, raft::Group group, const Located& entry,
                             std::string payload);

/// The range that `entries` of one group make, without replaced_from.
Range range_of(const std::vector<Located>& entries);

}  // namespace cmq::log
