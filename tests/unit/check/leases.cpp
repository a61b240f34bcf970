// When a lease ends, and which of two counts.

#include "tests/unit/check/story.h"

using namespace cmq::check;

TEST_SUITE("unit/check") {
    SCENARIO("an acknowledged extension holds the message") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 1, {20ms, 30ms});
        const auto again = [&](Moment answered) {
            story.receive(first, 2, 2, {answered - 1ms, answered});
            story.remove(first, 2, {answered + 1ms, answered + 2ms});
        };
        SUBCASE("until it ends") {
            story.checker.add(Extended{first, 1, {4000ms, 4010ms}, 5s});
            again(9000ms);
            CHECK(story.end().good());
        }
        SUBCASE("not until the first lease would have ended") {
            story.checker.add(Extended{first, 1, {4000ms, 4010ms}, 5s});
            again(8999ms);
            check_only(story.end(), Violation::overlap);
        }
        SUBCASE("unless it is of an older handle") {
            story.checker.add(Extended{first, 7, {4000ms, 4010ms}, 5s});
            again(5020ms);
            CHECK(story.end().good());
        }
        SUBCASE("unless it was released, maybe after that") {
            story.checker.add(Released{first, 1, 4005ms});
            story.checker.add(Extended{first, 1, {4000ms, 4010ms}, 5s});
            again(4020ms);
            CHECK(story.end().good());
        }
        SUBCASE("and is over with its delete") {
            story.remove(first, 1, {4005ms, 4006ms});
            story.checker.add(Extended{first, 1, {4000ms, 4010ms}, 5s});
            story.checker.add(Rewound{{4020ms, 4030ms}});
            again(4040ms);
            CHECK(story.end().good());
            CHECK(story.end().explained.rewind == 1);
        }
    }

    SCENARIO("a delete that was begun excuses nothing once it is refused") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 1, {20ms, 30ms});
        story.checker.add(DeleteStarted{first, 1});
        CHECK(story.end().good());
        SUBCASE("it is refused, and the message is gone") {
            story.checker.add(DeleteRefused{first, 1});
            check_only(story.end(), Violation::vanished);
        }
        SUBCASE("another one may have worked") {
            story.checker.add(DeleteUnknown{first, 1});
            story.checker.add(DeleteRefused{first, 1});
            CHECK(story.end().good());
        }
        SUBCASE("a refused one of an older handle tells nothing") {
            story.checker.add(DeleteRefused{first, 7});
            CHECK(story.end().good());
        }
        SUBCASE("a rewind may bring it back before the answer comes") {
            story.checker.add(Rewound{{40ms, 50ms}});
            story.receive(first, 2, 2, {45ms, 46ms});
            story.checker.add(DeleteAcknowledged{first, 2, {50ms, 51ms}});
            CHECK(story.end().good());
            CHECK(story.end().explained.rewind == 1);
        }
    }

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
