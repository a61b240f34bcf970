// A node that was away for too long, or whose log began later: whole states and bodies (D2).

#include <doctest/doctest.h>

#include "tests/simulation/cluster.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t first = 1;
constexpr std::size_t away = 3;  // the node that is stopped

/// Three nodes, one of them away while the log that it needs goes.
struct Story {
    enum class Away { yes, no };
    explicit Story(std::uint64_t seed, Away is_away = Away::yes)
        : cluster(seed, {.nodes = 3, .troubles = false, .forgets = true, .chunk_bytes = 512}) {
        REQUIRE(cluster.grow());
        cluster.silence();
        do_it(broker::CreateQueue{"kept", {}});
        do_it(broker::CreateQueue{"dropped", {}});
        fill("kept", 40);
        if (is_away == Away::no) return;
        cluster.kill(away);
        REQUIRE(wait_for_leader());
        for (int round = 0; round < 6; ++round) {
            fill("dropped", 200);
            fill("kept", 10);
            do_it(broker::ClearQueue{"dropped"});
            cluster.live(2s);  // a flush
        }
    }

    bool wait_for_leader() {
        return cluster.live_until(20s, [&] { return cluster.leading() != nullptr; });
    }

    broker::Answer do_it(const broker::Action& action) {
        std::optional<broker::Answer> got;
        cluster.leading()->put(action, [&](const broker::Answer& answer) { got = answer; });
        REQUIRE(cluster.live_until(10s, [&] { return got.has_value(); }));
        REQUIRE_MESSAGE(got->outcome, static_cast<int>(got->outcome.error().reason));
        return *got;
    }

    void fill(const std::string& queue, int count) {
        for (int at = 0; at < count; ++at) {
            const auto body = queue + " " + std::to_string(++bodies[queue]);
            do_it(broker::Send{queue, 0, {}, {body}});
        }
    }

    bool is_complete(std::size_t node) {
        if (!cluster.is_up(node) || !cluster.leading()) return false;
        const auto figures = cluster.machine(node).figures();
        return figures.bodies_lack == raft::Index{} &&
               figures.applied == cluster.leading()->figures().applied;
    }

    /// What the leader says that `node` gets.
    broker::Catching catching(std::size_t node) {
        std::optional<broker::Answer> got;
        if (!cluster.leading()) return broker::Catching::nothing;
        cluster.leading()->ask(shard::ClusterRequest{broker::DescribeCluster{}},
                               [&](const broker::Answer& answer) { got = answer; });
        if (!got || !got->outcome) return broker::Catching::nothing;
        for (const auto& view : std::get<broker::ClusterView>(*got->outcome).nodes)
            if (view.id == broker::node_id(node, 1)) return view.catching;
        return broker::Catching::nothing;
    }

    /// A bit in the text `body`, in a file that is settled.
    void damage_settled(std::size_t node, const std::string& body) {
        auto& disk = cluster.disk(node);
        const auto names = disk.list("data/log");
        REQUIRE(names);
        for (const auto& name : *names) {
            if (!name.ends_with(".body")) continue;
            const auto path = std::filesystem::path("data/log") / name;
            const auto file = disk.open(path, store::Open::existing);
            REQUIRE(file);
            const auto bytes = (*file)->read(0, 1u << 24);
            REQUIRE(bytes);
            if (const auto at = bytes->find(body); at != bytes->npos)
                return disk.flip_bit(path, at, 3);
        }
        FAIL("the body is in no settled file");
    }

    /// Who leads answers from its own disk.
    void check_kept_from(std::size_t node) {
        REQUIRE(cluster.live_until(60s, [&] {
            auto* leader = cluster.leading();
            if (leader == &cluster.machine(node)) return true;
            if (leader) leader->hand_over(raft::NodeId{broker::node_id(node, 1).value});
            return false;
        }));
        std::set<std::string> found;
        for (int rounds = 0; rounds < 20; ++rounds) {
            const auto answer = receive();
            if (!answer.outcome) break;
            for (const auto& body : answer.bodies) found.insert(std::string(body.text));
        }
        CHECK(found.size() == static_cast<std::size_t>(bodies["kept"]));
    }

    broker::Answer receive() {
        std::optional<broker::Answer> got;
        cluster.leading()->put(
            broker::Receive{"kept", 16}, [&](const broker::Answer& answer) { got = answer; }, 0s);
        REQUIRE(cluster.live_until(10s, [&] { return got.has_value(); }));
        return *got;
    }

    Cluster cluster;
    std::map<std::string, int> bodies;
};

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("a node that was away for too long is sent the state, and fetches bodies") {
        Story story(7);
        story.cluster.start(away);
        std::set<broker::Catching> shown;
        REQUIRE(story.cluster.live_until(60s, [&] {
            shown.insert(story.catching(away));
            return story.is_complete(away);
        }));
        CHECK(story.cluster.machine(away).installed() == 1);
        CHECK(shown.contains(broker::Catching::state));
        CHECK(shown.contains(broker::Catching::bodies));
        CHECK(story.cluster.machine(away).figures().bodies_fetched > 0);
        THEN("it serves all bodies itself") { story.check_kept_from(away); }
        THEN("also after a power cut") {
            story.cluster.live(3s);
            story.cluster.cut_power(away);
            story.cluster.start(away);
            REQUIRE(story.cluster.live_until(60s, [&] { return story.is_complete(away); }));
            CHECK(story.cluster.machine(away).installed() == 0);
            CHECK(story.cluster.machine(away).figures().bodies_fetched == 0);
            story.check_kept_from(away);
        }
    }

    SCENARIO("what the disk of one node damaged is read from another") {
        Story story(7, Story::Away::no);
        story.fill("kept", 200);
        story.cluster.live(5s);
        story.damage_settled(first, "kept 17");
        story.cluster.kill(first);
        story.cluster.start(first);
        REQUIRE(story.cluster.live_until(60s, [&] { return story.is_complete(first); }));
        story.check_kept_from(first);
        CHECK(story.cluster.machine(first).figures().bodies_repaired == 1);
        THEN("it lies there again, for the next time and after a power cut") {
            story.cluster.live(3s);
            story.cluster.cut_power(first);
            story.cluster.start(first);
            REQUIRE(story.cluster.live_until(60s, [&] { return story.is_complete(first); }));
            story.cluster.live(1min);  // leases lapse
            story.check_kept_from(first);
            CHECK(story.cluster.machine(first).figures().bodies_repaired == 0);
        }
    }

    SCENARIO("a node that takes in a state is cut off at any call of its disk") {
        const auto calls_until_complete = [](std::optional<std::uint64_t> cut_after) {
            Story story(7);
            auto& disk = story.cluster.disk(away);
            const auto before = disk.counts().calls;
            if (cut_after) disk.stop_after(*cut_after);
            story.cluster.start(away);
            REQUIRE(story.cluster.live_until(60s, [&] { return story.is_complete(away); }));
            const auto calls = disk.counts().calls - before;
            disk.clear_faults();
            story.check_kept_from(away);
            return calls;
        };
        const auto calls = calls_until_complete({});
        for (std::uint64_t call = 0; call < calls; call += 1 + call / 8) {
            CAPTURE(call);
            calls_until_complete(call);
        }
    }
}
