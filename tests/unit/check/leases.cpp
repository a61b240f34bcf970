// When a lease ends, and which of two counts.

#include "tests/unit/check/story.h"

using namespace cmq::check;

TEST_SUITE("unit/check") {
    SCENARIO("an answer that was overtaken by that of the next lease accuses nobody") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 2, 2, {5000ms, 5021ms});
        story.receive(first, 1, 1, {20ms, 5030ms});
        story.remove(first, 2, {5040ms, 5041ms});
        CHECK(story.end().good());
    }

    SCENARIO("a count that falls is excused only for a request from before the newer answer") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 2, 2, {5000ms, 5021ms});
        SUBCASE("asked for as the newer answer came") {
            story.receive(first, 1, 1, {5020ms, 5030ms});
            story.remove(first, 2, {5040ms, 5041ms});
            CHECK(story.end().good());
            CHECK(story.end().explained.lapsed_lease == 1);
        }
        SUBCASE("asked for after it, while that lease lasts") {
            story.receive(first, 1, 1, {5021ms, 5030ms});
            story.remove(first, 1, {5040ms, 5041ms});
            check_only(story.end(), Violation::overlap);
        }
        SUBCASE("asked for while that lease lasts, answered when it is over") {
            story.receive(first, 1, 1, {9000ms, 10'001ms});
            story.remove(first, 1, {10'002ms, 10'003ms});
            check_only(story.end(), Violation::miscounted);
        }
    }
}
