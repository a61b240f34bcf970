#include "config/values.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::config;
using namespace std::chrono_literals;

TEST_SUITE("unit/config") {
    TEST_CASE("durations are numbers with units") {
        CHECK(*parse_duration("500ms") == 500ms);
        CHECK(*parse_duration("5s") == 5s);
        CHECK(*parse_duration("2m") == 2min);
        CHECK(*parse_duration("1h30m") == 90min);
        CHECK(*parse_duration("4d") == 96h);
        CHECK(*parse_duration("0") == 0s);
        CHECK(*parse_duration("3650d") == 87600h);
    }

    TEST_CASE("a duration says its unit once, falling, without octal or signs") {
        for (const auto* wrong : {"", "5", "s", "5 s", "-5s", "+5s", "010s", "5S", "5sec", "1m1m",
                                  "1s1m", "1.5s", "3651d", "99999999999999999999s", "5s "}) {
            CAPTURE(wrong);
            CHECK(parse_duration(wrong).error().code == Code::invalid);
        }
        CHECK(parse_duration("5").error().message == "\"5\" has no unit; write 5s for seconds");
        CHECK(*parse_seconds("1m") == 60s);
        CHECK_FALSE(parse_seconds("1s500ms"));
    }

    TEST_CASE("sizes are bytes, or powers of 1024 by name") {
        CHECK(*parse_size("512") == 512);
        CHECK(*parse_size("512B") == 512);
        CHECK(*parse_size("64KiB") == 65536);
        CHECK(*parse_size("1GiB") == 1ull << 30);
        for (const auto* wrong : {"", "KiB", "64KB", "64 KiB", "010", "-1", "2097152TiB"}) {
            CAPTURE(wrong);
            CHECK(parse_size(wrong).error().code == Code::invalid);
        }
    }

    TEST_CASE("a leading zero is refused, so that 010 is never eight") {
        CHECK(*parse_whole("10") == 10);
        CHECK(*parse_whole("0") == 0);
        CHECK(parse_whole("010").error().message == "\"010\" has a leading zero; write 10");
    }

    TEST_CASE("what is printed reads back") {
        for (const auto* text : {"1h30m", "500ms", "4d", "30s", "0s"})
            CHECK(format_duration(*parse_duration(text)) == text);
        for (const auto* text : {"64KiB", "1GiB", "1000B"})
            CHECK(format_size(*parse_size(text)) == text);
    }
}
