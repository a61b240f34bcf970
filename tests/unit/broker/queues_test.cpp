#include <doctest/doctest.h>

#include "broker/limits.h"
#include "broker_in_memory.h"

namespace cmq::broker::test {

TEST_SUITE("unit/broker") {
    SCENARIO("a queue is created, found by its exact name, and deleted") {
        GIVEN("a queue") {
            Broker broker;
            const auto created = broker.create();
            REQUIRE(created);
            CHECK(std::get<QueueCreated>(*created).id == QueueId{1});
            THEN("it has the usual attributes") {
                const auto view = broker.view();
                CHECK(view.name == "q");
                CHECK(view.created == broker.now);
                CHECK(view.modified == broker.now);
                CHECK(view.attributes.max_messages == 100'000'000);
                CHECK(view.attributes.polling_wait == 0);
                CHECK(view.attributes.visibility_timeout == 30);
                CHECK(view.attributes.max_message_bytes == 65'536);
                CHECK(view.attributes.retention == 345'600);
                CHECK(view.attributes.rewind == 0);
                CHECK_FALSE(view.attributes.trace);
                CHECK(view.oldest == broker.now);
            }
            THEN("a name that differs in case is taken, but does not find it") {
                CHECK(refused(broker.apply(CreateQueue{"Q", {}})) == Reason::queue_exists);
                CHECK(refused(broker.apply(Receive{"Q", 1})) == Reason::queue_missing);
                CHECK_FALSE(broker.state->find(broker.space, "Q"));
            }
            THEN("another namespace does not see it, and may use the name") {
                broker.space = Namespace{2};
                CHECK(refused(broker.receive()) == Reason::queue_missing);
                CHECK(broker.create());
            }
            THEN("deleted it is gone at once, and its id is never used again") {
                const auto id = broker.id();
                broker.send();
                broker.state->take_woken();
                CHECK(broker.apply(DeleteQueue{"q"}));
                CHECK(refused(broker.send()) == Reason::queue_missing);
                CHECK(broker.state->ready(id, 1) == 0);
                CHECK_FALSE(broker.state->attributes(id));
                CHECK(broker.state->take_woken() == std::vector{id});
                CHECK(broker.state->counts().queues == 0);
                CHECK(std::get<QueueCreated>(*broker.create()).id == QueueId{2});
                CHECK(broker.take().empty());
            }
        }
    }

    TEST_CASE("a name is a letter, then letters, digits, '-' and '_', 64 at most") {
        Broker broker;
        const std::string longest(64, 'n');
        for (const auto* name : {"a", "Z9", "a-b_c"}) CHECK(broker.apply(CreateQueue{name, {}}));
        CHECK(broker.apply(CreateQueue{longest, {}}));
        const auto too_long = longest + "n";
        for (const std::string_view name : {"", "1a", "-a", "_a", "a b", "a.b", "\xc3\xa4"}) {
            CHECK(refused(broker.apply(CreateQueue{name, {}})) == Reason::queue_name_format);
        }
        const auto outcome = broker.apply(CreateQueue{too_long, {}});
        REQUIRE(refused(outcome) == Reason::queue_name_format);
        CHECK(outcome.error().field == "queueName");
        CHECK(refused(broker.apply(ClearQueue{"1a"})) == Reason::queue_name_format);
    }

    TEST_CASE("an attribute out of its range is refused by its wire name, and nothing changes") {
        struct Case {
            const char* field;
            std::optional<std::int64_t> AttributeChanges::*change;
            Range range;
        };
        for (const auto& one : {
                 Case{"maxMsgHeapNum", &AttributeChanges::max_messages, max_messages},
                 Case{"pollingWaitSeconds", &AttributeChanges::polling_wait, polling_wait},
                 Case{"visibilityTimeout", &AttributeChanges::visibility_timeout,
                      visibility_timeout},
                 Case{"maxMsgSize", &AttributeChanges::max_message_bytes, max_message_bytes},
                 Case{"msgRetentionSeconds", &AttributeChanges::retention, retention},
                 Case{"rewindSeconds", &AttributeChanges::rewind, rewind},
             }) {
            CAPTURE(one.field);
            Broker broker;
            broker.create(AttributeChanges{.retention = retention.most});
            const auto before = broker.view().attributes;
            for (const auto value : {one.range.least - 1, one.range.most + 1}) {
                AttributeChanges changes;
                changes.*one.change = value;
                changes.trace = true;
                const auto outcome = broker.set(changes);
                REQUIRE(refused(outcome) == Reason::out_of_range);
                CHECK(outcome.error().field == one.field);
                CHECK(refused(broker.apply(CreateQueue{"other", changes})) == Reason::out_of_range);
            }
            CHECK(broker.view().attributes == before);
            for (const auto value : {one.range.least, one.range.most}) {
                AttributeChanges changes;
                changes.*one.change = value;
                CHECK(broker.set(changes));
            }
        }
    }

    TEST_CASE("rewinding is bounded by retention, whichever of the two is set") {
        Broker broker;
        CHECK(refused(broker.create({.retention = 60, .rewind = 61})) ==
              Reason::rewind_beyond_retention);
        CHECK(broker.create({.retention = 100, .rewind = 100}));
        CHECK(refused(broker.set({.retention = 99})) == Reason::rewind_beyond_retention);
        broker.now += 5s;
        CHECK(broker.set({.retention = 99, .rewind = 99, .trace = true}));
        CHECK(broker.view().modified == broker.now);
        CHECK(broker.view().attributes.trace);
    }

    TEST_CASE("a namespace has ten thousand queues, and no more") {
        Broker broker;
        for (std::int64_t i = 0; i < queues_max; ++i) {
            REQUIRE(broker.apply(CreateQueue{"q" + std::to_string(i), {}}));
        }
        CHECK(refused(broker.apply(CreateQueue{"more", {}})) == Reason::too_many_queues);
        CHECK(broker.apply(DeleteQueue{"q7"}));
        CHECK(broker.apply(CreateQueue{"more", {}}));
        broker.space = Namespace{2};
        CHECK(broker.apply(CreateQueue{"q0", {}}));
    }

    TEST_CASE("queues are listed by creation, then name, by page, and found by part of a name") {
        Broker broker;
        for (const auto* name : {"beta", "alpha", "Gamma"}) broker.apply(CreateQueue{name, {}});
        broker.now += 1s;
        broker.apply(CreateQueue{"a-last", {}});
        const auto list = [&](const ListQueues& question) {
            const auto outcome = broker.state->ask(Query{broker.space, question}, broker.now);
            const auto& found = std::get<QueueList>(*outcome);
            std::string names = std::to_string(found.total) + ":";
            for (const auto& [id, name] : found.queues) names += " " + name;
            return names;
        };
        CHECK(list({}) == "4: Gamma alpha beta a-last");
        CHECK(list({"", 1, 2}) == "4: alpha beta");
        CHECK(list({"", 9, 2}) == "4:");
        CHECK(list({"AM", 0, 20}) == "1: Gamma");
        CHECK(list({"nothing", 0, 20}) == "0:");
        for (int i = 0; i < 60; ++i) broker.apply(CreateQueue{"x" + std::to_string(i), {}});
        const auto all =
            broker.state->ask(Query{broker.space, ListQueues{"", 0, 1000}}, broker.now);
        CHECK(std::get<QueueList>(*all).queues.size() == 50);
        const auto none = broker.state->ask(Query{broker.space, ListQueues{"", 0, 0}}, broker.now);
        CHECK(refused(none) == Reason::out_of_range);
    }

    TEST_CASE("a cleared queue is empty at once, whatever its messages were doing") {
        Broker broker;
        broker.create({.rewind = 100});
        broker.send_many(16);
        broker.send_many(5, 60);
        const auto taken = broker.take(4);
        broker.remove({taken[0].handle.value});
        broker.change(taken[1].handle.value, 0);
        CHECK(broker.view().active == 13);
        CHECK(broker.view().inactive == 2);
        CHECK(broker.view().delayed == 5);
        CHECK(broker.view().rewindable == 1);
        CHECK(broker.apply(ClearQueue{"q"}));
        const auto view = broker.view();
        CHECK(view.active + view.inactive + view.delayed + view.rewindable == 0);
        CHECK(refused(broker.receive()) == Reason::no_message);
        CHECK(std::get<Deleted>(*broker.remove({taken[2].handle.value})).failed.size() == 1);
        CHECK(broker.rewind(broker.now));
        CHECK(broker.take().empty());
        // Those sent in the same moment afterwards are not concerned.
        broker.send();
        CHECK(broker.take().size() == 1);
        broker.now += 61s;
        CHECK(broker.take().size() == 1);
        broker.settle();
        CHECK(broker.state->counts().held_in_memory == 1);
    }

    TEST_CASE("a log begins with a secret of 32 bytes, and keeps its first one") {
        Broker broker;
        broker.create();
        broker.send();
        const auto taken = broker.take();
        CHECK(refused(broker.apply(Found{"short"})) == Reason::out_of_range);
        CHECK(broker.apply(Found{std::string(32, 'x')}));
        CHECK(std::get<Deleted>(*broker.remove({taken[0].handle.value})).failed.empty());
    }
}

}  // namespace cmq::broker::test
