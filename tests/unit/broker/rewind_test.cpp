#include <doctest/doctest.h>

#include <numeric>

#include "broker/limits.h"
#include "broker_in_memory.h"

namespace cmq::broker::test {
namespace {

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> all(last - first + 1);
    std::iota(all.begin(), all.end(), first);
    return all;
}

/// The message that was sent as the n-th, counted from 1.
MessageId message(std::uint64_t number) { return MessageId{(7ULL << 53) | number}; }

std::vector<std::uint64_t> take_all(Broker& broker) {
    std::vector<std::uint64_t> all;
    for (auto taken = broker.take(); !taken.empty(); taken = broker.take()) {
        const auto some = ids(taken);
        all.insert(all.end(), some.begin(), some.end());
        std::vector<std::uint64_t> handles;
        for (const auto& one : taken) handles.push_back(one.handle.value);
        broker.remove(handles);
    }
    return all;
}

}  // namespace

TEST_SUITE("unit/broker") {
    SCENARIO("a rewind brings deleted messages back, from the asked time on") {
        Broker broker;
        broker.create({.rewind = 1000});
        const auto begin = broker.now;
        for (int i = 0; i < 200; ++i) {  // message n + 1 is sent in second n
            broker.now = begin + std::chrono::seconds(i);
            broker.send();
        }
        CHECK(take_all(broker) == numbers(1, 200));
        CHECK(broker.view().rewindable == 200);
        CHECK(broker.view().active == 0);
        WHEN("rewound to the middle") {
            broker.state->take_woken();
            CHECK(broker.rewind(begin + 100s));
            CHECK(broker.state->take_woken() == std::vector{broker.id()});
            CHECK(broker.view().active == 100);
            CHECK(broker.view().rewindable == 100);
            CHECK(broker.view().oldest == begin + 100s);
            THEN("the ones from then on come in enqueue order, before younger ones") {
                broker.send();
                CHECK(take_all(broker) == numbers(101, 201));
            }
            THEN("they count on, and were first received anew") {
                broker.now += 5s;
                const auto taken = broker.take(1);
                CHECK(taken[0].receives == 2);
                CHECK(taken[0].first_received == broker.now);
            }
            THEN("they can be deleted and rewound again") {
                CHECK(take_all(broker).size() == 100);
                CHECK(broker.rewind(begin));
                CHECK(take_all(broker) == numbers(1, 200));
            }
        }
        WHEN("rewound far, then near, before anything was received") {
            CHECK(broker.rewind(begin));
            CHECK(broker.consume(70) == 70);
            CHECK(broker.rewind(begin + 50s));
            THEN("what the first rewind brought back is not lost by the second") {
                CHECK(broker.view().active == 150);
                CHECK(take_all(broker) == numbers(51, 200));
            }
        }
        WHEN("rewound to 1 ms after a message") {
            CHECK(broker.rewind(begin + 100'001ms));
            THEN("that message is not concerned") { CHECK(take_all(broker) == numbers(102, 200)); }
        }
    }

    TEST_CASE("a rewind leaves alone what is in flight or was never delivered") {
        Broker broker;
        broker.create({.rewind = 1000});
        broker.send_many(10);
        broker.consume(3);
        const auto taken = broker.take(2);
        CHECK(broker.rewind(broker.now));
        CHECK(ids(broker.take(16)) == std::vector<std::uint64_t>{1, 2, 3, 6, 7, 8, 9, 10});
        CHECK(std::get<Deleted>(*broker.remove({taken[0].handle.value})).failed.empty());
    }

    TEST_CASE("a rewind is for queues that allow it, and times that are kept") {
        Broker broker;
        broker.create();
        CHECK(refused(broker.rewind(broker.now)) == Reason::cannot_rewind);
        broker.set({.rewind = 60});
        CHECK(refused(broker.rewind(broker.now + 1ms)) == Reason::rewind_time);
        CHECK(broker.rewind(broker.now - 60s));
        CHECK(refused(broker.rewind(broker.now - 60'001ms)) == Reason::rewind_time);
        broker.now += 999ms;  // clients count in whole seconds
        CHECK(broker.rewind(broker.now - 60'999ms));
        CHECK(refused(broker.rewind(broker.now - 61'000ms)) == Reason::rewind_time);
        CHECK(broker.rewind(broker.now));
    }

    TEST_CASE("a deleted message can come back until rewindSeconds after it was sent") {
        Broker broker;
        broker.create({.rewind = 60});
        broker.send();
        broker.now += 30s;
        broker.consume(1);
        broker.now += 29'999ms;
        CHECK(broker.view().rewindable == 1);
        broker.now += 1ms;
        CHECK(broker.view().rewindable == 0);
        CHECK(broker.rewind(broker.now - 60s));
        CHECK(broker.take().empty());
        broker.settle();
        CHECK(broker.state->first_live().value == broker.state->applied().value + 1);
    }

    TEST_CASE("without rewindSeconds a deleted message is gone, also if that is set later") {
        Broker broker;
        broker.create();
        broker.send_many(2);
        broker.consume(1);
        broker.set({.rewind = 60});
        broker.consume(1);  // this one is deleted while it is kept
        CHECK(broker.view().rewindable == 1);
        CHECK(broker.rewind(broker.now));
        CHECK(ids(broker.take()) == std::vector<std::uint64_t>{2});
    }

    TEST_CASE("setting rewindSeconds to 0 drops what could be rewound, for good") {
        Broker broker;
        broker.create({.rewind = 60});
        broker.send_many(10);
        broker.consume(5);
        broker.set({.rewind = 0});
        CHECK(broker.view().rewindable == 0);
        broker.set({.rewind = 60});
        CHECK(broker.rewind(broker.now));
        CHECK(ids(broker.take()) == numbers(6, 10));
    }

    TEST_CASE("lowering rewindSeconds drops what is outside the new range") {
        Broker broker;
        broker.create({.rewind = 100});
        broker.send();
        broker.now += 50s;
        broker.send();
        broker.consume(2);
        broker.set({.rewind = 50});
        CHECK(broker.view().rewindable == 1);
        broker.set({.rewind = 100});
        CHECK(broker.rewind(broker.now - 100s));
        CHECK(ids(broker.take()) == std::vector<std::uint64_t>{2});
    }

    TEST_CASE("what was not deleted yet is kept again once rewindSeconds is raised again") {
        Broker broker;
        broker.create({.rewind = 100});
        broker.send_many(10);
        broker.consume(2);
        broker.now += 50s;
        for (const std::int64_t lowered : {0, 1}) {
            broker.set({.rewind = lowered});
            broker.set({.rewind = 100});
        }
        CHECK(broker.view().rewindable == 0);
        broker.consume(3);
        CHECK(broker.view().rewindable == 3);
        CHECK(broker.rewind(broker.now - 100s));
        CHECK(ids(broker.take()) == numbers(3, 10));
    }

    TEST_CASE("a raised rewindSeconds waits until what a lowered one dropped is cleared away") {
        Broker broker;
        broker.create({.rewind = 100});
        constexpr int more_than_at_once = 70'000;
        for (int sent = 0; sent < more_than_at_once + 16; sent += 16) REQUIRE(broker.send_many(16));
        REQUIRE(broker.consume(more_than_at_once) == more_than_at_once);
        broker.set({.rewind = 0});
        broker.set({.rewind = 100});
        broker.consume(1);
        CHECK(broker.view().rewindable == 0);
        broker.settle();
        broker.consume(3);
        CHECK(broker.view().rewindable == 3);
        CHECK(broker.rewind(broker.now));
        CHECK(ids(broker.take()).front() == more_than_at_once + 2);
    }

    TEST_CASE("64 rewinds are remembered, each later than the one before") {
        Broker broker;
        broker.create({.rewind = 10'000});
        const auto begin = broker.now;
        for (int i = 0; i < 70; ++i) {
            broker.now = begin + std::chrono::seconds(i);
            broker.send();
        }
        for (int i = 0; i < rewinds_max; ++i) {
            broker.consume(70);
            REQUIRE(broker.rewind(begin + std::chrono::seconds(i)));
        }
        broker.consume(70);
        CHECK(refused(broker.rewind(begin + 65s)) == Reason::too_many_rewinds);
        CHECK(broker.view().rewindable == 70);
        // One further back hides those after it.
        CHECK(broker.rewind(begin + 10s));
        CHECK(broker.consume(70) == 60);
        CHECK(broker.rewind(begin + 65s));
        CHECK(take_all(broker) == numbers(66, 70));
        // And time passes over them.
        broker.now += 10'000s;
        broker.send_many(2);
        broker.consume(2);
        broker.settle();
        CHECK(broker.rewind(broker.now));
        CHECK(broker.view().active == 2);
    }

    SCENARIO("a look at a rewind says what would come back, and changes nothing") {
        Broker broker;
        broker.create({.rewind = 1000});
        const auto begin = broker.now;
        for (int i = 0; i < 200; ++i) {  // messages 2n + 1 and 2n + 2 are sent in second n
            broker.now = begin + std::chrono::seconds(i);
            broker.send_many(2);
        }
        broker.consume(300);
        const auto look = [&](auto to) { return std::get<RewindPeeked>(*broker.peek_rewind(to)); };
        GIVEN("a time") {
            CHECK(look(begin).count == 300);
            CHECK(look(begin + 100s).count == 100);
            CHECK(look(begin + 99s + 1ms).count == 100);
            CHECK(look(begin + 150s).count == 0);
            CHECK(refused(broker.peek_rewind(begin - 802s)) == Reason::rewind_time);
            CHECK(refused(broker.peek_rewind(broker.now + 1ms)) == Reason::rewind_time);
        }
        GIVEN("a message") {
            const auto peeked = look(message(204));
            CHECK(peeked.to == begin + 101s);
            CHECK(peeked.count == 98);
            CHECK(look(message(1)).count == 300);
            CHECK(look(message(400)).count == 0);
            CHECK(refused(broker.peek_rewind(message(401))) == Reason::message_missing);
            CHECK(refused(broker.peek_rewind(MessageId{0})) == Reason::message_missing);
            broker.now = begin + 1000s + 100s;
            CHECK(refused(broker.peek_rewind(message(2))) == Reason::message_missing);
            CHECK(look(message(203)).count == 98);
        }
        CHECK(broker.view().active == 100);
        REQUIRE(broker.rewind(begin + 101s));
        CHECK(broker.view().active == 198);
        broker.set({.rewind = 0});
        CHECK(refused(broker.peek_rewind(begin)) == Reason::cannot_rewind);
    }

    TEST_CASE("a message is found among more than a chunk of 65,536") {
        Broker broker;
        broker.create({.rewind = 10'000});
        const auto begin = broker.now;
        for (int i = 0; i < 5'000; ++i) {
            broker.now = begin + std::chrono::milliseconds(i);
            broker.send_many(16);
        }
        for (const int number : {1, 16, 17, 65'536, 65'537, 79'999, 80'000}) {
            CAPTURE(number);
            const auto peeked = broker.peek_rewind(message(static_cast<std::uint64_t>(number)));
            REQUIRE(peeked);
            CHECK(std::get<RewindPeeked>(*peeked).to ==
                  begin + std::chrono::milliseconds((number - 1) / 16));
        }
    }

    TEST_CASE("a rewind over more than a chunk of 65,536 counts exactly") {
        Broker broker;
        broker.create({.rewind = 10'000});
        const auto begin = broker.now;
        for (int i = 0; i < 5'000; ++i) {
            broker.now = begin + std::chrono::milliseconds(i);
            broker.send_many(16);
        }
        CHECK(take_all(broker).size() == 80'000);
        broker.flush();
        REQUIRE(broker.reload());
        CHECK(broker.view().rewindable == 80'000);
        CHECK(broker.rewind(begin + 4'500ms));
        CHECK(broker.view().active == 8'000);
        CHECK(broker.rewind(begin + 100ms));
        CHECK(broker.view().active == 78'400);
        CHECK(broker.view().rewindable == 1'600);
        CHECK(take_all(broker).front() == 1'601);
        broker.now = begin + 10'000s + 4'200ms;
        CHECK(broker.view().rewindable == 799 * 16);
        broker.settle();
        CHECK(broker.view().rewindable == 799 * 16);
        broker.flush();
        CHECK(broker.rows.count(Table::block) == 200);
    }
}

}  // namespace cmq::broker::test
