#include "shard/stamp.h"

#include <algorithm>

namespace cmq::shard {
namespace {

constexpr std::chrono::seconds fresh{5};  // what was heard of a clock

/// Time does not go back: a clock far behind what is expected is the wrong one, not a message that
/// was long on its way. What is expected may itself be behind, by as long as nobody led; then both
/// clocks are ahead of it, or the right one. Of two that are ahead the earlier counts: it may be
/// wrong, and time leap when a third is heard, but never to where no clock is.
Stamp between(Stamp earlier, Stamp later, Stamp expected) {
    if (earlier + fresh < expected) return later;
    return std::clamp(expected, earlier, later);
}

}  // namespace

Stamp Walls::median(Stamp expected) const {
    std::vector<Stamp> walls{clock_.wall()};
    const auto now = clock_.steady();
    for (const auto& [node, heard] : heard_) {
        const auto age = now - heard.at;
        if (age > fresh) continue;
        walls.push_back(heard.wall + std::chrono::duration_cast<std::chrono::milliseconds>(age));
    }
    std::ranges::sort(walls);
    const auto later = walls[walls.size() / 2];
    return walls.size() % 2 == 1 ? later : between(walls[walls.size() / 2 - 1], later, expected);
}

Stamp Stamper::now() {
    const auto steady = clock_.steady();
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady - last_steady_);
    const auto expected = last_ + passed;
    const auto wall = walls.median(expected);
    own_error_ = clock_.wall() - wall;
    if (wall < last_) {
        last_ += passed / 2;
        last_steady_ += passed / 2 * 2;
    } else {
        // Of a time that we reckoned ourselves the rest of a millisecond counts the next time.
        last_steady_ = wall == expected ? last_steady_ + passed : steady;
        last_ = wall;
    }
    return last_;
}

}  // namespace cmq::shard
