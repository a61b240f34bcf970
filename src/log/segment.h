// log/segment.h: the segment that is written, and one that is sealed.
//
// N.seg is made, synced and closed; a WAL file is put beside it; the directory is synced. From its
// first transaction on the segment exists: that one says where every group stands and which older
// segments there are.
#pragma once

#include <optional>
#include <set>

#include "log/fold.h"
#include "log/log.h"
#include "log/pool.h"
#include "log/rows.h"

namespace cmq::log {

/// What was the active segment: its one connection, and what it holds.
struct Sealed {
    std::uint64_t number;
    Rows rows;
    Sealing sealing;
    std::uint64_t wal_bytes;
    std::set<std::uint64_t> listed_by_next;  // older segments, as the next one names them
};

SealedSegment sealed_segment(Sealed sealed);

/// The segment that is written.
struct Active {
    std::uint64_t number;
    Rows rows;
    Fold fold;
    std::set<std::uint64_t> older;
    Journal end;              // of its last row
    std::uint64_t wal_bytes;  // of its valid part
    bool sealed = false;      // found so: takes no more rows, waits for the next to be made
};

/// Makes the files of segment `number`, durably; what is left of an earlier try is replaced.
/// errors  disk_full.
Status make_segment_files(store::Files& files, Pool& pool, const Directory& directory,
                          std::uint64_t number);

/// Bytes that a row with `content` bytes adds to the WAL, at most; counts a whole page for each
/// page that is touched.
std::uint64_t wal_bytes_of_row(std::uint64_t content);

/// The index of a sealed segment or a body file: its last row.
Result<FileIndex> load_index(Rows& rows, std::uint64_t number);

}  // namespace cmq::log
