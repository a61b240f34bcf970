// One node's disk is full for a while.

#include <doctest/doctest.h>

#include <thread>

#include "tests/chaos/small_disk.h"
#include "tests/chaos/story.h"

using namespace cmq::chaos;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// A node that has less than 1 GiB left refuses sends; this leaves it some.
constexpr unsigned disk_megabytes = 1'400;
constexpr Number small = 0;

void let_lead(Story& story, Number node) {
    auto client = cmq::client::Client::open(story.nodes.broker());
    REQUIRE(client);
    for (int tries = 0; story.nodes.await_leader() != node; ++tries) {
        REQUIRE(tries < 20);
        (void)client->transfer_lead(story.nodes.id(node));  // looked at above
    }
}

void fill_disk(Story& story, SmallDisk& disk, unsigned times) {
    Figures gaps("longest gap of sends around a full disk");
    unsigned ended = 0;
    for (unsigned time = 0; time < times; ++time) {
        story.nodes.await_in_sync();
        // By turns that of a follower and that of the leader.
        let_lead(story, (story.chance.seed() + time) % 2 == 0 ? story.nodes.other(small) : small);
        story.pulse.take_longest_gap();
        disk.fill();
        story.rest(1'000ms, 3'000ms);
        disk.free();
        if (story.nodes.is_gone(small)) {
            ++ended;
            say("it ended by itself: " + story.nodes.last_words(small));
            story.nodes.kill(small);
            story.nodes.start(small);
        }
        story.nodes.await_in_sync();
        gaps.add(story.pulse.take_longest_gap());
        CHECK(story.pulse.next_after(Clock::now()) < 10s);
    }
    say(gaps.text());
    say("a node ended by itself " + std::to_string(ended) + " times");
}

}  // namespace

TEST_SUITE("chaos") {
    SCENARIO("one node's disk is full for a while") {
        if (!is_its_turn("full disk", 0, 3)) return;
        auto disk = SmallDisk::make(disk_megabytes);
        if (!disk) return say("full disk SKIPPED: " + disk.error().message);
        std::vector<Place> places(3);
        places[small].data = (*disk)->path() / "data";
        Story story("full disk", places);
        fill_disk(story, **disk, amount(20, 1));
        story.end();
    }
}
