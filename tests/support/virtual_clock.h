// tests/support/virtual_clock.h: a clock that stands still until it is moved.
#pragma once

#include "base/clock.h"

namespace cmq::support {

struct VirtualClock final : Clock {
    Stamp wall() const override { return now; }
    Steady steady() const override { return ticks; }
    void pass(std::chrono::milliseconds time) {
        now += time;
        ticks += time;
    }
    Stamp now = stamp_of(1'700'000'000'000);
    Steady ticks{std::chrono::hours{1}};
};

}  // namespace cmq::support
