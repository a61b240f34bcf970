// Rules of the whole system, broken on purpose: the simulator notices within a stated number of
// seeds. Those of consensus are in raft_planted.cpp, a state ahead of the log in
// cluster_stories.cpp.

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tests/simulation/cluster.h"
#include "tests/simulation/settings.h"
#include "tests/simulation/story.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

namespace {

struct Row {
    std::string_view name;
    ClusterPlanted rule;
    std::uint64_t seeds;   // within so many it must be caught
    std::uint64_t took;    // when this was written
    bool forgets = false;  // Cluster::Options: so that disks are read and states are sent
};

constexpr Row table[] = {
    {"a recovered entry counts as durable (D3a)",
     {.log = log::Planted::no_sync_after_recovery},
     60,
     8},
    {"what is not durable is acknowledged (D1)",
     {.raft = raft::Planted::ack_before_durable},
     60,
     19},
    {"stamps follow one clock (D8)", {.shard = shard::Planted::own_clock_rules}, 60, 9},
    {"a lost lead says that nothing was done", {.shard = shard::Planted::lost_lead_refuses}, 60, 1},
    {"a second rewind hides the first (D7)", {.broker = broker::Planted::single_rewind}, 60, 2},
    {"a rewind falls short of its time", {.broker = broker::Planted::short_rewind}, 60, 1},
    {"a rewind goes beyond its time", {.broker = broker::Planted::long_rewind}, 60, 1},
    {"a wiped node comes back as itself (D13)", {.wiped_comes_back_as_itself = true}, 60, 1},
    {"a log that lost writes goes on (D3b)", {.shard = shard::Planted::notes_ignored}, 60, 1},
    {"a body is not compared with its checksum",
     {.log = log::Planted::body_crc_ignored},
     60,
     4,
     true},
    {"a snapshot is taken as it came (D2)", {.snapshots_unchecked = true}, 60, 6, true},
    {"a snapshot that came whole is dropped for one that is sent again",
     {.whole_snapshots_dropped = true},
     200,
     17,
     true},
};

std::optional<std::string> verdict(const Row& row, std::uint64_t seed) {
    return Cluster(seed, {.forgets = row.forgets, .planted = row.rule}).run(2min);
}

}  // namespace

TEST_SUITE("simulation") {
    /// TURN=1 takes rows 1, 4, 7 ..., TURN=3 takes them all, as `make soak` does; otherwise a
    /// third, another each day.
    SCENARIO("each rule of a whole cluster, when it is broken, is missed") {
        const auto turn =
            setting("TURN", static_cast<std::uint64_t>(std::time(nullptr)) / 86'400 % 3);
        for (std::size_t at = 0; at < std::size(table); ++at) {
            if (turn < 3 && at % 3 != turn) continue;
            const auto& row = table[at];
            std::uint64_t seed = 1;
            auto problem = verdict(row, seed);
            while (!problem && seed < row.seeds) problem = verdict(row, ++seed);
            const std::string name(row.name);
            CHECK_MESSAGE(problem, name << ": not caught within " << row.seeds << " seeds");
            MESSAGE(name << ": seed " << seed << " (" << row.took << "), "
                         << problem.value_or("not caught"));
        }
    }

    SCENARIO("a recycled file that keeps its header is missed") {
        std::uint64_t seed = 0;
        bool caught = false;
        while (!caught && seed < 100)
            caught = Story(++seed, {}, log::Planted::recycled_header_kept).run(12, 60).has_value();
        CHECK(caught);
        MESSAGE("seed " << seed);
    }
}
