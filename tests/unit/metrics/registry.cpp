#include "metrics/registry.h"

#include <doctest/doctest.h>

#include <thread>

namespace {

using namespace cmq::metrics;
using namespace std::chrono_literals;

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_SUITE("unit/metrics") {
    SCENARIO("counters are shown with their help, type and labels") {
        Registry registry;
        auto& good = registry.counter("cmq_sends_total", "Messages sent", {{"result", "ok"}});
        auto& bad = registry.counter("cmq_sends_total", "Messages sent",
                                     {{"result", "error"}, {"code", "4440"}});
        good.add();
        good.add(41);
        bad.add();
        CHECK(registry.text() ==
              "# HELP cmq_sends_total Messages sent\n"
              "# TYPE cmq_sends_total counter\n"
              "cmq_sends_total{result=\"ok\"} 42\n"
              "cmq_sends_total{result=\"error\",code=\"4440\"} 1\n");
    }

    SCENARIO("a metric asked for again is the same") {
        Registry registry;
        auto& first = registry.counter("a_total", "", {{"x", "1"}});
        CHECK(&first == &registry.counter("a_total", "", {{"x", "1"}}));
        CHECK(&first != &registry.counter("a_total", "", {{"x", "2"}}));
        CHECK(&registry.histogram("b_seconds", "") == &registry.histogram("b_seconds", ""));
    }

    SCENARIO("labels and help of any bytes stay on their line") {
        Registry registry;
        registry.counter("a_total", "back\\slash \"quoted\"\nline", {{"x", "a\"b\\c\nd"}});
        CHECK(registry.text() ==
              "# HELP a_total back\\\\slash \"quoted\"\\nline\n"
              "# TYPE a_total counter\n"
              "a_total{x=\"a\\\"b\\\\c\\nd\"} 0\n");
    }

    SCENARIO("gauges are asked at each scrape") {
        Registry registry;
        double value = 1.5;
        registry.gauge("cmq_depth", "Messages waiting", [&value] {
            return std::vector<Registry::Sample>{{{}, value}, {{{"queue", "a"}}, -2}};
        });
        registry.counted("cmq_fsyncs_total", "fsync calls", [] {
            return std::vector<Registry::Sample>{{{}, 1e15}};
        });
        CHECK(has_line(registry.text(), "cmq_depth 1.5"));
        CHECK(has_line(registry.text(), "cmq_depth{queue=\"a\"} -2"));
        CHECK(has_line(registry.text(), "# TYPE cmq_depth gauge"));
        CHECK(has_line(registry.text(), "# TYPE cmq_fsyncs_total counter"));
        value = 0;
        CHECK(has_line(registry.text(), "cmq_depth 0"));
        CHECK(has_line(registry.text(), "cmq_fsyncs_total 1e+15"));
    }

    SCENARIO("a histogram counts each duration in all buckets that hold it") {
        Registry registry;
        auto& took = registry.histogram("cmq_request_seconds", "Time", {{"action", "Send"}});
        took.add(50us);        // at the bound is within it
        took.add(50us + 1ns);  // just above it is not
        took.add(100us);
        took.add(1min);
        took.add(-1ns);  // a clock that went back
        const auto text = registry.text();
        const auto bucket = [&](const std::string& bound, int count) {
            return has_line(text, "cmq_request_seconds_bucket{action=\"Send\",le=\"" + bound +
                                      "\"} " + std::to_string(count));
        };
        CHECK(has_line(text, "# TYPE cmq_request_seconds histogram"));
        CHECK(bucket("5e-05", 2));
        CHECK(bucket("0.0001", 4));
        CHECK(bucket("0.0002", 4));
        CHECK(bucket("26.2144", 4));
        CHECK(bucket("+Inf", 5));
        CHECK(has_line(text, "cmq_request_seconds_sum{action=\"Send\"} 60.000200001"));
        CHECK(has_line(text, "cmq_request_seconds_count{action=\"Send\"} 5"));
    }

    SCENARIO("many threads count while one looks") {
        Registry registry;
        auto& counter = registry.counter("a_total", "");
        auto& took = registry.histogram("b_seconds", "");
        constexpr int each = 10'000;
        {
            std::vector<std::jthread> threads;
            for (int thread = 0; thread < 4; ++thread)
                threads.emplace_back([&registry, &counter, &took, thread] {
                    registry.counter("c_total", "", {{"thread", std::to_string(thread)}}).add();
                    for (int at = 0; at < each; ++at) counter.add(), took.add(1ms);
                });
            CHECK(registry.text().starts_with("# HELP a_total"));
        }
        CHECK(counter.value() == 4 * each);
        CHECK(has_line(registry.text(), "b_seconds_count " + std::to_string(4 * each)));
        CHECK(has_line(registry.text(), "c_total{thread=\"3\"} 1"));
    }
}
