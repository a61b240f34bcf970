// What may be gone after a purge, and what may not.

#include "tests/unit/check/story.h"

using namespace cmq::check;

TEST_SUITE("unit/check") {
    SCENARIO("a purge excuses only what was sent before it was over") {
        Story story;
        story.checker.add(Purged{{10ms, 20ms}});
        SUBCASE("sent while it was under way") {
            story.send(first, 20ms);
            CHECK(story.end().good());
            CHECK(story.end().sent_after_purges == 0);
        }
        SUBCASE("sent afterwards, and never received") {
            story.send(first, 21ms);
            check_only(story.end(), Violation::lost);
            CHECK(story.end().sent_after_purges == 1);
            CHECK(story.end(Checker::Queue::unfinished).good());
        }
        SUBCASE("sent afterwards, received, and not seen again") {
            story.send(first, 21ms);
            story.receive(first, 1, 1, {30ms, 31ms});
            check_only(story.end(), Violation::vanished);
        }
        SUBCASE("sent afterwards, and purged by another one") {
            story.send(first, 21ms);
            story.receive(first, 1, 1, {30ms, 31ms});
            story.checker.add(Purged{{20ms, 40ms}});
            CHECK(story.end().good());
            CHECK(story.end().sent_after_purges == 0);
        }
        SUBCASE("told of late, and shorter than one before") {
            story.checker.add(Purged{{5ms, 6ms}});
            story.send(first, 20ms);
            CHECK(story.end().good());
        }
        SUBCASE("a delayed message may have been sent before it") {
            story.send(first, 5ms, 1000ms);
            CHECK(story.end().good());
        }
    }
}
