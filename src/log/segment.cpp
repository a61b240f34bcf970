#include "log/segment.h"

#include "store/wal.h"

namespace cmq::log {
namespace {

constexpr std::uint64_t frame_bytes = store::wal_frame_header_bytes + page_bytes;
/// The leaf, the first page, a new leaf and one page of the tree above.
constexpr std::uint64_t pages_beside_content = 4;

/// True: it was there.
Result<bool> remove_if_there(store::Files& files, const std::filesystem::path& path) {
    if (!CMQ_TRY(files.exists(path))) return false;
    CMQ_TRY(files.remove(path));
    return true;
}

}  // namespace

void SealedDelete::operator()(Sealed* sealed) const { std::default_delete<Sealed>()(sealed); }

SealedSegment sealed_segment(Sealed sealed) {
    return SealedSegment(std::make_unique<Sealed>(std::move(sealed)).release());
}

Status make_segment_files(store::Files& files, Pool& pool, const Directory& directory,
                          std::uint64_t number) {
    const bool was_segment = CMQ_TRY(remove_if_there(files, directory.segment(number)));
    const bool was_wal = CMQ_TRY(remove_if_there(files, directory.wal(number)));
    // Before the names come back from another directory.
    if (was_segment || was_wal) CMQ_TRY(files.sync_directory(directory.root));
    CMQ_TRY(pool.place(directory.segment(number), directory.wal(number)));
    return files.sync_directory(directory.root);
}

std::uint64_t wal_bytes_of_row(std::uint64_t content) {
    return (content / (page_bytes - 4) + 1 + pages_beside_content) * frame_bytes;
}

Result<FileIndex> load_index(Rows& rows, std::uint64_t number) {
    const auto last = CMQ_TRY(rows.last());
    if (!last || last->kind != RowKind::sealing)
        return fail(Code::corrupt, rows.name() + ": its last row, the index, is missing");
    const auto bytes = CMQ_TRY(rows.body(last->number));
    auto index = decode_index(bytes, {number, last->number});
    if (!index) return tl::unexpected(in_file(rows.name(), index.error()));
    return index;
}

}  // namespace cmq::log
