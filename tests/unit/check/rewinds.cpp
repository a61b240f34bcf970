// What a rewind must bring back, and what it may not.

#include "tests/unit/check/story.h"

using namespace cmq::check;

TEST_SUITE("unit/check") {
    SCENARIO("an acknowledged rewind brings back what was sent since and deleted before") {
        Story story;
        story.send(first, 100ms);
        story.receive(first, 1, 1, {120ms, 121ms});
        story.remove(first, 1, {130ms, 140ms});
        const auto rewind = [&](Moment asked, Moment from) {
            story.checker.add(Rewound{{asked, asked + 10s}, from});
            story.checker.add(RewindAcknowledged{{asked, asked + 1ms}, from});
        };
        SUBCASE("it never came") {
            rewind(140ms, 100ms);
            check_only(story.end(), Violation::unreturned);
            CHECK(story.end(Checker::Queue::restless).good());
        }
        SUBCASE("it came, and was deleted again") {
            rewind(140ms, 100ms);
            story.receive(first, 2, 2, {150ms, 151ms});
            SUBCASE("for good") {
                story.remove(first, 2, {152ms, 153ms});
                CHECK(story.end().good());
                CHECK(story.end().explained.rewind == 1);
            }
            SUBCASE("and must come once more") {
                story.remove(first, 2, {152ms, 153ms});
                rewind(160ms, 90ms);
                check_only(story.end(), Violation::unreturned);
            }
            SUBCASE("not at all: it is gone") { check_only(story.end(), Violation::vanished); }
        }
        SUBCASE("another rewind to a later time takes nothing back") {
            rewind(140ms, 100ms);
            rewind(150ms, 145ms);
            check_only(story.end(), Violation::unreturned);
        }
        SUBCASE("it was sent before the time asked for") {
            rewind(140ms, 101ms);
            CHECK(story.end().good());
        }
        SUBCASE("its delete was under way, and may have come later") {
            rewind(139ms, 100ms);
            CHECK(story.end().good());
        }
        SUBCASE("another delete of it has no answer") {
            story.checker.add(DeleteUnknown{first, 1});
            rewind(140ms, 100ms);
            CHECK(story.end().good());
        }
        SUBCASE("the rewind has no answer") {
            story.checker.add(Rewound{{140ms, 10s}, 100ms});
            CHECK(story.end().good());
        }
    }

    SCENARIO("a delete that was told when it began is over with its answer") {
        Story story;
        story.send(first, 100ms);
        story.receive(first, 1, 1, {120ms, 121ms});
        story.checker.add(DeleteStarted{first, 1});
        story.remove(first, 1, {130ms, 140ms});
        story.checker.add(RewindAcknowledged{{150ms, 151ms}, 100ms});
        check_only(story.end(), Violation::unreturned);
    }

    SCENARIO("of a delayed message, or of two copies, nothing is asked") {
        Story story;
        SUBCASE("delayed") { story.send(first, 100ms, 1ms); }
        SUBCASE("tried twice") {
            story.start(first, 100ms);
            story.send(first, 100ms);
        }
        story.receive(first, 1, 1, {120ms, 121ms});
        story.remove(first, 1, {130ms, 140ms});
        story.checker.add(RewindAcknowledged{{150ms, 151ms}, 0ms});
        CHECK(story.end().good());
    }

    SCENARIO("a rewind does not bring back what was sent before the time asked for") {
        Story story;
        story.start(first, 100ms);
        const auto acknowledge = [&] { story.checker.add(SendAcknowledged{first, 110ms}); };
        const auto rewind_to = [&](Moment from) {
            story.receive(first, 1, 1, {120ms, 121ms});
            story.remove(first, 1, {130ms, 140ms});
            story.checker.add(Rewound{{150ms, 155ms}, from});
            story.receive(first, 2, 2, {160ms, 161ms});
            story.remove(first, 2, {170ms, 171ms});
        };
        SUBCASE("it came back") {
            acknowledge();
            rewind_to(111ms);
            check_only(story.end(), Violation::undeleted);
        }
        SUBCASE("it may have been sent as late as its answer came") {
            acknowledge();
            rewind_to(110ms);
            CHECK(story.end().good());
        }
        SUBCASE("another rewind went further") {
            acknowledge();
            story.checker.add(Rewound{{145ms, 146ms}, 100ms});
            rewind_to(111ms);
            CHECK(story.end().good());
        }
        SUBCASE("without an answer, as late as its delete began") {
            rewind_to(130ms);
            CHECK(story.end().good());
        }
        SUBCASE("but not later") {
            rewind_to(131ms);
            check_only(story.end(), Violation::undeleted);
        }
    }

    SCENARIO("the broker's clock may differ from the clients'") {
        Story story;
        Checker::Options options;
        options.clocks_apart = 10ms;
        story.checker = Checker(options);
        story.send(first, 100ms);
        story.receive(first, 1, 1, {120ms, 121ms});
        story.remove(first, 1, {130ms, 131ms});
        SUBCASE("it may count as sent earlier") {
            story.checker.add(RewindAcknowledged{{150ms, 151ms}, 91ms});
            CHECK(story.end().good());
        }
        SUBCASE("but not as much earlier") {
            story.checker.add(RewindAcknowledged{{150ms, 151ms}, 90ms});
            check_only(story.end(), Violation::unreturned);
        }
        const auto comes_back = [&] {
            story.receive(first, 2, 2, {160ms, 161ms});
            story.remove(first, 2, {170ms, 171ms});
        };
        SUBCASE("it may count as sent later") {
            story.checker.add(Rewound{{150ms, 151ms}, 111ms});
            comes_back();
            CHECK(story.end().good());
        }
        SUBCASE("but not as much later") {
            story.checker.add(Rewound{{150ms, 151ms}, 112ms});
            comes_back();
            check_only(story.end(), Violation::undeleted);
        }
    }
}
