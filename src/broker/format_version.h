// broker/format_version.h: one number for all that the nodes of a cluster read of each other.
//
// Log entries with the commands in them, the state's rows and with them its snapshots, and what
// nodes send each other: for all of these one version is in force in a cluster, and it is part of
// the state. It only rises, by a command of its own, once every node was heard to know the next one
// (shard/core_format.cpp): so nodes of two releases live together while one after the other is
// upgraded. The first byte of an entry and of the state's row is that version; the head of a
// message names it (shard/journal_watch.h). Files that a node keeps for itself alone, as the
// segments of its log, have versions of their own.
//
//     1   the first
//
// A change of a layout takes the next number and a line here, and leaves what was there readable.
#pragma once

#include "base/ids.h"
#include "base/result.h"

namespace cmq::broker {

using FormatVersion = Id<struct FormatVersionTag>;  // 1 .. 255: it is stored in a byte

/// What this source can read. A new log begins with the oldest.
inline constexpr FormatVersion oldest_format{1};
inline constexpr FormatVersion latest_format{1};
inline constexpr FormatVersion format_max{255};

/// The newest that this program knows: `latest_format`, but in the program that tests call the next
/// release (Makefile, cmq_next).
FormatVersion newest_format();

/// Says what to do. Its code is `exists`: what is there is in conflict with this program; nothing
/// is damaged.
Error too_new(FormatVersion used, FormatVersion known);

constexpr std::uint8_t byte_of(FormatVersion version) {
    return static_cast<std::uint8_t>(version.value);
}

}  // namespace cmq::broker
