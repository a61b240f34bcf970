// Disks without room: from any single call on, for a while. Nobody starts anything anew.

#include <doctest/doctest.h>

#include "tests/simulation/cluster.h"
#include "tests/simulation/story.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

namespace {

constexpr unsigned operations = 150;
constexpr unsigned operations_while_full = 60;
using Problem = std::optional<std::string>;

struct Seen {
    unsigned reached = 0, low = 0, log_waited = 0;
};

Machine::Settings settings(bool grows) {
    auto chosen = small_settings();
    chosen.log.grow_first = grows;
    chosen.log.grow_bytes = 32 << 10;
    chosen.core.disk_reserve_bytes = 64 << 10;
    return chosen;
}

/// A lone broker whose disk takes no byte more from one call on.
class FullOnce {
public:
    FullOnce(std::uint64_t call, bool grows) : machine_(disk_, clock_, settings(grows), 5) {
        support::Disk::seed_sqlite(17);
        disk_.on_call([this, call] {
            if (disk_.counts().calls != call) return;
            disk_.fill();
            full_ = true;
        });
    }

    Problem run(Seen& seen) {
        if (!machine_.start()) return std::nullopt;  // full before it was ready: it does not start
        clients_.create_queue(machine_);
        work(operations);
        if (!full_) return problem();
        ++seen.reached;
        work(operations_while_full);
        seen.low += low_ ? 1 : 0;
        seen.log_waited += waited_ ? 1 : 0;
        make_room();
        if (!machine_.failed() && !takes_a_message()) return "takes no message afterwards";
        if (const auto found = problem()) return found;
        return clients_.promises.drain(machine_, clock_, orders);
    }

    bool became_full() const { return full_; }

private:
    void work(unsigned most) {
        const bool was_full = full_;
        for (unsigned done = 0; done < most && !machine_.failed() && full_ == was_full; ++done) {
            clients_.act(machine_);
            while (chance_() % 3 != 0 && machine_.step()) continue;
            if (done % 8 == 0) machine_.look_around();
            low_ |= machine_.figures().disk_low;
            waited_ |= machine_.figures().log_waits;
        }
    }

    void make_room() {
        disk_.on_call({});
        disk_.set_capacity(UINT64_MAX);
        for (unsigned seconds = 0; seconds < 5; ++seconds) {
            clock_.pass(1s);
            machine_.look_around();
            machine_.settle();
        }
    }

    bool takes_a_message() {
        bool taken = false;
        clients_.create_queue(machine_);  // it may have been refused
        const std::string body = "afterwards";
        clients_.promises.asked({body});
        machine_.put(broker::Send{orders, 0, {}, {body}}, [&](const broker::Answer& answer) {
            taken = answer.outcome.has_value();
            clients_.promises.answered({body}, taken);
        });
        machine_.settle();
        return taken;
    }

    Problem problem() {
        if (machine_.failed()) return machine_.failure().message;
        return clients_.promises.problem();
    }

