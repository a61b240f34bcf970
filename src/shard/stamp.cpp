#include "shard/stamp.h"

#include <algorithm>

namespace cmq::shard {
namespace {

constexpr std::chrono::seconds fresh{5};

}  // namespace

Stamp Walls::median() const {
    if (heard_.empty()) return clock_.wall();
    std::vector<Stamp> walls{clock_.wall()};
    const auto now = clock_.steady();
    for (const auto& [node, heard] : heard_) {
        const auto age = now - heard.at;
        if (age > fresh) continue;
        walls.push_back(heard.wall + std::chrono::duration_cast<std::chrono::milliseconds>(age));
    }
    std::ranges::sort(walls);
    return walls[(walls.size() - 1) / 2];
}

Stamp Stamper::now() {
    const auto steady = clock_.steady();
    const auto wall = walls.median();
    if (wall >= last_) {
        last_ = wall;
        last_steady_ = steady;
    } else {
        const auto passed =
            std::chrono::duration_cast<std::chrono::milliseconds>((steady - last_steady_) / 2);
        last_ += passed;
        last_steady_ += passed * 2;
    }
    return last_;
}

}  // namespace cmq::shard
