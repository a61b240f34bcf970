// tests/simulation/raft_chance.h: chance from a seed, fast and the same everywhere.
#pragma once

#include <chrono>
#include <cstdint>

#include "raft/state.h"

namespace cmq::simulation {

class Luck {
public:
    explicit Luck(std::uint64_t seed) : chance_{seed} {
        chance_.state = chance_.draw();  // neighbours have nothing in common
    }

    std::uint64_t number() { return chance_.draw(); }
    std::uint64_t below(std::uint64_t end) { return chance_.draw() % end; }
    std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    bool of_thousand(std::uint64_t odds) { return below(1000) < odds; }
    std::chrono::microseconds up_to(std::chrono::microseconds longest) {
        return std::chrono::microseconds(below(static_cast<std::uint64_t>(longest.count()) + 1));
    }

private:
    raft::Chance chance_;
};

}  // namespace cmq::simulation
