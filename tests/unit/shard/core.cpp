#include "shard/core.h"

#include <doctest/doctest.h>

#include <map>

#include "broker/codec.h"
#include "tests/support/virtual_clock.h"

namespace cmq::shard {
namespace {

using namespace std::chrono_literals;
using support::VirtualClock;

struct MapRows final : broker::Rows {
    std::optional<std::string> read(broker::Table table, broker::Key key) override {
        const auto found = rows.find({table, key});
        if (found == rows.end()) return {};
        return found->second;
    }
    std::vector<broker::Row> scan(broker::Table table) override {
        std::vector<broker::Row> found;
        for (const auto& [key, value] : rows)
            if (key.first == table) found.push_back({table, key.second, value});
        return found;
    }
    void take(const std::vector<broker::Row>& changed) {
        for (const auto& row : changed) {
            if (row.value) {
                rows[{row.table, row.key}] = *row.value;
            } else {
                rows.erase({row.table, row.key});
            }
        }
    }
    std::map<std::pair<broker::Table, broker::Key>, std::string> rows;
};

/// A core whose writer, keeper and flusher do their work when the test says so.
struct World {
    explicit World(broker::FormatVersion knows = broker::newest_format()) : newest(knows) {
        settle();
    }

    void write_one() {
        REQUIRE(!writes.empty());
        auto job = std::move(writes.front());
        writes.pop_front();
        for (auto& [group, entry] : job.commit.entries) disk.push_back(entry);
        core.handle(Written{job.done, {}, {}, {}});
        core.advance();
    }

    /// Until there is nothing left to write, flush or read.
    void settle() {
        core.advance();
        while (!writes.empty() || !flushes.empty() || !reads.empty()) {
            while (!writes.empty()) write_one();
            for (; !flushes.empty(); flushes.pop_front()) {
                rows.take(flushes.front().rows);
                core.handle(Flushed{flushes.front().position, {}});
            }
            for (; !reads.empty(); reads.pop_front()) core.handle(read(reads.front()));
            core.advance();
        }
    }

    EntryRead read(raft::Index index) const {
        for (const auto& entry : disk)
            if (entry.index == index) return {index, entry};
        return {index, fail(Code::not_found, "no such entry")};
    }

    Ticket put(const broker::Action& action, std::optional<std::chrono::seconds> wait = {}) {
        const Ticket ticket{++tickets};
        const broker::Command command{broker::Namespace{1}, action};
        core.handle(Submit{
            ticket, request_of(command, wait),
            [this, ticket](broker::Answer answer) { answers.emplace(ticket, std::move(answer)); }});
        core.advance();
        return ticket;
    }

    bool answered(Ticket ticket) const { return answers.contains(ticket); }
    const broker::Answer& answer(Ticket ticket) const {
        REQUIRE(answered(ticket));
        return answers.at(ticket);
    }
    broker::Reason refused(Ticket ticket) const {
        REQUIRE(!answer(ticket).outcome);
        return answer(ticket).outcome.error().reason;
    }
    std::string body(Ticket ticket, std::size_t at = 0) const {
        REQUIRE(answer(ticket).outcome);
        REQUIRE(answer(ticket).bodies.size() > at);
        return std::string(answer(ticket).bodies[at].text);
    }

    CoreOptions options() const {
        CoreOptions chosen;
        chosen.newest_format = newest;
        chosen.secret = std::string(32, 's');
        return chosen;
    }
    static raft::Start start() {
        raft::Start first;
        first.self = raft::NodeId{1};
        first.base.configuration.voters = {raft::NodeId{1}};
        return first;
    }
    Core::Ports ports() {
        return {[this](WriteJob job) { writes.push_back(std::move(job)); },
                [this](KeepJob job) {
                    if (const auto* read_job = std::get_if<ReadEntry>(&job))
                        reads.push_back(read_job->index);
                },
                [this](FlushJob job) { flushes.push_back(std::move(job)); },
                [](const SnapshotJob&) { FAIL("nobody needs a snapshot"); },
                [](const raft::Message&) { FAIL("nobody to send to"); },
                [](raft::NodeId, const BulkRequest&, std::uint64_t) { FAIL("nobody to ask"); },
                [](const Error& error) { FAIL(error.message); }};
    }

    broker::FormatVersion newest;
    VirtualClock clock;
    MapRows rows;
    broker::State state{1, rows};
    std::deque<WriteJob> writes;
    std::deque<raft::Index> reads;
    std::deque<FlushJob> flushes;
    std::vector<raft::Entry> disk;
    std::map<Ticket, broker::Answer> answers;
    std::uint64_t tickets = 0;
    Core core{options(), clock, state, start(), ports()};
};

const broker::Send one(std::string_view body) { return broker::Send{"orders", 0, {}, {body}}; }

}  // namespace

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
