// Reading what lies still, so that damage is noticed while other nodes have copies.

#include "log/archive_parts.h"

namespace cmq::log {

std::optional<raft::Index> Archive::damaged() const { return parts_->unsettled; }

Result<Archive::Scrubbed> Archive::scrub(raft::Group group, std::uint64_t bytes_max) {
    Scrubbed scrubbed;
    auto& cursor = parts_->scrubbed;
    Parts::Places damaged;
    for (auto left = bytes_max; left > 0;) {
        const auto file = parts_->all.lower_bound(cursor.file);
        scrubbed.round_ends = file == parts_->all.end();
        if (scrubbed.round_ends) {
            cursor = {};
            break;
        }
        if (file->first != cursor.file) cursor = {file->first, {}, {}};
        CMQ_TRY(parts_->scrub_file(file->first, file->second, left, damaged));
    }
    for (const auto& [name, index] : damaged) {
        const auto copy = read(group_of(name), index);
        if (group_of(name) == group && !copy && copy.error().code == Code::corrupt)
            scrubbed.damaged.push_back(index);
    }
    return scrubbed;
}

/// From the cursor on; at the end the cursor stands before the next file.
Status Archive::Parts::scrub_file(std::uint64_t number, ArchiveFile& file,
                                  std::uint64_t& bytes_left, Places& damaged) {
    const auto found = index_of(number, file);
    if (!found && found.error().code != Code::corrupt) return tl::unexpected(found.error());
    if (!found) {  // then nothing in it can be found
        for (const auto& [group, range] : file.ranges)
            for (const auto& stripe : range.stripes)
                for (auto index = stripe.first; index <= std::min(stripe.last, range.last);
                     ++index.value)
                    damaged.emplace_back(group, index);
        scrubbed = {number + 1, {}, {}};
        return {};
    }
    const auto index = **found;  // a copy: others may push it out
    for (const auto& [group, entries] : index) {
        if (group < scrubbed.group) continue;
        for (const auto& located : entries) {
            if (group == scrubbed.group && located.index <= scrubbed.index) continue;
            if (!file.holds(group, located.index)) break;
            if (bytes_left == 0) return {};
            bytes_left -= std::min<std::uint64_t>(bytes_left, located.length + 1);
            scrubbed.group = group;
            scrubbed.index = located.index;
            auto* rows = CMQ_TRY(rows_of(number, file));
            const auto entry = rows->entry(number, group, located);
            if (entry) continue;
            if (entry.error().code != Code::corrupt) return tl::unexpected(entry.error());
            damaged.emplace_back(group, located.index);
        }
    }
    scrubbed = {number + 1, {}, {}};
    return {};
}

}  // namespace cmq::log
