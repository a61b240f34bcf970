// What the checker says to what clients saw: a scenario for each violation.

#include "tests/unit/check/story.h"

using namespace cmq::check;

TEST_SUITE("unit/check") {
    SCENARIO("a queue that does what it should is good") {
        Story story;
        for (std::uint64_t number = 0; number < 10'000; ++number) {
            const Name name{static_cast<std::uint32_t>(number % 4), number / 4};
            const auto at = Moment{number * 100};
            story.send(name, at);
            story.receive(name, number, 1, {at + 2ms, at + 3ms});
            story.remove(name, number, {at + 3ms, at + 4ms});
        }
        const auto verdict = story.end();
        CHECK(verdict.good());
        CHECK(verdict.sent == 10'000);
        CHECK(verdict.acknowledged == 10'000);
        CHECK(verdict.received == 10'000);
        CHECK(verdict.deleted == 10'000);
        CHECK(verdict.duplicates == 0);
        CHECK(verdict.out_of_order_by_producer == std::vector<std::uint64_t>(4, 0));
    }

    SCENARIO("an acknowledged message that never comes is lost, once the queue is drained") {
        Story story;
        story.send(first, 10ms);
        check_only(story.end(), Violation::lost);
        CHECK(story.end(Checker::Queue::unfinished).good());
        check_only(story.end(Checker::Queue::restless), Violation::lost);
        CHECK(story.end().examples[0] ==
              "lost: producer 0, message 0: acknowledged at 11 ms, never received");
    }

    SCENARIO("a message older than the retention has expired") {
        Checker checker({5, 60s});
        checker.add(SendStarted{first, 1, 10s, 0ms});
        checker.add(SendAcknowledged{first, 10s});
        CHECK(checker.verdict(Checker::Queue::drained, 70s).expired == 1);
        CHECK(checker.verdict(Checker::Queue::drained, 70s).good());
        check_only(checker.verdict(Checker::Queue::drained, 70s - 1ms), Violation::lost);
    }

    SCENARIO("a message that was leased and never deleted must come back") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 1, {20ms, 21ms});
        check_only(story.end(), Violation::vanished);
        SUBCASE("it does, and is deleted") {
            story.receive(first, 2, 2, {20ms, 5020ms});
            story.remove(first, 2, {5021ms, 5022ms});
            CHECK(story.end().good());
            CHECK(story.end().explained.lapsed_lease == 1);
        }
        SUBCASE("its delete may have worked") {
            story.checker.add(DeleteUnknown{first, 1});
            CHECK(story.end().good());
        }
    }

    SCENARIO("an unknown send may appear or not, and is counted when it does") {
        Story story;
        story.start(first, 10ms);
        story.checker.add(SendUnknown{first});
        CHECK(story.end().good());
        CHECK(story.end().unknown == 1);
        CHECK(story.end().unknown_appeared == 0);
        story.receive(first, 1, 1, {20ms, 21ms});
        story.remove(first, 1, {22ms, 23ms});
        CHECK(story.end().good());
        CHECK(story.end().unknown_appeared == 1);
    }

    SCENARIO("what nobody sent is invented") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 1, {20ms, 21ms});
        story.remove(first, 1, {22ms, 23ms});
        SUBCASE("a number too high") {
            story.checker.add(Received{second, 0, 2, 1, 9, {30ms, 31ms}, 5s});
        }
        SUBCASE("a producer that does not exist") {
            story.checker.add(Received{{7, 0}, 0, 2, 1, 9, {30ms, 31ms}, 5s});
        }
        SUBCASE("a body of somebody else") { story.checker.add(ReceivedForeign{99, 30ms}); }
        SUBCASE("a refused send") {
            story.start(second, 25ms);
            story.checker.add(SendRefused{second});
            story.checker.add(Received{second, hash_of(second), 2, 1, 9, {30ms, 31ms}, 5s});
        }
        check_only(story.end(), Violation::invented);
    }

    SCENARIO("a refused message that does not appear is fine") {
        Story story;
        story.start(first, 10ms);
        story.checker.add(SendRefused{first});
        CHECK(story.end().good());
        CHECK(story.end().refused == 1);
    }

    SCENARIO("a body that changed is damaged") {
        Story story;
        story.send(first, 10ms);
        story.checker.add(Received{first, hash_of(first) + 1, 1, 1, 1, {20ms, 21ms}, 5s});
        story.remove(first, 1, {22ms, 23ms});
        check_only(story.end(), Violation::damaged);
    }

    SCENARIO("a duplicate must be explained") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 1, {20ms, 30ms});
        SUBCASE("by a lease that may have lapsed") {
            story.receive(first, 2, 2, {4000ms, 5020ms});
            story.remove(first, 2, {5021ms, 5022ms});
            CHECK(story.end().good());
            CHECK(story.end().explained.lapsed_lease == 1);
        }
        SUBCASE("not by one that had a millisecond left") {
            story.receive(first, 2, 2, {4000ms, 5019ms});
            story.remove(first, 2, {5021ms, 5022ms});
            check_only(story.end(), Violation::overlap);
            CHECK(story.end().duplicates_unexplained() == 1);
        }
        SUBCASE("by a delete whose answer was lost") {
            story.checker.add(DeleteUnknown{first, 1});
            story.receive(first, 2, 2, {5000ms, 5020ms});
            story.remove(first, 2, {5021ms, 5022ms});
            CHECK(story.end().good());
            CHECK(story.end().explained.lost_answer == 1);
        }
        SUBCASE("by a release") {
            story.checker.add(Released{first, 1, 40ms});
            story.receive(first, 2, 2, {39ms, 41ms});
            story.remove(first, 2, {42ms, 43ms});
            CHECK(story.end().good());
        }
        SUBCASE("by a second try of its send") {
            story.start(first, 31ms);
            story.receive(first, 2, 1, {32ms, 33ms});
            story.remove(first, 2, {42ms, 43ms});
            CHECK(story.end().good());
            CHECK(story.end().explained.lost_answer == 1);
        }
    }

    SCENARIO("a delete is final, outside a rewind") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 1, {20ms, 21ms});
        story.remove(first, 1, {30ms, 31ms});
        SUBCASE("it came back") {
            story.receive(first, 2, 2, {6000ms, 6001ms});
            story.remove(first, 2, {6002ms, 6003ms});
            check_only(story.end(), Violation::undeleted);
        }
        SUBCASE("it was rewound") {
            story.checker.add(Rewound{{40ms, 50ms}});
            story.receive(first, 2, 2, {45ms, 46ms});
            story.remove(first, 2, {60ms, 61ms});
            CHECK(story.end().good());
            CHECK(story.end().explained.rewind == 1);
            SUBCASE("and came back once more without one") {
                story.receive(first, 3, 3, {70ms, 71ms});
                story.remove(first, 3, {72ms, 73ms});
                check_only(story.end(), Violation::undeleted);
            }
        }
        SUBCASE("a rewind before the delete explains nothing") {
            story.checker.add(Rewound{{25ms, 29ms}});
            story.receive(first, 2, 2, {45ms, 46ms});
            story.remove(first, 2, {60ms, 61ms});
            check_only(story.end(), Violation::undeleted);
        }
    }

    SCENARIO("an old handle never deletes under a newer lease") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 1, {20ms, 21ms});
        story.receive(first, 2, 2, {5030ms, 5031ms});
        SUBCASE("refused: right") {
            story.checker.add(DeleteRefused{first, 1});
            story.remove(first, 2, {5034ms, 5035ms});
            CHECK(story.end().good());
            CHECK(story.end().deletes_refused == 1);
        }
        SUBCASE("acknowledged: wrong") {
            story.remove(first, 1, {5032ms, 5033ms});
            check_only(story.end(), Violation::stale_delete);
        }
    }

    SCENARIO("the broker's count of receives rises with each lease") {
        Story story;
        story.send(first, 10ms);
        story.receive(first, 1, 3, {20ms, 21ms});
        story.receive(first, 2, 3, {6000ms, 6001ms});
        story.remove(first, 2, {6002ms, 6003ms});
        check_only(story.end(), Violation::miscounted);
    }

    SCENARIO("a delay is never cut short") {
        Story story;
        story.send(first, 10ms, 2000ms);
        SUBCASE("a millisecond early") {
            story.receive(first, 1, 1, {20ms, 2009ms});
            story.remove(first, 1, {2020ms, 2021ms});
            check_only(story.end(), Violation::early);
        }
        SUBCASE("when it is due") {
            story.receive(first, 1, 1, {20ms, 2010ms});
            story.remove(first, 1, {2020ms, 2021ms});
            CHECK(story.end().good());
        }
    }

    SCENARIO("a waiting poll gets what is ready") {
        Story story;
        story.send(first, 10ms, 2000ms);  // ready at 2010 ms, by any clock at 2011 ms
        const auto take = [&](Moment asked) {
            story.receive(first, 1, 1, {asked, asked + 1ms});
            story.remove(first, 1, {asked + 2ms, asked + 3ms});
        };
        SUBCASE("it ended before the message was ready") {
            story.checker.add(ReceivedNothing{{10ms, 2009ms}, 2s});
            take(3000ms);
            CHECK(story.end().good());
        }
        SUBCASE("it ended long after, empty") {
            story.checker.add(ReceivedNothing{{500ms, 2501ms}, 2s});
            take(3000ms);
            check_only(story.end(), Violation::overlooked);
        }
        SUBCASE("the message may have been leased for somebody whose answer was lost") {
            story.checker.add(ReceivedNothing{{500ms, 2501ms}, 2s});
            story.checker.add(ReceiveUnknown{{100ms, 2600ms}});
            take(3000ms);
            CHECK(story.end().good());
        }
        SUBCASE("the other consumer's receive may have come first") {
            story.checker.add(ReceivedNothing{{500ms, 2501ms}, 2s});
            take(2400ms);
            CHECK(story.end().good());
        }
        SUBCASE("a poll that was ended before its time may have ended at any moment") {
            story.checker.add(ReceivedNothing{{500ms, 2400ms}, 2s});
            take(3000ms);
            CHECK(story.end().good());
        }
    }

    SCENARIO("messages of one producer come in order") {
        Story story;
        story.send(first, 10ms);
        story.send(second, 12ms);
        const auto take = [&](Name name, std::uint64_t handle, unsigned receives, Span span) {
            story.receive(name, handle, receives, span);
            story.remove(name, handle, {span.answered, span.answered + 1ms});
        };
        SUBCASE("the later one was there before the earlier one was asked for") {
            take(second, 2, 1, {20ms, 21ms});
            take(first, 1, 1, {30ms, 31ms});
            check_only(story.end(), Violation::out_of_order);
            CHECK(story.end().out_of_order_by_producer == std::vector<std::uint64_t>{1});
        }
        SUBCASE("two consumers at once see no order") {
            take(second, 2, 1, {20ms, 22ms});
            take(first, 1, 1, {19ms, 23ms});
            CHECK(story.end().good());
        }
        SUBCASE("one answer holds both, the wrong way round") {
            for (const auto name : {second, first})
                story.checker.add(
                    Received{name, hash_of(name), name.sequence, 1, 77, {20ms, 21ms}, 5s});
            for (const auto name : {second, first}) story.remove(name, name.sequence, {30ms, 31ms});
            check_only(story.end(), Violation::out_of_order);
        }
        SUBCASE("the earlier one had been leased for a consumer that never got it") {
            take(second, 2, 1, {20ms, 21ms});
            take(first, 1, 2, {30ms, 31ms});
            CHECK(story.end().good());
        }
        SUBCASE("other producers are not in its way") {
            story.send({1, 0}, 13ms);
            take(second, 2, 1, {20ms, 21ms});
            take({1, 0}, 3, 1, {22ms, 23ms});
            CHECK(story.end().count(Violation::out_of_order) == 0);
        }
    }

    SCENARIO("where sends may overtake each other, late ones are counted, and nobody is accused") {
        Story story;
        story.checker = Checker({5, {}, Checker::Options::Sends::may_overtake});
        const auto take = [&](Name name, std::uint64_t handle, Span span) {
            story.receive(name, handle, 1, span);
            story.remove(name, handle, {span.answered, span.answered + 1ms});
        };
        story.send(first, 10ms);  // acknowledged 1 ms later
        SUBCASE("the later one was begun before the earlier one was acknowledged") {
            story.send(second, 11ms);
            take(second, 2, {20ms, 21ms});
            take(first, 1, {30ms, 31ms});
            CHECK(story.end().out_of_order_by_producer == std::vector<std::uint64_t>{0});
        }
        SUBCASE("it was begun afterwards") {
            story.send(second, 12ms);
            take(second, 2, {20ms, 21ms});
            take(first, 1, {30ms, 31ms});
            CHECK(story.end().out_of_order_by_producer == std::vector<std::uint64_t>{1});
        }
        CHECK(story.end().good());
    }

    SCENARIO("each violation has its examples, and no more than asked for") {
        Story story;
        for (std::uint64_t number = 0; number < 100; ++number) story.send({0, number}, 10ms);
        const auto verdict = story.end();
        CHECK(verdict.count(Violation::lost) == 100);
        CHECK(verdict.examples.size() == 5);
    }

    SCENARIO("two million messages are judged as they come") {
        constexpr std::uint64_t messages = 2'000'000;
        Story story;
        for (std::uint64_t number = 0; number < messages; ++number) {
            const Name name{static_cast<std::uint32_t>(number % 8), number / 8};
            const auto at = Moment{number * 5};
            story.send(name, at);
            if (number == messages / 2) continue;  // the one that is lost
            story.receive(name, number, 1, {at + 2ms, at + 3ms});
            story.remove(name, number, {at + 3ms, at + 4ms});
        }
        check_only(story.end(), Violation::lost);
        CHECK(story.end().examples[0].find("producer 0, message 125000") != std::string::npos);
    }
}
