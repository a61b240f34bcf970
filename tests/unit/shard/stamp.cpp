#include "shard/stamp.h"

#include <doctest/doctest.h>

namespace cmq::shard {
namespace {

using namespace std::chrono_literals;

struct SetClock final : Clock {
    Stamp wall() const override { return now; }
    Steady steady() const override { return ticks; }
    void pass(std::chrono::milliseconds time) {
        now += time;
        ticks += time;
    }
    Stamp now = stamp_of(1'000'000);
    Steady ticks{};
};

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("stamps follow the wall clock, forward jumps included") {
        SetClock clock;
        Stamper stamper(clock, raft::NodeId{1}, stamp_of(0));
        CHECK(stamper.now() == clock.now);
        clock.now += 48h;
        CHECK(stamper.now() == clock.now);
    }

    SCENARIO("behind what was stamped before, stamps go on at half speed and never back") {
        SetClock clock;
        const auto floor = clock.now + 10s;
        Stamper stamper(clock, raft::NodeId{1}, floor);
        CHECK(stamper.now() == floor);
        clock.pass(4s);
        CHECK(stamper.now() == floor + 2s);
        clock.pass(100ms);
        CHECK(stamper.now() == floor + 2s + 50ms);
        clock.pass(20s);
        CHECK(stamper.now() >= clock.now);
        clock.pass(1s);
        CHECK(stamper.now() >= clock.now);
    }
}

}  // namespace cmq::shard
