// A line a second, however many are wished for.
#include "base/log_throttle.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace std::chrono_literals;

TEST_SUITE("unit/base") {
    SCENARIO("a line is written once a second, and says how many were left out") {
        LogThrottle throttle;
        const Steady begin{};
        CHECK(throttle.pass(begin) == 0);
        CHECK_FALSE(throttle.pass(begin));
        CHECK_FALSE(throttle.pass(begin + 999ms));
        CHECK(throttle.pass(begin + 1s) == 2);
        CHECK_FALSE(throttle.pass(begin + 1s));
        CHECK(throttle.pass(begin + 1h) == 1);
        CHECK(throttle.pass(begin + 2h) == 0);
    }
}
