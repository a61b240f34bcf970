// store/wal.h: a SQLite WAL file read without SQLite.
//
// SQLite takes the first frame that does not fit for the end of the file and says nothing. This
// reads on, and tells a torn tail (a commit that was being written) from rot (a commit that was
// complete once). Source: sqlite.org/fileformat2.html, "The Write-Ahead Log".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/files.h"

namespace cmq::store {

inline constexpr std::uint64_t wal_header_bytes = 32;
inline constexpr std::uint64_t wal_frame_header_bytes = 24;

struct WalScan {
    /// empty: all zero, or not finished; no frame follows it.
    enum class Header { empty, valid, damaged };

    Header header = Header::empty;
    std::uint64_t page_bytes = 0;
    std::uint64_t frames = 0;          // up to the last commit that is whole
    std::uint64_t transactions = 0;    // among these
    std::uint64_t end = 0;             // of these in bytes
    std::uint64_t tail_end = 0;        // of the frames behind that seem to be of this WAL as well
    std::optional<std::uint64_t> rot;  // byte position of the first bad frame, if it is no tail
};

/// Reads all of `wal`; changes nothing.
///
/// Rot is a bad frame with frames of the same WAL behind the end of its transaction: they were
/// written only after that transaction was synced. It holds if the writer syncs each transaction,
/// and erases a torn tail (up to `tail_end`) before it appends again.
Result<WalScan> scan_wal(File& wal);

/// The database that `scan`'s transactions make of `database`, as an image for Database::of_image.
Result<std::string> image_of(File& wal, const WalScan& scan, std::string database);

}  // namespace cmq::store
