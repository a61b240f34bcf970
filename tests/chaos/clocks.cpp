// Wall clocks that jump.

#include <doctest/doctest.h>

#include <thread>

#include "tests/chaos/faked_clock.h"
#include "tests/chaos/story.h"

using namespace cmq::chaos;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr Number odd = 2;  // whose clock is wrong

/// By turns that of a follower and that of the leader.
void jump(Story& story, const FakedClock& clock, unsigned times) {
    auto client = cmq::client::Client::open(story.nodes.broker({0, 1}));
    REQUIRE(client);
    for (unsigned time = 0; time < times; ++time) {
        story.nodes.await_in_sync();
        const bool by_the_leader = (story.chance.seed() + time) % 2 == 0;
        const Number lead = by_the_leader ? odd : story.chance.below(2);
        for (int tries = 0; story.nodes.await_leader() != lead && tries < 20; ++tries)
            (void)client->transfer_lead(story.nodes.id(lead));  // looked at above
        clock.move(story.chance.one_in(2) ? 24h : -24h);
        CHECK(story.pulse.next_after(Clock::now()) < 10s);
        story.rest(300ms, 1'500ms);
        clock.move(0h);
        CHECK(story.pulse.next_after(Clock::now()) < 10s);
    }
    say("a clock jumped by a day and back " + std::to_string(times) + " times");
}

}  // namespace

TEST_SUITE("chaos") {
    SCENARIO("the clock of one node jumps by a day") {
        if (!is_its_turn("jumping clock", 1, 3)) return;
        const cmq::support::TemporaryDirectory directory;
        const auto clock = FakedClock::make(directory.path() / "clock");
        if (!clock) return say("jumping clock SKIPPED: " + clock.error().message);
        std::vector<Place> places(3);
        places[odd] = clock->place();
        // Who asks a node whose clock is wrong is refused, and should be.
        Story story("jumping clock", places, {0, 1});
        jump(story, *clock, amount(20, 1));
        story.end();
    }

    SCENARIO("the whole cluster is off for two days") {
        if (!is_its_turn("two days off", 2, 3)) return;
        const cmq::support::TemporaryDirectory directory;
        const auto clock = FakedClock::make(directory.path() / "clock");
        if (!clock) return say("two days off SKIPPED: " + clock.error().message);
        Chance chance("two days off");
        Nodes nodes(std::vector<Place>(3, clock->place()));
        Pulse pulse(nodes.broker());
        for (unsigned sent = 0; sent < amount(1'000, 50); ++sent) pulse.next_after(Clock::now());
        pulse.stop();
        const bool cleanly = chance.one_in(2);
        for (Number node = 0; node < 3; ++node) cleanly ? nodes.stop(node) : nodes.kill(node);
        clock->move(48h);
        for (Number node = 0; node < 3; ++node) nodes.start(node);
        auto broker = nodes.broker();
        broker.clock_behind = 48h;
        pulse.reach(broker);
        const auto verdict = pulse.finish();
        say("two days off: " + text_of(verdict));
        CHECK_MESSAGE(verdict.good(), text_of(verdict));
        CHECK(verdict.acknowledged >= 50);
    }
}
