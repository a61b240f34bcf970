#include "shard/stamp.h"

#include <doctest/doctest.h>

#include "tests/support/virtual_clock.h"

namespace cmq::shard {

using namespace std::chrono_literals;
using support::VirtualClock;

TEST_SUITE("unit/shard") {
    SCENARIO("stamps follow the wall clock, forward jumps included") {
        VirtualClock clock;
        Stamper stamper(clock, raft::NodeId{1}, stamp_of(0));
        CHECK(stamper.now() == clock.now);
        clock.now += 48h;
        CHECK(stamper.now() == clock.now);
    }

    SCENARIO("behind what was stamped before, stamps go on at half speed and never back") {
        VirtualClock clock;
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

    SCENARIO("of two clocks the one that agrees with the time so far is right") {
        VirtualClock clock;
        Stamper stamper(clock, raft::NodeId{1}, clock.now);
        const auto reckons = [&](std::chrono::milliseconds other_is_off,
                                 std::chrono::milliseconds own_is_off) {
            auto right = stamper.now();
            clock.now = right + own_is_off;
            for (int step = 0; step < 100; ++step) {
                stamper.walls.heard(raft::NodeId{2}, right + other_is_off);
                clock.now += 10ms;
                clock.ticks += 10ms + 300us;  // shorter than what a stamp can say
                right += 10ms;
                stamper.now();
            }
            return stamper.now() - right;
        };
        const auto is_right = [](std::chrono::milliseconds off) {
            return off >= 0ms && off < 40ms;
        };
        CHECK(is_right(reckons(-24h, 0ms)));
        CHECK(is_right(reckons(24h, 0ms)));
        CHECK(is_right(reckons(0ms, -24h)));
        CHECK(stamper.own_error() < -23h);
        CHECK(is_right(reckons(0ms, 24h)));
        CHECK(stamper.own_error() > 23h);
        CHECK(is_right(reckons(0ms, 0ms)));
    }

    SCENARIO("while nobody led, time went on: a clock behind what was stamped is the wrong one") {
        VirtualClock clock;
        const auto last_stamp = clock.now - 55s;
        SUBCASE("another's") {
            Stamper stamper(clock, raft::NodeId{1}, last_stamp);
            stamper.walls.heard(raft::NodeId{2}, clock.now - 24h);
            CHECK(stamper.now() == clock.now);
        }
        SUBCASE("ours") {
            const auto right = clock.now;
            clock.now -= 24h;
            Stamper stamper(clock, raft::NodeId{1}, last_stamp);
            stamper.walls.heard(raft::NodeId{2}, right);
            CHECK(stamper.now() == right);
        }
    }

    SCENARIO("when both jump forward, it is so much later") {
        VirtualClock clock;
        Stamper stamper(clock, raft::NodeId{1}, clock.now);
        clock.now += 48h;
        stamper.walls.heard(raft::NodeId{2}, clock.now - 3s);
        CHECK(stamper.now() == clock.now - 3s);
    }
}

}  // namespace cmq::shard
