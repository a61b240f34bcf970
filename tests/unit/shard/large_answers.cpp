// More bytes than one answer may have.

#include <doctest/doctest.h>

#include "broker/limits.h"
#include "shard/shorten.h"
#include "tests/unit/shard/world.h"

namespace cmq::shard {

using namespace std::chrono_literals;

namespace {

broker::Answer received(const std::vector<std::string>& bodies) {
    broker::Received received;
    broker::Answer answer;
    for (const auto& body : bodies) {
        answer.bodies.push_back({{}, body});
        broker::Delivery delivery;
        delivery.handle.value = answer.bodies.size();
        received.deliveries.push_back(delivery);
    }
    answer.outcome = std::move(received);
    return answer;
}

/// Sends `count` messages of `bytes` each, which begin with 'a', 'b', ...
void fill(World& world, char count, std::size_t bytes) {
    broker::AttributeChanges options;
    options.max_message_bytes = broker::max_message_bytes.most;
    world.put(broker::CreateQueue{"orders", options});
    for (char at = 0; at < count; ++at)
        world.put(one(static_cast<char>('a' + at) + std::string(bytes - 1, '.')));
    world.settle();
}

/// The first bytes of the bodies that an answer gives.
std::string firsts(const broker::Answer& answer) {
    std::string text;
    for (const auto& body : answer.bodies) text += body.text.front();
    return text;
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("an answer has as many bodies as fit, and one always") {
        const std::string half(broker::answer_bytes_max / 2, 'x'), tiny = "x";
        WHEN("they fit to the byte") {
            const std::vector bodies{half, half};
            auto answer = received(bodies);
            CHECK(shorten(answer).empty());
            CHECK(answer.bodies.size() == 2);
        }
        WHEN("there is one byte more") {
            const std::vector bodies{half, half, tiny, tiny};
            auto answer = received(bodies);
            CHECK(shorten(answer) == std::vector<std::uint64_t>{3, 4});
            CHECK(answer.bodies.size() == 2);
            CHECK(std::get<broker::Received>(*answer.outcome).deliveries.size() == 2);
        }
        WHEN("the first is longer by itself") {
            const std::vector bodies{half + half + half, tiny};
            auto answer = received(bodies);
            CHECK(shorten(answer) == std::vector<std::uint64_t>{2});
            CHECK(answer.bodies.size() == 1);
        }
        WHEN("there are none") {
            broker::Answer answer{broker::Done{}, {}};
            CHECK(shorten(answer).empty());
        }
    }

    SCENARIO("a receive of large messages gives fewer, and the rest with the next ones") {
        World world;
        fill(world, 5, 1 << 20);
        for (const std::string gives : {"ab", "cd", "e"}) {
            const auto receive = world.put(broker::Receive{"orders", 16}, 0s);
            // Told once the rest can be had: then who asks at once is never told that there is
            // none.
            while (!world.answered(receive)) world.write_one();
            const auto& answer = world.answer(receive);
            CHECK(firsts(answer) == gives);
            for (const auto& delivery : std::get<broker::Received>(*answer.outcome).deliveries)
                CHECK(delivery.receives == 1);
        }
        const auto last = world.put(broker::Receive{"orders", 16}, 0s);
        world.settle();
        CHECK(world.refused(last) == broker::Reason::no_message);
    }

    SCENARIO("what did not fit wakes who waits for it") {
        World world;
        fill(world, 3, 1 << 20);
        const auto first = world.put(broker::Receive{"orders", 16}, 0s);
        const auto second = world.put(broker::Receive{"orders", 16}, 20s);
        world.settle();
        CHECK(firsts(world.answer(first)) == "ab");
        CHECK(firsts(world.answer(second)) == "c");
    }

    SCENARIO("a look at large messages gives a shorter page, and says where the next begins") {
        World world;
        fill(world, 5, 1 << 20);
        std::optional<std::uint64_t> from = 0;
        for (const std::string gives : {"ab", "cd", "e"}) {
            REQUIRE(from);
            const auto ticket = world.ask(broker::Peek{"orders", {}, *from, 100});
            world.settle();
            CHECK(firsts(world.answer(ticket)) == gives);
            from = std::get<broker::Peeked>(*world.answer(ticket).outcome).next;
        }
        CHECK_FALSE(from);
    }
}

}  // namespace cmq::shard
