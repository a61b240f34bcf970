// Stories of whole clusters that happened to others, or must not happen to us.

#include <doctest/doctest.h>

#include <memory>
#include <optional>

#include "tests/simulation/cluster.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t everybody[] = {1, 2, 3};

/// Three nodes with some messages in them, without troubles of its own.
struct Tale : Cluster {
    explicit Tale(ClusterPlanted planted = {})
        : Cluster(1, {.nodes = 3, .troubles = false, .planted = planted}) {
        REQUIRE(grow());
        live(5s);
    }
    std::uint64_t sent() { return customers().counts().sent; }
    std::size_t follower() { return leader_number() == 1 ? 2 : 1; }
    std::size_t other_follower() { return 6 - leader_number() - follower(); }
    void good() {
        const auto problem = finish();
        CHECK_MESSAGE(!problem, problem.value_or(""));
    }
};

/// The leader's disk is slow, its followers' are not; it ends just when its state was due.
std::optional<std::string> crash_ahead_of_log(ClusterPlanted planted) {
    Tale tale(planted);
    const auto leader = tale.leader_number();
    tale.stall_log(leader, 60s);
    tale.live(30s);
    tale.kill(leader);
    tale.start(leader);
    tale.live(5s);
    return tale.finish();
}

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("a cluster is killed, restarts, acknowledges, and then the power goes") {
        Tale tale;
        for (const auto number : everybody) tale.kill(number);
        for (const auto number : everybody) tale.start(number);
        const auto before = tale.sent();
        tale.live(5s);
        CHECK(tale.sent() > before);
        for (const auto number : everybody) tale.cut_power(number);
        for (const auto number : everybody) tale.start(number);
        tale.good();
    }

    SCENARIO("a leader ends whose state is ahead of its own log") {
        CHECK(crash_ahead_of_log({}).value_or("") == "");
        THEN("the tests notice when such a state is written (planted)") {
            CHECK(crash_ahead_of_log({.shard = shard::Planted::flush_ahead_of_log}));
        }
    }

    SCENARIO("a leader that is cut off does not say that a queue is empty") {
        Tale tale;
        tale.silence();
        const auto leader = tale.leader_number();
        auto& cut = tale.machine(leader);
        const auto ask = [&](std::string queue, std::chrono::seconds wait) {
            auto got = std::make_shared<std::optional<broker::Answer>>();
            cut.put(
                broker::Receive{std::move(queue), 1},
                [got](const broker::Answer& answer) { *got = answer; }, wait);
            return got;
        };
        const auto made = std::make_shared<bool>(false);
        cut.put(broker::CreateQueue{"none", {}},
                [made](const broker::Answer& answer) { *made = answer.outcome.has_value(); });
        REQUIRE(tale.live_until(10s, [&] { return *made; }));
        const auto reason_of = [](const auto& got) { return (*got)->outcome.error().reason; };
        const auto before = ask("none", 0s);
        REQUIRE(tale.live_until(1s, [&] { return before->has_value(); }));
        CHECK(reason_of(before) == broker::Reason::no_message);

        const auto parked = ask("none", 1s);
        tale.live(900ms);
        tale.cut_off(leader);
        const auto at_once = ask("none", 0s);
        tale.live(200ms);  // the poll's time is up; that it leads no more it does not know yet
        REQUIRE(tale.leader_number() != 0);
        REQUIRE(tale.live_until(10s, [&] { return parked->has_value() && at_once->has_value(); }));
        CHECK(reason_of(parked) == broker::Reason::no_leader);
        CHECK(reason_of(at_once) == broker::Reason::no_leader);
        tale.mend_links();
        tale.good();
    }

    SCENARIO("a whole cluster is off for two days") {
        Tale tale;
        for (const auto number : everybody) tale.cut_power(number);
        tale.pass_off(48h);
        for (const auto number : everybody) tale.start(number);
        const auto before = tale.sent();
        tale.live(10s);
        CHECK(tale.sent() > before);
        tale.good();
    }

    SCENARIO("the slowest replica ends, then the leader, right after the copies became fewer") {
        Tale tale;
        const auto slow = tale.follower(), leader = tale.leader_number();
        tale.stall_disk(slow, 5s);
        tale.live(1s);  // it is a copy no more, and others are answered without it
        const auto before = tale.sent();
        tale.live(500ms);
        CHECK(tale.sent() > before);
        tale.cut_power(slow);
        tale.cut_power(leader);
        tale.live(1s);
        tale.start(slow);
        tale.live(5s);
        CHECK(tale.leader_number() != 0);
        tale.start(leader);
        tale.good();
    }

    /// The others remember how far its log was (D3b). When they are gone too, nobody can know.
    SCENARIO("a node comes back from yesterday's copy of its disk") {
        Tale tale;
        const auto old = tale.follower();
        auto copy = tale.copy_of_disk(old);
        tale.live(10s);
        tale.kill(old);
        tale.put_disk(old, std::move(copy));
        tale.start(old);
        tale.live(5s);
        REQUIRE(tale.problem());
        CHECK(tale.problem()->find("this node lost writes") != std::string::npos);
    }
}
