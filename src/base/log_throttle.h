// base/log_throttle.h: lines that strangers can cause: one a second at most, and none goes
// uncounted.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace cmq {

/// Any thread.
class LogThrottle {
public:
    /// How many lines were left out since the last one, when one may be written now; else nothing.
    std::optional<std::uint64_t> pass(Steady now) {
        const std::lock_guard lock(mutex_);
        if (now < quiet_until_) {
            ++left_out_;
            return std::nullopt;
        }
        quiet_until_ = now + std::chrono::seconds{1};
        return std::exchange(left_out_, 0);
    }

private:
    std::mutex mutex_;
    Steady quiet_until_ = Steady::min();
    std::uint64_t left_out_ = 0;
};

}  // namespace cmq
