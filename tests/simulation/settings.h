// tests/simulation/settings.h: how long a random test looks: SEEDS=1000 looks longer, SEED=17
// replays one.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace cmq::simulation {

inline std::uint64_t setting(const char* name, std::uint64_t usual) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : usual;
}

/// Calls `look` for each seed from 1 on, or for the one that is asked for.
template <class Look>
void for_seeds(std::uint64_t usual, Look look) {
    if (const auto only = setting("SEED", 0); only != 0) return look(only);
    for (std::uint64_t seed = 1; seed <= setting("SEEDS", usual); ++seed) look(seed);
}

}  // namespace cmq::simulation
