#include "shard/stamp.h"

#include <algorithm>

namespace cmq::shard {
namespace {

constexpr std::chrono::seconds fresh{5};

}  // namespace

Stamp Walls::median(Stamp expected) const {
    std::vector<Stamp> walls{clock_.wall()};
    const auto now = clock_.steady();
    for (const auto& [node, heard] : heard_) {
        const auto age = now - heard.at;
        if (age > fresh) continue;
        walls.push_back(heard.wall + std::chrono::duration_cast<std::chrono::milliseconds>(age));
    }
    if (walls.size() % 2 == 0) walls.push_back(expected);
    std::ranges::sort(walls);
    return walls[walls.size() / 2];
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
