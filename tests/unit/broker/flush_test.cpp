#include <doctest/doctest.h>

#include "broker_in_memory.h"

namespace cmq::broker::test {

TEST_SUITE("unit/broker") {
    TEST_CASE("a message that lives between two flushes leaves no row of its own") {
        Broker broker;
        broker.create();
        broker.flush();
        broker.send_many(16);
        broker.consume(16);
        broker.flush();
        CHECK(broker.rows.count(Table::held) == 0);
        CHECK(broker.rows.count(Table::stripe) == 0);
        broker.send_many(48);
        for (int i = 0; i < 3; ++i) broker.send_many(16);
        broker.consume(48);
        broker.flush();
        CHECK(broker.rows.count(Table::block) == 0);
    }

    TEST_CASE("a row is deleted when what it told is over, and comes back when it is told again") {
        Broker broker;
        broker.create({.rewind = 100});
        broker.send();
        const auto taken = broker.take();
        broker.flush();
        CHECK(broker.rows.count(Table::held) == 1);
        broker.remove({taken[0].handle.value});
        broker.flush();
        CHECK(broker.rows.count(Table::held) == 0);
        broker.rewind(broker.now);
        const auto again = broker.take();  // the same sequence is held anew
        broker.flush();
        CHECK(broker.rows.count(Table::held) == 1);
        broker.remove({again[0].handle.value});
        broker.rewind(broker.now);
        broker.take();  // gone and back between two cuts
        broker.flush();
        CHECK(broker.rows.count(Table::held) == 1);
        REQUIRE(broker.reload());
        CHECK(broker.view().inactive == 1);
    }

    TEST_CASE("a flush that runs while commands are applied is the state at its cut") {
        Broker broker;
        broker.create({.rewind = 100});
        broker.apply(CreateQueue{"ends", {}});
        for (int i = 0; i < 20; ++i) broker.send_many(16);
        const auto taken = broker.take();
        const auto at_cut = broker.state->hash();
        broker.state->begin_flush();
        std::vector<Row> rows;
        broker.state->take_rows(3, rows);
        broker.remove({taken[0].handle.value, taken[1].handle.value});
        broker.send_many(16);
        broker.apply(DeleteQueue{"ends"});
        broker.settle();
        broker.consume(100);
        while (broker.state->take_rows(3, rows)) broker.consume(1);
        broker.rows.write(rows);
        broker.state->end_flush();
        const auto now = broker.state->hash();
        CHECK(now != at_cut);
        const auto running = std::move(broker.state);
        REQUIRE(broker.reload());
        CHECK(broker.state->hash() == at_cut);
        broker.state.reset();
        CHECK(running->dirty() > 0);
    }

    TEST_CASE("nothing is dirty after a flush until something changes") {
        Broker broker;
        broker.create();
        CHECK(broker.state->dirty() > 0);
        broker.flush();
        CHECK(broker.state->dirty() == 0);
        CHECK(refused(broker.receive()) == Reason::no_message);
        CHECK(broker.state->dirty() == 0);
        broker.send();
        CHECK(broker.state->dirty() > 0);
    }

    TEST_CASE("a row that is not what was written is told apart from an empty checkpoint") {
        Broker broker;
        broker.create();
        broker.send("body", 60, "dedup");
        broker.flush();
        const auto queue = broker.id().value;
        struct Place {
            Table table;
            Key key;
        };
        for (const auto place : {Place{Table::state, {}}, Place{Table::queue, {queue, 0}},
                                 Place{Table::queue, {queue, 1}}, Place{Table::held, {queue, 0}},
                                 Place{Table::stripe, {}}, Place{Table::dedup, {queue, 1}}}) {
            auto& bytes = broker.rows.at(place.table, place.key);
            const auto good = bytes;
            bytes.pop_back();
            const auto loaded = broker.reload();
            REQUIRE_FALSE(loaded);
            CHECK(loaded.error().code == Code::corrupt);
            bytes = good;
        }
        CHECK(broker.reload());
        MapRows empty;
        State fresh(7, empty);
        CHECK(fresh.load());
        CHECK(fresh.counts().queues == 0);
    }

    TEST_CASE("a checkpoint of another group is not taken up") {
        Broker broker;
        broker.flush();
        State other(8, broker.rows);
        const auto loaded = other.load();
        REQUIRE_FALSE(loaded);
        CHECK(loaded.error().code == Code::corrupt);
    }

    TEST_CASE("an entry is live while a body in its stripe can be received") {
        Broker broker;
        broker.create({.rewind = 100});
        CHECK(broker.state->first_live().value == broker.index + 1);
        CHECK(broker.state->live(LogIndex{broker.index + 5}));  // not applied: who knows
        broker.index = 1'000;
        broker.send();
        broker.index = 100'000;
        broker.send();
        CHECK(broker.state->live(LogIndex{1'001}));
        CHECK_FALSE(broker.state->live(LogIndex{50'000}));
        CHECK(broker.state->first_live() == LogIndex{960});
        broker.consume(1);
        CHECK(broker.state->live(LogIndex{1'001}));  // a rewind may want it
        broker.set({.rewind = 0});
        broker.settle();
        CHECK_FALSE(broker.state->live(LogIndex{1'001}));
        CHECK(broker.state->first_live() == LogIndex{99'968});
        broker.consume(1);
        CHECK(broker.state->first_live().value == broker.index + 1);
    }

    TEST_CASE("a backlog of a million messages does not stay in memory") {
        Broker broker(Options{.clean_blocks_max = 256});
        std::vector<std::string> names;
        for (int i = 0; i < 64; ++i) {
            names.push_back("q" + std::to_string(i));
            broker.apply(CreateQueue{names.back(), {}});
        }
        std::uint64_t most = 0;
        for (std::size_t i = 0; i < 1'000'000; ++i) {
            broker.apply(Send{names[i % 64], 0, {}, {"body"}});
            if (i % 50'000 == 0) broker.flush();
            most = std::max(most, i % 1'000 == 0 ? broker.state->counts().blocks_in_memory : 0);
        }
        // 50,000 messages are 782 blocks, and each queue begins and ends one in between.
        CHECK(most <= 256 + 782 + 2 * 64);
        CHECK(broker.state->counts().active == 1'000'000);
        CHECK(broker.state->counts().held_in_memory == 0);
        broker.flush();
        REQUIRE(broker.reload());
        CHECK(broker.state->counts().active == 1'000'000);
        CHECK(broker.state->counts().blocks_in_memory == 0);
        std::uint64_t received = 0;
        for (std::size_t i = 0; i < 64'000; i += 16) {
            const auto outcome = broker.apply(Receive{names[(i / 16) % 64], 16});
            REQUIRE(outcome);
            received += std::get<Received>(*outcome).deliveries.size();
        }
        CHECK(received == 64'000);
        CHECK(broker.state->counts().blocks_in_memory <= 256);
    }
}

}  // namespace cmq::broker::test
