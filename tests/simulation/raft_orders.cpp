// Every order in which three nodes can go, as far as it is bounded here.

#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/raft_explorer.h"

using namespace cmq;
using namespace cmq::simulation;

namespace {

/// Node 1 leads in term 1, and all have its no-op on disk.
std::vector<Move> elected() {
    AnyOrder group(3, 3, {});
    std::vector<Move> moves;
    const auto make = [&](Move move) {
        if (!group.make(move)) return false;
        moves.push_back(move);
        return true;
    };
    make({Act::stand, 0, 0});
    for (bool more = true; more;) {
        more = false;
        for (std::uint8_t node = 0; node < 3; ++node) more |= make({Act::sync, node, 0});
        more |= make({Act::deliver, 0, 0});
    }
    REQUIRE(group.nodes()[0].leads());
    return moves;
}

void explore(std::vector<Move> begin, ExplorerLimits limits, bool to_the_end) {
    Explorer explorer(std::move(begin), limits);
    const auto problem = explorer.run();
    CHECK_MESSAGE(!problem, problem.value_or(""));
    CHECK(explorer.complete() == to_the_end);
    const std::string end = explorer.complete() ? ", all there are" : "";
    MESSAGE(explorer.states() << " states, " << explorer.depth() << " deep" << end);
}

}  // namespace

TEST_SUITE("simulation/raft") {
    SCENARIO("the first term of a group, in every order, with one crash") {
        explore({}, {.states = 400'000, .term = 1, .commands = 1, .crashes = 1}, true);
    }

    SCENARIO("a second leader, in every order, with one crash, when disks are quick") {
        explore(elected(), {.states = 400'000, .crashes = 1, .slow_disks = false}, true);
    }

    SCENARIO("a second leader, in every order, when disks are slow") {
        explore(elected(), {.states = 400'000, .crashes = 0}, true);
    }

    SCENARIO("a second leader with a crash and slow disks, as far as it goes") {
        explore(elected(), {.states = 200'000, .crashes = 1}, false);
    }

    SCENARIO("two terms from nothing, as far as it goes") {
        explore({}, {.states = 150'000, .commands = 2, .crashes = 1, .slow_disks = false}, false);
    }

    SCENARIO("what is broken is found by its shortest history") {
        for (const auto planted :
             {raft::Planted::vote_twice, raft::Planted::vote_before_durable,
              raft::Planted::leader_counts_unwritten, raft::Planted::ack_before_durable}) {
            const auto problem = Explorer({}, {.states = 300'000}, planted).run();
            CHECK(problem);
            MESSAGE(problem.value_or("not found"));
        }
    }
}
