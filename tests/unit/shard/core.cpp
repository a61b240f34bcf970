#include <doctest/doctest.h>

#include "tests/unit/shard/world.h"

namespace cmq::shard {

using namespace std::chrono_literals;

TEST_SUITE("unit/shard") {
    SCENARIO("a send is answered when it is on disk, not before") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto send = world.put(one("hello"));
        CHECK(world.writes.size() == 1);
        CHECK_FALSE(world.answered(send));
        world.write_one();
        CHECK(world.answer(send).outcome);
    }

    SCENARIO("what arrives while one commit is written becomes the next, in one piece") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        world.put(one("a"));
        const auto b = world.put(one("b"));
        const auto c = world.put(one("c"));
        REQUIRE(world.writes.size() == 1);
        world.write_one();
        REQUIRE(world.writes.size() == 1);
        CHECK_FALSE(world.answered(b));
        world.write_one();
        CHECK(world.answered(b));
        CHECK(world.answered(c));
    }

    SCENARIO("a commit has as many entries as what waits needs, up to what a commit takes") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        world.put(one("keeps the disk busy"));
        std::vector<Ticket> sends;
        for (int at = 0; at < 40; ++at) sends.push_back(world.put(one(std::string(60'000, 'x'))));
        world.write_one();
        std::string entries;
        for (; !world.writes.empty(); world.write_one()) {
            std::size_t bytes = 0;
            for (const auto& [group, entry] : world.writes.front().commit.entries) {
                bytes += raft::weight_of(entry);
                CHECK(entry.payload->size() <= (256 << 10) + 100);
            }
            CHECK(bytes <= raft::Options{}.append_bytes_max);  // a follower writes it at once, too
            entries += std::to_string(world.writes.front().commit.entries.size()) + ' ';
        }
        CHECK(entries == "2 4 4 1 ");  // the first did not wait for the disk
        for (const auto send : sends) CHECK(world.answer(send).outcome);
    }

    SCENARIO("parked polls are woken by messages, one each, in order of arrival") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto commits = world.core.figures().commits;
        const auto first = world.put(broker::Receive{"orders", 1}, 20s);
        const auto second = world.put(broker::Receive{"orders", 1}, 20s);
        CHECK(world.core.figures().commits == commits);  // waiting makes no entry
        CHECK(world.core.figures().parked == 2);
        world.put(one("a"));
        world.settle();
        CHECK(world.body(first) == "a");
        CHECK_FALSE(world.answered(second));
        world.put(one("b"));
        world.settle();
        CHECK(world.body(second) == "b");
    }

    SCENARIO("a queue is not called empty while its message is only promised to another") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.put(one("a"));
        world.settle();
        const auto first = world.put(broker::Receive{"orders", 1}, 0s);
        const auto second = world.put(broker::Receive{"orders", 1}, 0s);
        CHECK_FALSE(world.answered(second));  // first may lose its entry, and leave the message
        world.settle();
        CHECK(world.body(first) == "a");
        CHECK(world.refused(second) == broker::Reason::no_message);
    }

    SCENARIO("a poll ends empty when its time is up") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto poll = world.put(broker::Receive{"orders", 1}, 2s);
        world.clock.pass(1999ms);
        world.core.advance();
        CHECK_FALSE(world.answered(poll));
        REQUIRE(world.core.wake_at());
        CHECK(*world.core.wake_at() <= world.clock.steady() + 1ms);
        world.clock.pass(1ms);
        world.core.advance();
        CHECK(world.refused(poll) == broker::Reason::no_message);
    }

    SCENARIO("a message that becomes due wakes a parked poll") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        world.put(broker::Send{"orders", 5, {}, {"later"}});
        world.settle();
        const auto poll = world.put(broker::Receive{"orders", 1}, 20s);
        world.settle();
        CHECK_FALSE(world.answered(poll));
        REQUIRE(world.core.wake_at());
        CHECK(*world.core.wake_at() <= world.clock.steady() + 5s);
        world.clock.pass(5s);
        world.settle();
        CHECK(world.body(poll) == "later");
    }

    SCENARIO("a client that went away gets no message") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto gone = world.put(broker::Receive{"orders", 1}, 20s);
        const auto stays = world.put(broker::Receive{"orders", 1}, 20s);
        world.core.handle(Cancel{gone});
        world.put(one("a"));
        world.settle();
        CHECK_FALSE(world.answered(gone));
        CHECK(world.body(stays) == "a");
    }

    SCENARIO("a receive whose answer was not delivered is given back without counting") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.put(one("a"));
        world.settle();
        const auto lost = world.put(broker::Receive{"orders", 1}, 0s);
        world.settle();
        const auto& received = std::get<broker::Received>(*world.answer(lost).outcome);
        world.core.handle(
            GiveBack{broker::Namespace{1}, "orders", {received.deliveries[0].handle.value}});
        world.settle();
        const auto again = world.put(broker::Receive{"orders", 1}, 0s);
        world.settle();
        CHECK(world.body(again) == "a");
        CHECK(std::get<broker::Received>(*world.answer(again).outcome).deliveries[0].receives == 1);
    }

    SCENARIO("what comes back to a node that does not lead holds up no stop") {
        World world(broker::newest_format(), raft::NodeId{2});
        world.core.handle(GiveBack{broker::Namespace{1}, "orders", {7}});
        world.core.handle(Stop{});
        world.settle();
        CHECK(world.core.stopped());
    }

    SCENARIO("a deleted queue ends the polls that wait on it") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto poll = world.put(broker::Receive{"orders", 1}, 20s);
        world.put(broker::DeleteQueue{"orders"});
        world.settle();
        CHECK(world.refused(poll) == broker::Reason::queue_missing);
    }

    SCENARIO("more bytes in flight than allowed are refused, and nothing is stored") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        std::vector<Ticket> sends;
        const std::string body(60'000, 'x');
        for (int at = 0; at < 1'200; ++at) sends.push_back(world.put(one(body)));
        REQUIRE(world.answered(sends.back()));
        CHECK(world.refused(sends.back()) == broker::Reason::throttled);
        world.settle();
        CHECK(world.answer(sends.front()).outcome);
        const auto later = world.put(one("fits again"));
        world.settle();
        CHECK(world.answer(later).outcome);
    }

    SCENARIO("a disk that is nearly full refuses sends and lets the rest go on") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.put(one("a"));
        world.settle();
        world.core.handle(Room{1});
        CHECK(world.refused(world.put(one("b"))) == broker::Reason::disk_low);
        const auto receive = world.put(broker::Receive{"orders", 1}, 0s);
        world.settle();
        CHECK(world.body(receive) == "a");
        world.core.handle(Room{100ull << 30});
        const auto send = world.put(one("c"));
        world.settle();
        CHECK(world.answer(send).outcome);
    }

    SCENARIO("while the log waits for room all that would be written is refused") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto parked = world.put(broker::Receive{"orders", 1}, 1s);
        const auto send = world.put(one("a"));
        world.core.handle(LogWaits{});
        world.clock.pass(1s);
        world.core.advance();
        CHECK(world.refused(parked) == broker::Reason::disk_low);
        CHECK(world.core.figures().log_waits);
        CHECK(world.core.figures().disk_low);
        CHECK(world.refused(world.put(one("b"))) == broker::Reason::disk_low);
        CHECK(world.refused(world.put(broker::Receive{"orders", 1}, 5s)) ==
              broker::Reason::disk_low);
        CHECK_FALSE(world.answered(send));
        WHEN("there is some again") {
            world.settle();
            CHECK(world.answer(send).outcome);
            const auto receive = world.put(broker::Receive{"orders", 1}, 0s);
            world.settle();
            CHECK(world.body(receive) == "a");
            CHECK(world.refused(world.put(one("c"))) == broker::Reason::disk_low);
            world.core.handle(Room{100ull << 30});
            const auto later = world.put(one("c"));
            world.settle();
            CHECK(world.answer(later).outcome);
        }
        WHEN("the node stops") {
            world.core.handle(Stop{});
            world.core.advance();
            CHECK_FALSE(world.core.stopped());
            world.clock.pass(2s);
            CHECK(world.core.stopped());
            CHECK_FALSE(world.answered(send));
        }
    }

    SCENARIO("a state that finds no room is written later, and the log is kept") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto before = world.core.figures().durable_applied;
        world.put(one("a"));
        while (!world.writes.empty()) world.write_one();
        world.clock.pass(30s);
        world.core.advance();
        REQUIRE(world.flushes.size() == 1);
        const auto position = world.flushes.front().position.index;
        world.core.handle(NotFlushed{std::move(world.flushes.front()), {Code::disk_full, "full"}});
        world.flushes.clear();
        world.core.advance();
        CHECK(world.flushes.empty());
        CHECK(world.core.figures().durable_applied == before);
        WHEN("a second has passed") {
            world.clock.pass(1s);
            CHECK(world.core.wake_at() <= world.clock.steady());
            world.core.advance();
            REQUIRE(world.flushes.size() == 1);
            CHECK(world.flushes.front().position.index == position);
            CHECK_FALSE(world.flushes.front().rows.empty());
            world.settle();
            CHECK(world.core.figures().durable_applied == position.value);
        }
        WHEN("the node stops") {
            world.core.handle(Stop{});
            world.core.advance();
            CHECK(world.core.stopped());
        }
    }

    SCENARIO("stopping answers parked polls at once, and writes the state") {
        World world;
        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        const auto poll = world.put(broker::Receive{"orders", 1}, 20s);
        world.core.handle(Stop{});
        CHECK(world.refused(poll) == broker::Reason::no_message);
        CHECK(world.refused(world.put(one("late"))) == broker::Reason::stopping);
        world.settle();
        CHECK(world.core.stopped());

        broker::State again(1, world.rows);
        REQUIRE(again.load());
        CHECK(again.hash() == world.state.hash());
    }

    SCENARIO(
        "who is alone writes the newest version it knows, and its checkpoint says so at once") {
        World world(broker::FormatVersion{2});
        CHECK(world.state.format() == broker::FormatVersion{2});
        CHECK(world.core.figures().format == broker::FormatVersion{2});
        CHECK(world.core.note_for(raft::NodeId{2}).format == broker::FormatVersion{2});
        CHECK(broker::check_format(world.rows, broker::FormatVersion{2}));
        const auto older = broker::check_format(world.rows, broker::FormatVersion{1});
        REQUIRE_FALSE(older);
        CHECK(older.error().code == Code::exists);

        world.put(broker::CreateQueue{"orders", {}});
        world.settle();
        std::string versions;
        for (const auto& entry : world.disk)
            if (entry.kind == raft::Kind::command)
                versions += std::to_string(static_cast<int>(entry.payload->front()));
        CHECK(versions == "12");  // what founded the log, and raised; then the queue
    }
}

}  // namespace cmq::shard
