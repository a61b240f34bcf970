// chaos/faked_clock.h: the wall clock of a node, moved while it runs (libfaketime). Steady clocks
// go on as they do.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"
#include "tests/chaos/nodes.h"

namespace cmq::chaos {

class FakedClock {
public:
    /// errors  unavailable: libfaketime is not there, or this build does not run with it.
    static Result<FakedClock> make(std::filesystem::path file);

    void move(std::chrono::hours from_ours) const;
    Place place() const;  // of a node that has this clock

private:
    explicit FakedClock(std::filesystem::path file) : file_(std::move(file)) { move({}); }

    std::filesystem::path file_;
};

}  // namespace cmq::chaos
