// broker/options.h: settings of a node, and what only tests set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/format_version.h"
#include "broker/limits.h"

namespace cmq::broker {

/// A fault put in on purpose: tests show that they would notice it.
enum class Planted : std::uint8_t {
    none,
    single_rewind,  // a second one forgets the first (D7)
    short_rewind,   // it leaves out the first messages of its time, a block's worth
    long_rewind,    // it brings back all that is kept
};

struct Options {
    std::size_t clean_blocks_max = 4'096;  // kept in memory although they are on disk
    // The same on every node of a group: it decides what is refused.
    std::int64_t held_per_queue_max = held_max;
    FormatVersion newest = newest_format();  // that may be loaded
    Planted planted = Planted::none;
};

}  // namespace cmq::broker
