#include "log/pool.h"

#include <algorithm>

#include "base/text.h"
#include "log/format.h"
#include "log/rows.h"

namespace cmq::log {
namespace {

/// Written and synced in one go. With 1 MiB the log does 10 to 20 % less and waits longer.
constexpr std::uint64_t piece_bytes = 256 << 10;

/// `3` is a WAL file, `3.blank` a database file.
constexpr auto no_suffix = "";
constexpr auto blank_suffix = ".blank";

/// Numbers of the files in the pool, rising.
Result<std::vector<std::uint64_t>> numbers_in(store::Files& files, const Directory& directory,
                                              std::string_view suffix) {
    std::vector<std::uint64_t> numbers;
    for (const std::string_view name : CMQ_TRY(files.list(directory.pool()))) {
        if (!name.ends_with(suffix)) continue;
        if (const auto number = parse_digits(name.substr(0, name.size() - suffix.size())))
            numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

/// A file that could not be written for lack of room goes, so that what is left can be used.
Status whole_or_none(store::Files& files, const std::filesystem::path& path, Status written) {
    if (written || written.error().code != Code::disk_full) return written;
    // Where even that fails, the next try writes over it.
    static_cast<void>(files.remove(path));
    return written;
}

Status write_blank(store::Files& files, const std::filesystem::path& path) {
    const auto bytes = CMQ_TRY(blank_segment());
    auto file = CMQ_TRY(files.open(path, store::Open::create));
    CMQ_TRY(file->write(0, bytes));
    return file->sync();
}

}  // namespace

Result<std::uint64_t> Pool::count() const {
    const auto numbers = CMQ_TRY(numbers_in(files_, directory_, no_suffix));
    return static_cast<std::uint64_t>(numbers.size());
}

Result<Room> Pool::room() const {
    constexpr std::uint64_t wanted = 2;
    const auto unit = options_.grow_first ? std::min(options_.grow_bytes, options_.segment_bytes)
                                          : options_.segment_bytes;
    const auto there = std::min(CMQ_TRY(count()), wanted);
    const auto free_bytes = CMQ_TRY(files_.free_bytes(directory_.root));
    return Room{free_bytes, free_bytes < (wanted - there) * unit};
}

Status Pool::place(const std::filesystem::path& segment, const std::filesystem::path& wal) {
    const bool took_segment = CMQ_TRY(place_segment(segment));
    const bool took_wal = CMQ_TRY(place_wal(wal));
    if (!took_segment && !took_wal) return {};
    return files_.sync_directory(directory_.pool());
}

/// True: it came from the pool. One that another version of this program made may be different.
Result<bool> Pool::place_segment(const std::filesystem::path& segment) {
    for (const auto number : CMQ_TRY(numbers_in(files_, directory_, blank_suffix))) {
        const auto blank = directory_.pool() / (std::to_string(number) + blank_suffix);
        const auto bytes = CMQ_TRY(blank_segment());
        const auto file = CMQ_TRY(files_.open(blank, store::Open::existing));
        if (CMQ_TRY(file->read(0, bytes.size() + 1)) == bytes) {
            CMQ_TRY(files_.rename(blank, segment));
            return true;
        }
        CMQ_TRY(files_.remove(blank));
    }
    CMQ_TRY(whole_or_none(files_, segment, write_blank(files_, segment)));
    return false;
}

Result<bool> Pool::place_wal(const std::filesystem::path& wal) {
    const auto numbers = CMQ_TRY(numbers_in(files_, directory_, no_suffix));
    if (!numbers.empty()) {
        CMQ_TRY(files_.rename(directory_.pool() / std::to_string(numbers.front()), wal));
        return true;
    }
    CMQ_TRY(files_.open(wal, store::Open::create));
    return false;
}

Result<bool> Pool::fill_piece() {
    if (options_.grow_first) return false;
    if (CMQ_TRY(make_blank())) return true;
    if (CMQ_TRY(count()) >= options_.pool_files) return false;
    const auto unfinished = directory_.pool() / "filling";
    if (!filling_) filling_ = Filling{CMQ_TRY(files_.open(unfinished, store::Open::create)), 0};
    auto extended = extend(*filling_);
    if (!extended) filling_.reset();
    CMQ_TRY(whole_or_none(files_, unfinished, std::move(extended)));
    if (filling_->bytes < options_.segment_bytes) return true;
    filling_.reset();
    CMQ_TRY(add(unfinished, no_suffix));
    return true;
}

/// True: one was missing.
Result<bool> Pool::make_blank() {
    const auto numbers = CMQ_TRY(numbers_in(files_, directory_, blank_suffix));
    if (numbers.size() >= options_.pool_files) return false;
    const auto unfinished = directory_.pool() / "filling.blank";
    CMQ_TRY(whole_or_none(files_, unfinished, write_blank(files_, unfinished)));
    CMQ_TRY(add(unfinished, blank_suffix));
    return true;
}

/// Real bytes, so that the file system has nothing left to do when the log writes over them.
Status Pool::extend(Filling& filling) {
    const auto count = std::min(piece_bytes, options_.segment_bytes - filling.bytes);
    CMQ_TRY(filling.file->write(filling.bytes, std::string(count, '\0')));
    CMQ_TRY(filling.file->sync());
    filling.bytes += count;
    return {};
}

Status Pool::add(const std::filesystem::path& path, const char* suffix) {
    const auto numbers = CMQ_TRY(numbers_in(files_, directory_, suffix));
    const auto number = numbers.empty() ? 1 : numbers.back() + 1;
    CMQ_TRY(files_.rename(path, directory_.pool() / (std::to_string(number) + suffix)));
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
    return add(wal, no_suffix);
}

}  // namespace cmq::log
