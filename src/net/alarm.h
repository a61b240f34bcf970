// net/alarm.h: a callback at a time, on an event loop.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/loops.h"

namespace cmq::net {

/// Rings once for the earliest of the times that it was set to since it rang last; whoever waits
/// for a later one sets it again. It may ring for nothing.
class Alarm {
public:
    Alarm(Loops& loops, std::function<void()> ring);
    ~Alarm();  // it does not ring any more

    void ring_at(Steady when);  // any thread; a time that has passed: at once, but not from here

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

}  // namespace cmq::net
