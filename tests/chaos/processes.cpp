// Real processes on loopback: killed, paused, handed over. CHAOS=100 is the long form (`make
// chaos`), SEED=n replays the choices of one.

#include <doctest/doctest.h>

#include "tests/chaos/story.h"

using namespace cmq::chaos;

TEST_SUITE("chaos") {
    SCENARIO("nodes are killed, paused, handed over to, all in one run" *
             doctest::skip(is_long())) {
        Story story("a little of everything");
        hand_over(story, amount(50, 3));
        kill_leaders(story, amount(100, 2));
        pause_leaders(story, amount(50, 1));
        kill_nodes(story, amount(200, 3));
        story.end();
    }

    SCENARIO("kill -9 of any node, again and again" * doctest::skip(!is_long())) {
        Story story("kills");
        kill_nodes(story, amount(200, 1));
        story.end();
    }

    SCENARIO("kill -9 of the leader, again and again" * doctest::skip(!is_long())) {
        Story story("fail-over");
        kill_leaders(story, amount(100, 1));
        story.end();
    }

    SCENARIO("the leader stands still for a while" * doctest::skip(!is_long())) {
        Story story("pauses");
        pause_leaders(story, amount(50, 1));
        story.end();
    }

    SCENARIO("a planned hand-over is not noticed" * doctest::skip(!is_long())) {
        Story story("hand-overs");
        hand_over(story, amount(50, 1));
        story.end();
    }

    SCENARIO("a follower loses its disk, and is replaced" * doctest::skip(!is_long())) {
        // A node that joins anew is at another address: clients stay with the first.
        Story story("wiped followers", std::vector<Place>(3), {0});
        wipe_followers(story, amount(10, 1));
        story.end();
    }

    SCENARIO("a rolling restart is not noticed") {
        Story story("rolling restart");
        auto options = verified(story.nodes.plain_broker(), "pipelined");
        options.window = 8;
        Load pipelined(std::move(options));
        const bool planned = restart_nodes(story, amount(40, 2));
        const auto piped = pipelined.finish();
        say("over HTTP, pipelined: " + text_of(piped));
        CHECK(piped.verdict->good());
        const auto report = story.end();
        for (const auto* each : {&report, &piped}) {
            CHECK(each->sent > 0);
            if (planned) CHECK(each->refused + each->unknown + each->failed == 0);
        }
    }
}
