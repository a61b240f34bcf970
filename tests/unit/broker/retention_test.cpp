#include <doctest/doctest.h>

#include "broker/limits.h"
#include "broker_in_memory.h"

namespace cmq::broker::test {

TEST_SUITE("unit/broker") {
    SCENARIO("a message older than the retention is removed, whatever it is doing") {
        Broker broker;
        broker.create({.visibility_timeout = 1000, .retention = 60, .rewind = 60});
        broker.send_many(4);
        broker.send("body", 3600);
        const auto taken = broker.take(3);
        broker.remove({taken[0].handle.value});
        broker.change(taken[1].handle.value, 0);
        const auto handle = taken[2].handle.value;
        WHEN("1 ms is left") {
            broker.now += 59'999ms;
            THEN("they are all there") {
                CHECK(broker.view().active == 2);
                CHECK(broker.view().inactive == 1);
                CHECK(broker.view().delayed == 1);
                CHECK(broker.view().rewindable == 1);
                CHECK(std::get<Deleted>(*broker.remove({handle})).failed.empty());
            }
        }
        WHEN("the time is over") {
            broker.now += 60s;
            THEN("they are not counted, before anyone has looked") {
                const auto view = broker.view();
                CHECK(view.active + view.inactive + view.delayed + view.rewindable == 0);
                CHECK(view.oldest == broker.now);
            }
            THEN("they are not delivered, and their handles are dead") {
                CHECK(refused(broker.receive()) == Reason::no_message);
                CHECK(std::get<Deleted>(*broker.remove({handle})).failed.size() == 1);
                CHECK(refused(broker.change(handle, 5)) == Reason::handle_invalid);
            }
            THEN("a Tick clears them away") {
                CHECK(*broker.state->next_due() <= broker.now);
                broker.settle();
                CHECK(broker.state->counts().held_in_memory == 0);
                CHECK(broker.state->first_live().value == broker.state->applied().value + 1);
            }
        }
    }

    TEST_CASE("a change of the retention holds for messages that are there already") {
        Broker broker;
        broker.create({.retention = 1000});
        broker.send();
        broker.now += 100s;
        broker.send();
        broker.now += 50s;
        broker.set({.retention = 100});
        CHECK(broker.view().active == 1);
        broker.set({.retention = 1000});  // what is gone stays gone
        CHECK(broker.view().active == 1);
        broker.now += 900s;
        CHECK(ids(broker.take()) == std::vector<std::uint64_t>{2});
    }

    TEST_CASE("clearing away takes a bounded bite per Tick, and is never visible") {
        Broker broker;
        broker.create({.retention = 60});
        broker.apply(CreateQueue{"other", {}});
        for (int i = 0; i < 625; ++i) broker.send_many(16, 30);
        CHECK(broker.state->counts().held_in_memory == 10'000);
        broker.now += 60s;
        CHECK(refused(broker.receive()) == Reason::no_message);
        CHECK(broker.view().active == 0);
        std::uint64_t held = broker.state->counts().held_in_memory;
        while (held > 0) {
            REQUIRE(*broker.state->next_due() <= broker.now);
            broker.apply(Tick{});
            const auto left = broker.state->counts().held_in_memory;
            CHECK(held - left <= static_cast<std::uint64_t>(due_at_once_max));
            held = left;
        }
        broker.settle();
        CHECK(broker.state->counts().blocks_in_memory <= 1);
    }

    TEST_CASE("a command fires at most 4,096 messages that are due, a Tick the rest") {
        Broker broker;
        broker.create();
        for (int i = 0; i < 625; ++i) broker.send_many(16, 30);
        broker.now += 30s;
        CHECK(broker.take(1).size() == 1);
        CHECK(broker.state->counts().active == 4'095);
        // A question knows better, and so does ready.
        CHECK(broker.view().active == 9'999);
        CHECK(broker.state->ready(broker.id(), 10'000) == 9'999);
        broker.apply(Tick{});
        CHECK(broker.state->counts().active == 8'190);
        broker.settle();
        CHECK(broker.state->counts().active == 9'999);
    }

    TEST_CASE("a deleted queue is cleared away bit by bit, and nothing of it stays") {
        Broker broker;
        broker.create({.rewind = 100});
        for (int i = 0; i < 1'000; ++i) broker.send_many(16);
        broker.send("body", 0, "dedup");
        broker.take();
        broker.consume(20);
        broker.flush();
        CHECK(broker.rows.count(Table::block) > 200);
        broker.apply(DeleteQueue{"q"});
        CHECK(broker.state->next_due() == broker.now);
        broker.apply(Tick{});
        broker.flush();
        REQUIRE(broker.reload());  // half way
        CHECK(broker.state->next_due() <= broker.now);
        broker.settle();
        CHECK_FALSE(broker.state->next_due());
        broker.flush();
        for (const auto table :
             {Table::queue, Table::block, Table::held, Table::stripe, Table::dedup}) {
            CHECK(broker.rows.count(table) == 0);
        }
    }

    TEST_CASE("a queue deleted after all it had was consumed leaves nothing either") {
        Broker broker;
        broker.create();
        broker.send_many(10);
        broker.consume(10);
        broker.now += 400'000s;
        broker.settle();
        broker.apply(DeleteQueue{"q"});
        broker.settle();
        broker.flush();
        CHECK(broker.rows.count(Table::queue) == 0);
        CHECK(broker.rows.count(Table::block) == 0);
    }

    TEST_CASE("the clean-up of a busy queue wants a Tick a second, not one a message") {
        Broker broker;
        broker.create({.retention = 60, .rewind = 60});
        int ticks = 0;
        const auto end = broker.now + 180s;
        while (broker.now < end) {
            broker.now += 50ms;
            broker.send();
            broker.consume(1);
            for (; *broker.state->next_due() <= broker.now; ++ticks) broker.apply(Tick{});
        }
        CHECK(ticks <= 125);
        CHECK(broker.state->counts().rewindable == 1'200);
    }

    TEST_CASE("the state's clock never goes back") {
        Broker broker;
        broker.create();
        const auto now = broker.now;
        broker.now -= 10s;
        broker.send();
        CHECK(broker.state->clock() == now);
        CHECK(broker.take()[0].enqueued == now);
    }
}

}  // namespace cmq::broker::test
