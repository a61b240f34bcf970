// shard/stamp.h: the leader's stamps: wall time that never goes back (D8).
#pragma once

#include <map>
#include <vector>

#include "base/clock.h"
#include "raft/types.h"

namespace cmq::shard {

/// What the wall clocks of the group say: each as it was heard last, moved on by our own steady
/// clock. One that was not heard for a while says nothing.
class Walls {
public:
    Walls(const Clock& clock, raft::NodeId self) : clock_(clock), self_(self) {}

    void heard(raft::NodeId node, Stamp wall) {
        if (node != self_) heard_[node] = {wall, clock_.steady()};
    }
    void forget_others() { heard_.clear(); }

    /// The middle one. Between the middle two of an even number `expected` decides: where only two
    /// clocks are heard, what time it was before says which of them is wrong. Alone: our own.
    Stamp median(Stamp expected) const;

private:
    struct Heard {
        Stamp wall;
        Steady at;
    };
    const Clock& clock_;
    raft::NodeId self_;
    std::map<raft::NodeId, Heard> heard_;
};

/// Our clock this far off is somebody's business (D8).
inline constexpr std::chrono::milliseconds clock_error_max{500};

/// A forward jump of the median is taken at once. When it is behind what was stamped before,
/// stamps go on at half its speed until it has caught up.
class Stamper {
public:
    Stamper(const Clock& clock, raft::NodeId self, Stamp floor)
        : walls(clock, self), clock_(clock), last_(floor), last_steady_(clock.steady()) {}

    Stamp now();
    void raise(Stamp floor) {
        if (floor <= last_) return;
        last_ = floor;
        last_steady_ = clock_.steady();
    }
    /// Our own clock against the median, when it was looked at last. Negative: behind.
    std::chrono::milliseconds own_error() const { return own_error_; }

    Walls walls;

private:
    const Clock& clock_;
    Stamp last_;
    Steady last_steady_;
    std::chrono::milliseconds own_error_{0};
};

}  // namespace cmq::shard
