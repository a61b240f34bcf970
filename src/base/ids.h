// base/ids.h: numbers that must not be mixed up, and the one way we write time.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>

namespace cmq {

template <class Tag>
struct Id {
    std::uint64_t value = 0;
    friend auto operator<=>(Id, Id) = default;
};

/// Place in a group's replicated log; the first entry has 1.
using LogIndex = Id<struct LogIndexTag>;

/// Wall time as data, UTC, whole milliseconds. Never read from a clock by a pure room.
using Stamp = std::chrono::sys_time<std::chrono::milliseconds>;

constexpr Stamp stamp_of(std::int64_t milliseconds) {
    return Stamp{std::chrono::milliseconds{milliseconds}};
}
constexpr std::int64_t milliseconds_of(Stamp stamp) { return stamp.time_since_epoch().count(); }

}  // namespace cmq

template <class Tag>
struct std::hash<cmq::Id<Tag>> {
    std::size_t operator()(cmq::Id<Tag> id) const noexcept {
        return std::hash<std::uint64_t>{}(id.value);
    }
};
