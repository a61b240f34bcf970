// shard/stamp.h: the leader's stamps: wall time that never goes back (D8).
#pragma once

#include "base/clock.h"

namespace cmq::shard {

/// A forward jump of the wall clock is taken at once. When it is behind what was stamped before,
/// stamps go on at half its speed until it has caught up.
class Stamper {
public:
    Stamper(const Clock& clock, Stamp floor)
        : clock_(clock), last_(floor), last_steady_(clock.steady()) {}

    Stamp now() {
        const auto steady = clock_.steady();
        const auto wall = clock_.wall();
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

    void raise(Stamp floor) { last_ = std::max(last_, floor); }

private:
    const Clock& clock_;
    Stamp last_;
    Steady last_steady_;
};

}  // namespace cmq::shard
