#include "net/alarm.h"

#include <doctest/doctest.h>

#include <future>
#include <optional>

#include "tests/unit/net/peers.h"

namespace {

using namespace cmq;
using namespace cmq::net;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("an alarm rings for the earliest time, and not before it") {
        Loops loops{1};
        const SystemClock clock;
        Diary diary;
        Steady rang{};
        Alarm alarm(loops, [&] {
            rang = clock.steady();
            diary.write("ring");
        });
        const auto soon = clock.steady() + 20ms;
        alarm.ring_at(clock.steady() + 10min);
        alarm.ring_at(soon);
        alarm.ring_at(clock.steady() + 5min);
        CHECK(diary.next() == "ring");
        CHECK(rang >= soon);
        alarm.ring_at(clock.steady() - 1min);
        CHECK(diary.next() == "ring");
        alarm.ring_at(clock.steady());
        CHECK(diary.next() == "ring");
        CHECK(diary.empty());
    }

    SCENARIO("an alarm is set again from its own ring") {
        Loops loops{1};
        const SystemClock clock;
        Diary diary;
        std::optional<Alarm> alarm;
        std::promise<void> made;
        auto ready = made.get_future().share();
        int left = 5;
        alarm.emplace(loops, [&] {
            ready.get();
            diary.write("ring");
            if (--left > 0) alarm->ring_at(clock.steady() + 1ms);
        });
        made.set_value();
        alarm->ring_at(clock.steady());
        for (int count = 0; count < 5; ++count) CHECK(diary.next() == "ring");
    }

    SCENARIO("an alarm that is gone rings no more") {
        for (int round = 0; round < 50; ++round) {
            Loops loops{1};
            int rings = 0;
            {
                Alarm alarm(loops, [&] { ++rings; });
                alarm.ring_at(SystemClock().steady());
            }
            const int before = rings;
            loops.stop();
            CHECK(rings == before);
        }
    }
}
