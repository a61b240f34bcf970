#include "log/archive.h"

#include "log/archive_parts.h"

namespace cmq::log {
namespace {

/// Body files that are open, and files whose index is in memory.
constexpr std::size_t open_files_max = 16;
constexpr std::size_t indexes_max = 8;

bool before(const Located& entry, raft::Index index) { return entry.index < index; }

const Located* find(const FileIndex& all, raft::Group group, raft::Index index) {
    const auto entries = all.find(group);
    if (entries == all.end()) return nullptr;
    const auto found =
        std::lower_bound(entries->second.begin(), entries->second.end(), index, before);
    return found != entries->second.end() && found->index == index ? &*found : nullptr;
}

}  // namespace

Archive::Archive(store::Files& files, Options options)
    : parts_(std::make_unique<Parts>(files, std::move(options))) {}
Archive::~Archive() = default;

Status Archive::open_bodies(const std::vector<std::uint64_t>& numbers) {
    for (const auto number : numbers) CMQ_TRY(parts_->open_body(number));
    return {};
}

Status Archive::Parts::open_body(std::uint64_t number) {
    const auto path = directory.body(number);
    auto rows = CMQ_TRY(Rows::open_body(files, path));
    const auto last = CMQ_TRY(rows.last());
    if (!last || last->kind != RowKind::sealing)
        return fail(Code::corrupt, path.string() + ": its last row, the index, is missing");
    auto sealing = decode_sealing(last->toc, {number, last->number});
    if (!sealing) return tl::unexpected(in_file(path.string(), sealing.error()));
    ArchiveFile file;
    file.is_body = true;
    file.ranges = std::move(sealing->ranges);
    for (const auto& [group, range] : file.ranges) file.bytes += range.bytes();
    file.rows = std::move(rows);
    file.used_at = ++uses;
    insert(number, std::move(file));
    close_least_used(number);
    return {};
}

void Archive::adopt(SealedSegment sealed) {
    ArchiveFile file;
    file.rows = std::move(sealed->rows);
    file.ranges = std::move(sealed->sealing.ranges);
    file.bytes = sealed->wal_bytes;
    parts_->listed = std::move(sealed->listed_by_next);
    parts_->insert(sealed->number, std::move(file));
}

/// Files may come in any order when the log is opened: each is cut by all that are newer.
void Archive::Parts::insert(std::uint64_t number, ArchiveFile file) {
    const auto cut = [](ArchiveFile& older, const ArchiveFile& newer) {
        for (const auto& [group, range] : newer.ranges) {
            const auto found = older.ranges.find(group);
            if (range.replaced_from == raft::Index{} || found == older.ranges.end()) continue;
            const raft::Index last{range.replaced_from.value - 1};
            found->second.last = std::min(found->second.last, last);
        }
    };
    for (auto& [other_number, other] : all) {
        if (other_number < number) cut(other, file);
        if (other_number > number) cut(file, other);
    }
    all[number] = std::move(file);
}

/// One that was fetched because ours is damaged is as good.
Result<raft::Entry> Archive::read(raft::Group group, raft::Index index) {
    auto own = parts_->read(group, index);
    if (own && *own) return **std::move(own);
    auto fetched = parts_->read(bodies_of(group), index);
    if (fetched && *fetched) return **std::move(fetched);
    for (const auto* failed : {&own, &fetched})
        if (!*failed) return tl::unexpected(failed->error());
    return fail(Code::not_found, parts_->directory.root.string() + ": entry " +
                                     std::to_string(index.value) + " of group " +
                                     std::to_string(group.value) +
                                     " is in no sealed segment or body file");
}

Result<bool> Archive::holds(raft::Group group, raft::Index index) {
    for (const auto name : {group, bodies_of(group)})
        if (CMQ_TRY(parts_->locate(name, index))) return true;
    return false;
}

void Archive::void_from(raft::Group group, raft::Index from) {
    for (auto& [number, file] : parts_->all)
        if (const auto range = file.ranges.find(group); range != file.ranges.end())
            range->second.last = std::min(range->second.last, raft::previous(from));
}

Result<std::optional<Archive::Parts::Place>> Archive::Parts::locate(raft::Group group,
                                                                    raft::Index index) {
    for (auto file = all.rbegin(); file != all.rend(); ++file) {
        if (!file->second.holds(group, index)) continue;
        const auto& entries = *CMQ_TRY(index_of(file->first, file->second));
        if (const auto* located = find(entries, group, index))
            return Place{file->first, &file->second, *located};
    }
    return std::nullopt;
}

Result<std::optional<raft::Entry>> Archive::Parts::read(raft::Group group, raft::Index index) {
    const auto place = CMQ_TRY(locate(group, index));
    if (!place) return std::nullopt;
    auto* rows = CMQ_TRY(rows_of(place->number, *place->file));
    if (options.planted == Planted::body_crc_ignored)
        return CMQ_TRY(rows->unchecked(place->located));
    return CMQ_TRY(rows->entry(place->number, group, place->located));
}

Result<Rows*> Archive::Parts::rows_of(std::uint64_t number, ArchiveFile& file) {
    file.used_at = ++uses;
    if (!file.rows) {
        file.rows = CMQ_TRY(Rows::open_body(files, directory.body(number)));
        close_least_used(number);
    }
    return &*file.rows;
}

Result<const FileIndex*> Archive::Parts::index_of(std::uint64_t number, ArchiveFile& file) {
    auto* rows = CMQ_TRY(rows_of(number, file));
    if (!file.index) {
        file.index = CMQ_TRY(load_index(*rows, number));
        close_least_used(number);
    }
    return &*file.index;
}

/// A sealed segment keeps its connection until it is dropped; its index may go.
void Archive::Parts::close_least_used(std::uint64_t but) {
    std::vector<std::pair<std::uint64_t, ArchiveFile*>> open, indexed;
    for (auto& [number, file] : all) {
        if (number == but) continue;
        if (file.is_body && file.rows) open.emplace_back(file.used_at, &file);
        if (file.index) indexed.emplace_back(file.used_at, &file);
    }
    std::sort(open.begin(), open.end());
    std::sort(indexed.begin(), indexed.end());
    for (std::size_t at = 0; at + open_files_max <= open.size(); ++at)
        open[at].second->rows.reset();
    for (std::size_t at = 0; at + indexes_max <= indexed.size(); ++at)
        indexed[at].second->index.reset();
}

Result<bool> Archive::tidy_up(raft::Group group, Settled settled, const Live& live) {
    return parts_->tidy_up({group, settled, live});
}

raft::Index Archive::behind(raft::Group group, std::uint64_t bytes) const {
    std::uint64_t sum = 0;
    for (auto file = parts_->all.rbegin(); file != parts_->all.rend(); ++file) {
        const auto range = file->second.ranges.find(group);
        if (file->second.is_body || range == file->second.ranges.end()) continue;
        sum += file->second.bytes;
        if (sum > bytes) return range->second.last;
    }
    return {};
}

Status Archive::sync_mark() {
    auto& mark = parts_->mark;
    if (!mark) mark = CMQ_TRY(parts_->files.open(parts_->directory.mark(), store::Open::existing));
    return mark->sync();
}

Result<bool> Archive::fill_pool() { return parts_->pool.fill_piece(); }

Result<Archive::Usage> Archive::usage() {
    Usage usage;
    for (const auto& [number, file] : parts_->all) {
        ++(file.is_body ? usage.body_files : usage.sealed_segments);
        usage.bytes += file.bytes;
    }
    usage.pool_files = CMQ_TRY(parts_->pool.count());
    usage.bytes += usage.pool_files * parts_->options.segment_bytes;
    usage.room = CMQ_TRY(parts_->pool.room());
    return usage;
}

}  // namespace cmq::log
