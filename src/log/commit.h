// log/commit.h: what one fsync makes durable.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "raft/types.h"

namespace cmq::log {

/// Rises by one with every transaction of a node's log and never repeats within an incarnation.
using Journal = Id<struct JournalTag>;

/// Fetched bodies stand in tocs and indexes under a name of their own beside their group's.
constexpr raft::Group bodies_of(raft::Group group) {
    return raft::Group{group.value | (std::uint64_t{1} << 63)};
}
constexpr raft::Group group_of(raft::Group bodies) {
    return raft::Group{bodies.value & ~(std::uint64_t{1} << 63)};
}
constexpr bool are_bodies(raft::Group group) { return group_of(group) != group; }

/// One row of the log: entries of any groups in the order in which they replace or extend what is
/// there (entry (group, index) replaces that index and all above), and new hard states or bases.
/// `bodies` are entries that a snapshot's state points at, fetched from others: they lie at or
/// below the base, in no order, and can be read; the log itself does not go through them.
struct Commit {
    std::vector<std::pair<raft::Group, raft::Entry>> entries;
    std::vector<std::pair<raft::Group, raft::Entry>> bodies;
    std::vector<std::pair<raft::Group, raft::HardState>> hard;
    std::vector<std::pair<raft::Group, raft::Base>> bases;

    bool empty() const {
        return entries.empty() && bodies.empty() && hard.empty() && bases.empty();
    }
};

}  // namespace cmq::log
