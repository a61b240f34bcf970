#include "server/rate_limit.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::server;
using namespace std::chrono_literals;

namespace {

const Steady start{1h};
const broker::Namespace first{1}, second{2};

protocol::Call send(std::string_view queue, std::size_t count, broker::Namespace space = first) {
    return {broker::Command{space, broker::Send{queue, 0, {}, {count, "body"}}}, {}};
}
protocol::Call receive(std::string_view queue) {
    return {broker::Command{first, broker::Receive{queue, 16}}, {}};
}
protocol::Call removal(std::string_view queue) {
    return {broker::Command{first, broker::DeleteMessages{queue, {1}}}, {}};
}
protocol::Call list() { return {broker::Query{first, broker::ListQueues{}}, {}}; }

/// How many of `calls` pass at once.
unsigned passed(RateLimit& limit, const protocol::Call& call, unsigned calls, Steady now = start) {
    unsigned count = 0;
    for (unsigned at = 0; at < calls; ++at) count += limit.take(call, now) ? 0 : 1;
    return count;
}

}  // namespace

TEST_SUITE("unit/server") {
    SCENARIO("without limits everything passes") {
        RateLimit limit({});
        CHECK(passed(limit, send("q", 16), 10'000) == 10'000);
        CHECK(passed(limit, list(), 10'000) == 10'000);
    }

    SCENARIO("a queue takes a second's worth of messages, then as many as time brings") {
        RateLimit limit({.messages = 100, .control = 0});
        CHECK(passed(limit, send("q", 1), 200) == 100);
        CHECK(passed(limit, send("q", 1), 200, start + 500ms) == 50);
        CHECK(limit.take(send("q", 1), start + 500ms)->code == 4420);
        THEN("other queues, other customers and deletes are not held up") {
            CHECK(passed(limit, send("other", 1), 1, start + 500ms) == 1);
            CHECK(passed(limit, send("q", 1, second), 1, start + 500ms) == 1);
            CHECK(passed(limit, removal("q"), 1'000, start + 500ms) == 1'000);
        }
        THEN("receives have a tenth more, of their own") {
            CHECK(passed(limit, receive("q"), 200, start + 500ms) == 110);
        }
    }

    SCENARIO("a batch counts its size, and its debt is paid before the next") {
        RateLimit limit({.messages = 10, .control = 0});
        CHECK(passed(limit, send("q", 16), 3) == 1);
        CHECK(passed(limit, send("q", 1), 1, start + 600ms) == 0);
        CHECK(passed(limit, send("q", 1), 2, start + 700ms) == 1);
    }

    SCENARIO("what a receive brought is counted when it is known") {
        RateLimit limit({.messages = 10, .control = 0});
        const auto call = receive("q");
        CHECK(passed(limit, call, 1) == 1);
        limit.take_received(std::get<broker::Command>(call.what), 15, start);
        CHECK(passed(limit, call, 1, start + 500ms) == 0);
        CHECK(passed(limit, call, 1, start + 600ms) == 1);
    }

    SCENARIO("control actions have a limit of their own") {
        RateLimit limit({.messages = 0, .control = 5});
        CHECK(passed(limit, list(), 10) == 5);
        CHECK(limit.take(list(), start)->code == 4480);
        CHECK(passed(limit, send("q", 1), 1'000) == 1'000);
    }
}
