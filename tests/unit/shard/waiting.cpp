#include "shard/waiting.h"

#include <doctest/doctest.h>

namespace cmq::shard {
namespace {

using namespace std::chrono_literals;
constexpr Steady start{};

Waiter waiter(std::uint64_t ticket, std::uint64_t queue, Steady deadline) {
    return {Ticket{ticket}, Poll{}, broker::QueueId{queue}, deadline, {}};
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("polls of one queue are woken in order of arrival") {
        Waiting waiting;
        waiting.park(waiter(1, 5, start + 9s));
        waiting.park(waiter(2, 5, start + 3s));
        waiting.park(waiter(3, 6, start + 1s));
        CHECK(waiting.take_first(broker::QueueId{5}).ticket == Ticket{1});
        CHECK(waiting.take_first(broker::QueueId{5}).ticket == Ticket{2});
        CHECK_FALSE(waiting.has(broker::QueueId{5}));
        CHECK(waiting.has(broker::QueueId{6}));
    }

    SCENARIO("one that was beaten to its message stays first") {
        Waiting waiting;
        waiting.park(waiter(1, 5, start + 9s));
        waiting.park_first(waiter(2, 5, start + 9s));
        CHECK(waiting.take_first(broker::QueueId{5}).ticket == Ticket{2});
    }

    SCENARIO("polls end at their deadline, the earliest first") {
        Waiting waiting;
        waiting.park(waiter(1, 5, start + 3s));
        waiting.park(waiter(2, 6, start + 1s));
        waiting.park(waiter(3, 5, start + 2s));
        CHECK(waiting.next_deadline() == start + 1s);
        CHECK(waiting.take_expired(start + 999ms).empty());
        const auto expired = waiting.take_expired(start + 2s);
        REQUIRE(expired.size() == 2);
        CHECK(expired[0].ticket == Ticket{2});
        CHECK(expired[1].ticket == Ticket{3});
        CHECK(waiting.size() == 1);
    }

    SCENARIO("a client that went away is forgotten") {
        Waiting waiting;
        waiting.park(waiter(1, 5, start + 3s));
        CHECK(waiting.take(Ticket{1}));
        CHECK_FALSE(waiting.take(Ticket{1}));
        CHECK_FALSE(waiting.has(broker::QueueId{5}));
        CHECK_FALSE(waiting.next_deadline());
    }
}

}  // namespace cmq::shard
