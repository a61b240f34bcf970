// What the archive does with a file whose entries are all in a checkpoint of the state: copy what
// still lives into a body file, and let the file go (D3, D3c).

#include "log/archive_parts.h"

namespace cmq::log {
namespace {

/// Copied and synced in one call: some milliseconds, in which nothing is read.
constexpr std::uint64_t slice_bytes = 4 << 20;
/// A body file with less than this part alive is copied again.
constexpr std::uint64_t live_percent_min = 30;

}  // namespace

Result<bool> Archive::Parts::tidy_up(const Wanted& wanted) {
    for (const auto& [name, last] : {std::pair{wanted.group, wanted.settled.entries},
                                     std::pair{bodies_of(wanted.group), wanted.settled.bodies}})
        settled_up_to[name] = std::max(settled_up_to[name], last);
    if (settling) {
        CMQ_TRY(whole_or_none(settle_slice(wanted)));
        return true;
    }
    for (auto& [number, file] : all)
        if (CMQ_TRY(tidy_file(number, file, wanted))) return true;
    if (listed) CMQ_TRY(forget_gone(*std::exchange(listed, {})));
    return false;
}

/// Nothing in it is needed as a log, by any group.
bool Archive::Parts::is_settled(const ArchiveFile& file) const {
    return std::all_of(file.ranges.begin(), file.ranges.end(), [this](const auto& one) {
        const auto& [group, range] = one;
        const auto told = settled_up_to.find(group);
        const auto last = told == settled_up_to.end() ? raft::Index{} : told->second;
        return range.first > range.last || range.last <= last;
    });
}

/// Of other groups nothing is known: all of theirs counts as alive.
std::uint64_t Archive::Parts::live_bytes(const ArchiveFile& file, const Wanted& wanted) const {
    std::uint64_t sum = 0;
    for (const auto& [group, range] : file.ranges)
        for (const auto& stripe : range.stripes) {
            if (stripe.first > range.last) break;
            const auto last = std::min(stripe.last, range.last);
            const bool known = group_of(group) == wanted.group;
            if (!known || wanted.live(wanted.group, stripe.first, last))
                sum += std::max<std::uint64_t>(stripe.bytes, 1);
        }
    return sum;
}

Result<bool> Archive::Parts::tidy_file(std::uint64_t number, ArchiveFile& file,
                                       const Wanted& wanted) {
    if (!is_settled(file)) return false;
    const auto alive = live_bytes(file, wanted);
    if (alive == 0) {
        CMQ_TRY(drop(number));
        return true;
    }
    if (file.is_body && alive * 100 >= file.bytes * live_percent_min) return false;
    CMQ_TRY(whole_or_none(begin_settling(number, file)));
    CMQ_TRY(whole_or_none(settle_slice(wanted)));
    return true;
}

/// A body file that misses what should have come into it must never get its name; and on a full
/// disk it is in the way.
Status Archive::Parts::whole_or_none(Status settled) {
    if (settled || settled.error().code != Code::disk_full) return settled;
    settling.reset();
    for (const auto number : CMQ_TRY(list(files, directory)).new_bodies)
        CMQ_TRY(files.remove(directory.new_body(number)));
    return settled;
}

Status Archive::Parts::begin_settling(std::uint64_t number, ArchiveFile& file) {
    auto index = *CMQ_TRY(index_of(number, file));
    for (auto& [group, entries] : index) {
        const auto last = file.ranges[group].last;
        while (!entries.empty() && entries.back().index > last) entries.pop_back();
    }
    auto writer = CMQ_TRY(BodyWriter::make(files, directory, number));
    settling.emplace(Settling{number, std::move(writer), std::move(index), {}, 0});
    settling->group = settling->index.begin();
    return {};
}

Status Archive::Parts::settle_slice(const Wanted& wanted) {
    auto& work = *settling;
    auto* rows = CMQ_TRY(rows_of(work.number, all.at(work.number)));
    while (work.group != work.index.end()) {
        const auto& [group, entries] = *work.group;
        if (work.next == entries.size()) {
            ++work.group;
            work.next = 0;
            continue;
        }
        const auto& located = entries[work.next++];
        const bool known = group_of(group) == wanted.group;
        if (known && !wanted.live(wanted.group, located.index, located.index)) continue;
        const auto entry = rows->entry(work.number, group, located);
        if (!entry) {
            CMQ_TRY(give_up(group, located.index, entry.error()));
            continue;
        }
        CMQ_TRY(work.writer.add(group, located, *entry->payload));
        if (work.writer.unsynced_bytes() >= slice_bytes) return work.writer.sync();
    }
    return finish_settling();
}

/// A damaged entry may go when it was fetched from another node meanwhile.
Status Archive::Parts::give_up(raft::Group group, raft::Index index, const Error& error) {
    if (error.code != Code::corrupt) return tl::unexpected(error);
    const auto other = are_bodies(group) ? group_of(group) : bodies_of(group);
    if (const auto copy = read(other, index); copy && *copy) return {};
    unsettled = index;
    settling.reset();
    return tl::unexpected(error);
}

/// From the moment that the body file has its name the old file is not needed.
Status Archive::Parts::finish_settling() {
    const auto number = settling->number;
    std::map<raft::Group, raft::Index> replaced_from;
    for (const auto& [group, range] : all.at(number).ranges)
        if (range.replaced_from != raft::Index{}) replaced_from[group] = range.replaced_from;
    auto ranges = CMQ_TRY(std::move(settling->writer).finish(replaced_from));
    settling.reset();
    const bool was_body = all.at(number).is_body;
    all.erase(number);
    ArchiveFile file;
    file.is_body = true;
    file.ranges = std::move(ranges);
    for (const auto& [group, range] : file.ranges) file.bytes += range.bytes();
    insert(number, std::move(file));
    if (was_body) return {};
    return remove_files_of_segment(number);
}

Status Archive::Parts::drop(std::uint64_t number) {
    CMQ_TRY(mark_gone(files, directory, number));
    const bool was_body = all.at(number).is_body;
    all.erase(number);
    if (!was_body) return remove_files_of_segment(number);
    CMQ_TRY(files.remove(directory.body(number)));
    return files.sync_directory(directory.root);
}

/// The connection is closed by now. The WAL goes first: without the other file it is known as a
/// left-over by the body file or the `gone` beside it.
Status Archive::Parts::remove_files_of_segment(std::uint64_t number) {
    const auto wal = directory.wal(number);
    auto recycled = pool.recycle(wal);
    // The next segment can do without it, and nobody comes back to this one.
    if (!recycled && recycled.error().code == Code::disk_full) recycled = files.remove(wal);
    CMQ_TRY(std::move(recycled));
    CMQ_TRY(files.remove(directory.segment(number)));
    return files.sync_directory(directory.root);
}

/// What the newest segment does not name any more need not be remembered as gone.
Status Archive::Parts::forget_gone(const std::set<std::uint64_t>& listed_now) {
    for (const auto number : CMQ_TRY(list(files, directory)).gone)
        if (!listed_now.contains(number)) CMQ_TRY(files.remove(directory.gone(number)));
    return {};
}

}  // namespace cmq::log
