#include <doctest/doctest.h>

#include "broker/limits.h"
#include "broker_in_memory.h"

namespace cmq::broker::test {
namespace {

std::vector<std::uint64_t> failed(const Outcome& outcome) {
    return std::get<Deleted>(*outcome).failed;
}

}  // namespace

TEST_SUITE("unit/broker") {
    SCENARIO("messages come out in the order in which they went in") {
        Broker broker;
        broker.create();
        GIVEN("a batch of 16, and one more") {
            const auto sent = std::get<Sent>(*broker.send_many(16));
            broker.now += 1s;
            broker.send();
            CHECK(sent.first == MessageId{(7ULL << 53) | 1});
            CHECK(sent.count == 16);
            THEN("a receive gives what it knows of them") {
                broker.now += 1s;
                const auto taken = broker.take(16);
                REQUIRE(taken.size() == 16);
                for (std::uint32_t i = 0; i < 16; ++i) {
                    CHECK(taken[i].id.value == sent.first.value + i);
                    CHECK(taken[i].body == BodyAt{LogIndex{broker.index - 2}, i});
                    CHECK(taken[i].enqueued == broker.now - 2s);
                    CHECK(taken[i].first_received == broker.now);
                    CHECK(taken[i].next_visible == broker.now + 30s);
                    CHECK(taken[i].receives == 1);
                }
                CHECK(ids(broker.take(16)) == std::vector<std::uint64_t>{17});
                CHECK(refused(broker.receive()) == Reason::no_message);
            }
        }
    }

    TEST_CASE("bodies of an entry are counted through, refused sends included") {
        Broker broker;
        broker.create();
        std::uint32_t slot = 0;
        const LogIndex entry{50};
        const auto apply = [&](const Action& action) {
            return broker.state->apply(Command{broker.space, action}, broker.now, entry, slot);
        };
        CHECK(apply(Send{"q", 0, {}, {"a", "b"}}));
        CHECK(slot == 2);
        CHECK(refused(apply(Send{"missing", 0, {}, {"c"}})) == Reason::queue_missing);
        CHECK(refused(apply(Send{"q", 0, {}, {"d", ""}})) == Reason::body_empty);
        CHECK(slot == 5);
        CHECK(apply(Send{"q", 0, {}, {"e"}}));
        CHECK(apply(Tick{}));
        CHECK(slot == 6);
        const auto taken = broker.take();
        REQUIRE(taken.size() == 3);
        CHECK(taken[0].body == BodyAt{entry, 0});
        CHECK(taken[1].body == BodyAt{entry, 1});
        CHECK(taken[2].body == BodyAt{entry, 5});
        CHECK(taken[2].id.value == taken[1].id.value + 1);
    }

    TEST_CASE("a send out of its limits names the parameter, and stores nothing") {
        Broker broker;
        broker.create({.max_message_bytes = 1024});
        const std::string largest(1024, 'b');
        const auto too_large = largest + "b";
        const auto field = [](const Outcome& outcome) { return outcome.error().field; };
        CHECK(refused(broker.send("")) == Reason::body_empty);
        CHECK(field(broker.send("")) == "msgBody");
        CHECK(refused(broker.send(too_large)) == Reason::body_too_large);
        CHECK(refused(broker.send("b", -1)) == Reason::delay_out_of_range);
        CHECK(refused(broker.send("b", 3601)) == Reason::delay_out_of_range);
        CHECK(field(broker.send("b", 3601)) == "delaySeconds");
        CHECK(refused(broker.send("b", 0, std::string(129, 'd'))) == Reason::out_of_range);
        CHECK(refused(broker.send_many(0)) == Reason::batch_size);
        CHECK(refused(broker.send_many(17)) == Reason::batch_size);
        CHECK(broker.view().active == 0);
        CHECK(broker.send(largest));
        CHECK(broker.send("b", 3600));
        CHECK(broker.send("b", 0, std::string(128, 'd')));
        CHECK(broker.send_many(16));
    }

    TEST_CASE("the bodies of a batch are 1 MiB at most together") {
        Broker broker;
        broker.create({.max_message_bytes = 1'048'576});
        const std::string half(524'288, 'b');
        CHECK(broker.apply(Send{"q", 0, {}, {half, half}}));
        CHECK(refused(broker.apply(Send{"q", 0, {}, {half, half, "b"}})) ==
              Reason::batch_too_large);
    }

    TEST_CASE("a full queue refuses a batch as a whole") {
        Broker broker;
        broker.create({.max_messages = 1'000'000});
        for (int i = 0; i < 62'500; ++i) broker.send_many(16);
        CHECK(refused(broker.send()) == Reason::queue_full);
        const auto taken = broker.take(3);
        CHECK(refused(broker.send()) == Reason::queue_full);  // in flight counts
        broker.remove({taken[0].handle.value, taken[1].handle.value});
        CHECK(refused(broker.send_many(3)) == Reason::queue_full);
        CHECK(broker.send_many(2));
        CHECK(refused(broker.send("b", 5)) == Reason::queue_full);
    }

    SCENARIO("a message that is not deleted in time comes back at its place") {
        Broker broker;
        broker.create({.visibility_timeout = 10});
        broker.send_many(3);
        const auto first = broker.take(1);
        WHEN("its lease has 1 ms left") {
            broker.now += 9'999ms;
            THEN("nobody else gets it, and it can be deleted") {
                CHECK(ids(broker.take(16)) == std::vector<std::uint64_t>{2, 3});
                CHECK(failed(broker.remove({first[0].handle.value})).empty());
            }
        }
        WHEN("the lease has ended") {
            broker.now += 10s;
            THEN("its handle is dead, and it comes before younger ones, with a new one") {
                CHECK(broker.state->next_due() == broker.now);
                CHECK(failed(broker.remove({first[0].handle.value})).size() == 1);
                const auto again = broker.take(16);
                CHECK(ids(again) == std::vector<std::uint64_t>{1, 2, 3});
                CHECK(again[0].receives == 2);
                CHECK(again[0].first_received == first[0].first_received);
                CHECK(again[0].handle != first[0].handle);
                CHECK(failed(broker.remove({first[0].handle.value})).size() == 1);
                CHECK(failed(broker.remove({again[0].handle.value})).empty());
                CHECK(failed(broker.remove({again[0].handle.value})).size() == 1);
            }
        }
    }

    TEST_CASE("only the handles that name a lease delete; a second one in a call does not") {
        Broker broker;
        broker.create();
        broker.apply(CreateQueue{"other", {}});
        broker.send_many(2);
        broker.apply(Send{"other", 0, {}, {"body"}});
        const auto taken = broker.take();
        const auto foreign = std::get<Received>(*broker.apply(Receive{"other", 1}));
        const auto good = taken[0].handle.value;
        const auto alien = foreign.deliveries[0].handle.value;
        CHECK(failed(broker.remove({good, 0, alien, good, ~0ULL, 17})) ==
              std::vector<std::uint64_t>{0, alien, good, ~0ULL, 17});
        CHECK(broker.view().inactive == 1);
        CHECK(refused(broker.remove({})) == Reason::batch_size);
        CHECK(refused(broker.remove(std::vector<std::uint64_t>(17, 1))) == Reason::batch_size);
        CHECK(refused(broker.receive(0)) == Reason::out_of_range);
        CHECK(refused(broker.receive(17)) == Reason::out_of_range);
        CHECK(broker.receive(17).error().field == "numOfMsg");
    }

    SCENARIO("a delayed message is not seen before it is due") {
        Broker broker;
        broker.create();
        broker.send("body", 10);
        broker.send();
        CHECK(broker.view().delayed == 1);
        CHECK(broker.view().active == 1);
        broker.now += 9'999ms;
        CHECK(ids(broker.take()) == std::vector<std::uint64_t>{2});
        broker.state->take_woken();
        broker.now += 1ms;
        CHECK(broker.state->next_due() == broker.now);
        broker.apply(Tick{});
        CHECK(broker.state->take_woken() == std::vector{broker.id()});
        broker.send();  // younger than the delayed one became eligible: after it
        const auto taken = broker.take();
        CHECK(ids(taken) == std::vector<std::uint64_t>{1, 3});
        CHECK(taken[0].enqueued == broker.now - 10s);
    }

    SCENARIO("a consumer hides a message for longer, or gives it back") {
        Broker broker;
        broker.create();
        broker.send_many(2);
        const auto taken = broker.take(1);
        const auto handle = taken[0].handle.value;
        THEN("for 12 hours at most") {
            CHECK(refused(broker.change(handle, -1)) == Reason::out_of_range);
            CHECK(refused(broker.change(handle, 43'201)) == Reason::out_of_range);
            CHECK(broker.change(handle, 43'201).error().field == "visibilityTimeout");
            CHECK(broker.change(handle, 43'200));
            broker.now += 43'199s;
            CHECK(failed(broker.remove({handle})).empty());
        }
        THEN("given back it is ready at once, at its place, and the handle is dead") {
            broker.state->take_woken();
            const auto outcome = broker.change(handle, 0);
            CHECK(std::get<VisibilityChanged>(*outcome).next_visible == broker.now);
            CHECK(broker.state->take_woken() == std::vector{broker.id()});
            CHECK(refused(broker.change(handle, 5)) == Reason::handle_invalid);
            CHECK(ids(broker.take()) == std::vector<std::uint64_t>{1, 2});
        }
        THEN("a receive whose answer was lost is taken back, and does not count") {
            broker.now += 1s;
            CHECK(broker.apply(Unreceive{"q", {handle, 99}}));
            CHECK(failed(broker.remove({handle})).size() == 1);
            broker.now += 1s;
            const auto again = broker.take(1);
            CHECK(again[0].id == taken[0].id);
            CHECK(again[0].receives == 1);
            CHECK(again[0].first_received == broker.now);
        }
    }

    TEST_CASE("no more messages are held than the queue may hold") {
        Broker broker(Options{.held_per_queue_max = 4});
        broker.create();
        broker.send_many(16);
        broker.send_many(2, 60);
        CHECK(refused(broker.send_many(3, 60)) == Reason::too_many_held);
        CHECK(broker.take(16).size() == 2);
        CHECK(refused(broker.receive()) == Reason::too_many_held);
        CHECK(refused(broker.send("body", 1)) == Reason::too_many_held);
        CHECK(broker.send());
        broker.now += 30s;  // two leases end: what is held already may go out again
        CHECK(ids(broker.take(16)) == std::vector<std::uint64_t>{1, 2});
        broker.apply(ClearQueue{"q"});
        CHECK(broker.send_many(4, 60));
    }

    TEST_CASE("a repeated dedupId within five minutes gets the first answer and stores nothing") {
        Broker broker;
        broker.create();
        CHECK(refused(broker.send("", 0, "d")) == Reason::body_empty);  // is not remembered
        const auto first = std::get<Sent>(*broker.send("body", 0, "d"));
        CHECK_FALSE(first.duplicate);
        broker.now += 299'999ms;
        const auto again = std::get<Sent>(*broker.send("other", 0, "d"));
        CHECK(again.duplicate);
        CHECK(again.first == first.first);
        CHECK(again.count == 1);
        CHECK(broker.view().active == 1);
        broker.flush();
        REQUIRE(broker.reload());
        CHECK(std::get<Sent>(*broker.send("other", 0, "d")).duplicate);
        broker.now += 1ms;
        CHECK_FALSE(std::get<Sent>(*broker.send("body", 0, "d")).duplicate);
        CHECK(broker.view().active == 2);
        broker.flush();
        CHECK(broker.rows.count(Table::dedup) == 1);
    }

    TEST_CASE("a peek shows every message by phase, page by page, and changes nothing") {
        Broker broker;
        broker.create({.rewind = 100});
        broker.send_many(5);
        broker.send("body", 50);
        const auto taken = broker.take(3);
        broker.remove({taken[0].handle.value});
        broker.change(taken[1].handle.value, 0);
        const auto before = broker.state->hash();
        const auto ask = [&](const Peek& question) {
            return std::get<Peeked>(*broker.state->ask(Query{broker.space, question}, broker.now));
        };
        const auto all = ask(Peek{"q", {}, 0, 100});
        REQUIRE(all.items.size() == 6);
        CHECK_FALSE(all.next);
        const std::vector<Phase> phases{Phase::deleted, Phase::ready, Phase::in_flight,
                                        Phase::ready,   Phase::ready, Phase::delayed};
        for (std::size_t i = 0; i < 6; ++i) CHECK(all.items[i].phase == phases[i]);
        CHECK(all.items[0].until == broker.now + 100s);
        CHECK(all.items[2].until == broker.now + 30s);
        CHECK(all.items[5].until == broker.now + 50s);
        CHECK(all.items[1].receives == 1);
        const auto ready = ask(Peek{"q", Phase::ready, 0, 2});
        CHECK(ready.items[1].sequence == Sequence{3});
        CHECK(ready.next == 4);
        CHECK(ask(Peek{"q", Phase::ready, 4, 2}).items.size() == 1);
        CHECK(broker.state->hash() == before);
        for (const std::uint32_t count : {0U, 101U}) {
            const auto outcome =
                broker.state->ask(Query{broker.space, Peek{"q", {}, 0, count}}, broker.now);
            CHECK(refused(outcome) == Reason::out_of_range);
        }
    }
}

}  // namespace cmq::broker::test
