#include "log/claim.h"

#include <algorithm>

namespace cmq::log {
namespace {

constexpr std::uint64_t written_at_once = 256 << 10;

}  // namespace

Status Claim::begin(const std::filesystem::path& wal) {
    const auto file = CMQ_TRY(files_->open(wal, store::Open::existing));
    bytes_ = CMQ_TRY(file->size());
    wal_ = wal;
    return {};
}

Result<bool> Claim::cover(std::uint64_t bytes) {
    const auto with_ahead = [&](std::uint64_t more) {
        return std::max(bytes, std::min(bytes + more, options_->segment_bytes));
    };
    if (bytes_ >= with_ahead(options_->grow_bytes / 2)) return false;
    const auto extended = extend(with_ahead(options_->grow_bytes));
    const bool enough = !extended && extended.error().code == Code::disk_full && bytes_ >= bytes;
    if (!extended && !enough) return tl::unexpected(extended.error());
    return true;
}

/// What could be written of it counts as well.
Status Claim::extend(std::uint64_t bytes) {
    auto file = CMQ_TRY(files_->open(wal_, store::Open::existing));
    const std::string zeros(written_at_once, '\0');
    Status written;
    auto at = bytes_;
    while (written && at < bytes) {
        const auto count = std::min<std::uint64_t>(zeros.size(), bytes - at);
        written = file->write(at, std::string_view(zeros).substr(0, count));
        if (written) at += count;
    }
    if (at == bytes_) return written;
    CMQ_TRY(file->sync());
    bytes_ = at;
    return written;
}

}  // namespace cmq::log
