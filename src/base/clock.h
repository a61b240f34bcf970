// base/clock.h: where time and chance come from. The only places that ask the machine.
#pragma once

#include <chrono>
#include <string>

#include "base/ids.h"

namespace cmq {

using Steady = std::chrono::steady_clock::time_point;

/// Passed to the shells; the simulator passes its own.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Stamp wall() const = 0;     // may jump
    virtual Steady steady() const = 0;  // never goes back
};

/// The machine's own.
class SystemClock final : public Clock {
public:
    Stamp wall() const override;
    Steady steady() const override;
};

/// `count` bytes from the kernel's generator; fit for keys.
std::string random_bytes(std::size_t count);
std::uint64_t random_number();

}  // namespace cmq
