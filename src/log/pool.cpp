#include "log/pool.h"

#include <algorithm>

#include "base/text.h"
#include "log/format.h"

namespace cmq::log {
namespace {

constexpr std::uint64_t written_at_once = 1 << 20;

/// Numbers of the files in the pool, rising.
Result<std::vector<std::uint64_t>> numbers_in(store::Files& files, const Directory& directory) {
    std::vector<std::uint64_t> numbers;
    for (const auto& name : CMQ_TRY(files.list(directory.pool())))
        if (const auto number = parse_digits(name)) numbers.push_back(*number);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

}  // namespace

Result<std::uint64_t> Pool::count() const {
    return static_cast<std::uint64_t>(CMQ_TRY(numbers_in(files_, directory_)).size());
}

Status Pool::place(const std::filesystem::path& wal) {
    const auto numbers = CMQ_TRY(numbers_in(files_, directory_));
    if (!numbers.empty()) {
        CMQ_TRY(files_.rename(directory_.pool() / std::to_string(numbers.front()), wal));
        return files_.sync_directory(directory_.pool());
    }
    if (options_.grow_first) {
        CMQ_TRY(files_.open(wal, store::Open::create));
        return {};
    }
    const auto filled = fill(wal);
    // The half-filled file only takes room; that it is in the way is what matters.
    if (!filled) static_cast<void>(files_.remove(wal));
    return filled;
}

Result<bool> Pool::fill_one() {
    if (options_.grow_first || CMQ_TRY(count()) >= options_.pool_files) return false;
    const auto unfinished = directory_.pool() / "filling";
    const auto filled = fill(unfinished);
    if (!filled) {
        // The full disk is reported; a next call writes over what is left here.
        static_cast<void>(files_.remove(unfinished));
        return tl::unexpected(filled.error());
    }
    CMQ_TRY(add(unfinished));
    return true;
}

/// Real bytes, so that the file system has nothing left to do when the log writes over them.
Status Pool::fill(const std::filesystem::path& path) const {
    auto file = CMQ_TRY(files_.open(path, store::Open::create));
    const std::string zeros(std::min(written_at_once, options_.segment_bytes), '\0');
    for (std::uint64_t at = 0; at < options_.segment_bytes;) {
        const auto count = std::min<std::uint64_t>(zeros.size(), options_.segment_bytes - at);
        CMQ_TRY(file->write(at, std::string_view(zeros).substr(0, count)));
        at += count;
    }
    return file->sync();
}

Status Pool::add(const std::filesystem::path& path) {
    const auto numbers = CMQ_TRY(numbers_in(files_, directory_));
    const auto number = numbers.empty() ? 1 : numbers.back() + 1;
    CMQ_TRY(files_.rename(path, directory_.pool() / std::to_string(number)));
    CMQ_TRY(files_.sync_directory(directory_.pool()));
    return files_.sync_directory(directory_.root);
}

Status Pool::recycle(const std::filesystem::path& wal) {
    if (CMQ_TRY(count()) >= options_.pool_files) {
        CMQ_TRY(files_.remove(wal));
        return files_.sync_directory(directory_.root);
    }
    auto file = CMQ_TRY(files_.open(wal, store::Open::existing));
    if (options_.planted != Planted::recycled_header_kept) {
        CMQ_TRY(file->write(0, std::string(blank_bytes, '\0')));
        CMQ_TRY(file->sync());
    }
    return add(wal);
}

}  // namespace cmq::log
