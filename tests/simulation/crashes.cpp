// A broker that is killed and loses power again and again, under load.

#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/settings.h"
#include "tests/simulation/story.h"

using namespace cmq;
using namespace cmq::simulation;

namespace {

struct Counts {
    std::uint64_t sent = 0, received = 0, deleted = 0, crashes = 0, flushes = 0;
    void add(const Story& story) {
        sent += story.clients().counts().sent;
        received += story.clients().counts().received;
        deleted += story.clients().counts().deleted;
        crashes += story.crashes();
        flushes += story.flushes();
    }
};

Counts tell(Story::Faults faults, std::uint64_t seeds, std::uint64_t first) {
    Counts all;
    const auto only = setting("SEED", 0);
    for (auto seed = first; seed < first + seeds; ++seed) {
        if (only != 0 && seed != only) continue;
        Story story(seed, faults);
        const auto problem = story.run(12, 60);
        CHECK_MESSAGE(!problem, "SEED=" << seed << ": " << problem.value_or(""));
        all.add(story);
    }
    MESSAGE(seeds << " seeds: " << all.sent << " sent, " << all.received << " received, "
                  << all.deleted << " deleted, " << all.crashes << " crashes, " << all.flushes
                  << " flushes");
    return all;
}

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("nothing acknowledged is lost by kills and power cuts") {
        const auto counts = tell({}, setting("SEEDS", 60), 1);
        CHECK(counts.sent > 0);
        CHECK(counts.deleted > 0);
        CHECK(counts.flushes > 0);
    }

    SCENARIO("nothing acknowledged is lost when a call of the disk fails") {
        tell({.power_cuts = true, .kills = true, .io_errors = true}, setting("SEEDS", 60), 10'001);
    }

    SCENARIO("one seed tells the same story twice") {
        Story once(7, {}), again(7, {});
        CHECK_FALSE(once.run(6, 60));
        CHECK_FALSE(again.run(6, 60));
        CHECK(once.clients().hash() == again.clients().hash());
        CHECK(once.clients().counts().sent == again.clients().counts().sent);
    }

    SCENARIO("a node that does not sync what it recovered is caught losing a message") {
        bool caught = false;
        for (std::uint64_t seed = 1; seed <= 200 && !caught; ++seed)
            caught = Story(seed, {}, log::Planted::no_sync_after_recovery).run(12, 60).has_value();
        CHECK(caught);
    }
}