    support::Disk disk_;
    VirtualClock clock_;
    Machine machine_;
    Clients clients_{3, clock_};
    std::mt19937_64 chance_{11};
    bool full_ = false, low_ = false, waited_ = false;
};

Seen at_every_call(bool grows) {
    Seen seen;
    bool reached = true;
    for (std::uint64_t call = 1; reached; ++call) {
        FullOnce once(call, grows);
        const auto problem = once.run(seen);
        CHECK_MESSAGE(!problem, "full from call " << call << " on: " << problem.value_or(""));
        reached = once.became_full();
    }
    return seen;
}

/// Three nodes, some of which have no room for a while.
struct Cramped : Cluster {
    Cramped() : Cluster(1, {.nodes = 3, .troubles = false}) {
        REQUIRE(grow());
        live(5s);
    }
    void make_room(std::size_t number) {
        disk(number).on_call({});
        disk(number).set_capacity(UINT64_MAX);
    }
    std::uint64_t sent() { return customers().counts().sent; }
    std::size_t follower() { return leader_number() == 1 ? 2 : 1; }
    bool log_waits(std::size_t number) { return machine(number).figures().log_waits; }
    std::uint64_t copies_in_sync() { return leading() ? leading()->figures().copies_in_sync : 0; }
    bool all_in_sync() {
        return live_until(60s, [this] { return copies_in_sync() == 3; });
    }
    /// Sends are taken, of clients that know nothing of all this.
    bool takes_sends() {
        const auto before = sent();
        return live_until(60s, [&] { return sent() > before; });
    }
    /// From its `call`th call on; waits until it was made.
    bool becomes_full(std::size_t number, std::uint64_t call) {
        auto& small = disk(number);
        const auto at = small.counts().calls + call;
        bool full = false;
        small.on_call([&small, &full, at] {
            if (small.counts().calls < at || full) return;
            small.fill();
            full = true;
        });
        const bool reached = live_until(120s, [&] { return full; });
        small.on_call({});
        return reached;
    }
    void good() {
        const auto problem = finish();
        CHECK_MESSAGE(!problem, problem.value_or(""));
    }
};

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("a lone broker's disk is full from any call on, and then has room again") {
        for (const bool grows : {false, true}) {
            const auto seen = at_every_call(grows);
            MESSAGE(seen.reached << " calls; low " << seen.low << " times, the log waited "
                                 << seen.log_waited << " times");
            CHECK(seen.reached > 500);
            CHECK(seen.low > 300);
            CHECK(seen.log_waited > 100);
        }
    }

    SCENARIO("a follower without room falls behind, and returns by itself") {
        Cramped cluster;
        const auto small = cluster.follower();
        cluster.disk(small).fill();
        REQUIRE(cluster.live_until(600s, [&] { return cluster.log_waits(small); }));
        CHECK(cluster.takes_sends());
        CHECK(cluster.copies_in_sync() == 2);
        CHECK(cluster.is_up(small));
        cluster.make_room(small);
        CHECK(cluster.all_in_sync());
        cluster.good();
    }

    SCENARIO("a leader without room gives up the lead, and takes none until it has some") {
        Cramped cluster;
        const auto small = cluster.leader_number();
        cluster.disk(small).fill();
        REQUIRE(cluster.live_until(
            20s, [&] { return cluster.leader_number() != 0 && cluster.leader_number() != small; }));
        CHECK(cluster.takes_sends());
        cluster.leading()->hand_over(raft::NodeId{small});
        cluster.live(5s);
        CHECK(cluster.leader_number() != small);
        CHECK(cluster.is_up(small));
        cluster.make_room(small);
        CHECK(cluster.all_in_sync());
        cluster.good();
    }

    SCENARIO("all disks are full: sends are refused until there is room") {
        Cramped cluster;
        for (const auto number : {1, 2, 3}) cluster.disk(number).fill();
        REQUIRE(cluster.live_until(20s, [&] {
            return cluster.machine(1).figures().disk_low && cluster.machine(2).figures().disk_low &&
                   cluster.machine(3).figures().disk_low;
        }));
        cluster.live(5s);
        const auto before = cluster.sent();
        cluster.live(60s);
        CHECK(cluster.sent() == before);
        for (const auto number : {1, 2, 3}) {
            CHECK(cluster.is_up(number));
            cluster.make_room(number);
        }
        CHECK(cluster.takes_sends());
        CHECK(cluster.all_in_sync());
        cluster.good();
    }

    SCENARIO("one node's disk is full from any call on: the others serve, and it returns") {
        Cramped cluster;
        for (std::uint64_t call = 1; call < 80; ++call) {
            const auto small = call % 2 == 0 ? cluster.follower() : cluster.leader_number();
            REQUIRE(cluster.becomes_full(small, call));
            CHECK(cluster.takes_sends());
            cluster.live(2s);
            CHECK(cluster.is_up(small));
            cluster.make_room(small);
            REQUIRE(cluster.all_in_sync());
        }
        cluster.good();
    }
}
