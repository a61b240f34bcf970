#include "client/latency.h"

#include <doctest/doctest.h>

TEST_SUITE("unit/client") {
    using namespace std::chrono_literals;
    using cmq::client::Latency;

    SCENARIO("percentiles are right within two percent, and never above the highest value") {
        Latency latency;
        for (int number = 1; number <= 100'000; ++number)
            latency.add(std::chrono::microseconds{number});
        CHECK(latency.count() == 100'000);
        CHECK(latency.max() == 100ms);
        CHECK(latency.percentile(1) == 100ms);
        for (const double share : {0.001, 0.01, 0.5, 0.9, 0.99, 0.999}) {
            const auto exact = 100'000'000 * share;
            const auto seen = static_cast<double>(latency.percentile(share).count());
            CHECK(seen >= exact);
            CHECK(seen <= exact * 1.016);
        }
        CHECK(latency.mean() == 50'000'500ns);
    }

    SCENARIO("small values are exact, large and negative ones have their limits") {
        Latency latency;
        for (int number = 0; number < 64; ++number) latency.add(std::chrono::nanoseconds{number});
        CHECK(latency.percentile(0.5) == 31ns);
        CHECK(latency.percentile(0) == 0ns);
        latency.add(-5ns);
        CHECK(latency.percentile(0) == 0ns);
        latency.add(24h);
        CHECK(latency.max() == 1h);
        CHECK(latency.percentile(1) == 1h);
    }

    SCENARIO("merging is like having counted in one place") {
        Latency one, other, both;
        for (int number = 0; number < 1'000; ++number) {
            const std::chrono::nanoseconds took{number * number * 37};
            (number % 3 == 0 ? one : other).add(took);
            both.add(took);
        }
        one.merge(other);
        CHECK(one.count() == both.count());
        CHECK(one.max() == both.max());
        for (const double share : {0.1, 0.5, 0.9, 0.999})
            CHECK(one.percentile(share) == both.percentile(share));
    }

    SCENARIO("nothing has no percentile") {
        CHECK(Latency().percentile(0.5) == 0ns);
        CHECK(Latency().mean() == 0ns);
    }
}
