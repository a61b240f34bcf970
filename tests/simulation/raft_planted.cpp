// Each rule of consensus, broken on purpose: the simulator notices within a stated number of seeds.

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/simulation/raft_story.h"
#include "tests/simulation/raft_walk.h"

using namespace cmq;
using namespace cmq::simulation;
using raft::Planted;

namespace {

enum class By { story, walk, rivals };

struct Row {
    Planted rule;
    std::string_view name;
    By by;
    std::uint64_t seeds;  // within so many it must be caught
    std::uint64_t took;   // when this was written
};

constexpr Row table[] = {
    {Planted::vote_twice, "vote_twice", By::walk, 500, 43},
    {Planted::forget_vote_on_term, "forget_vote_on_term", By::rivals, 200, 12},
    {Planted::vote_without_log_check, "vote_without_log_check", By::walk, 100, 6},
    {Planted::vote_before_durable, "vote_before_durable", By::walk, 5'000, 1'166},
    {Planted::own_vote_before_durable, "own_vote_before_durable", By::story, 3'000, 686},
    {Planted::timeout_now_ignores_log, "timeout_now_ignores_log", By::story, 100, 3},
    {Planted::commit_old_term, "commit_old_term", By::walk, 8'000, 2'381},
    {Planted::leader_counts_unwritten, "leader_counts_unwritten", By::walk, 50, 7},
    {Planted::ack_unverified, "ack_unverified", By::walk, 500, 75},
    {Planted::ack_before_durable, "ack_before_durable", By::walk, 50, 1},
    {Planted::durable_across_cut, "durable_across_cut", By::story, 300, 17},
    {Planted::truncate_committed, "truncate_committed", By::walk, 200, 3},
    {Planted::no_term_check_on_append, "no_term_check_on_append", By::walk, 100, 11},
    {Planted::stale_reply_counts, "stale_reply_counts", By::walk, 5'000, 307},
    {Planted::read_before_own_term, "read_before_own_term", By::walk, 200, 13},
    {Planted::read_without_round, "read_without_round", By::walk, 300, 27},
    {Planted::change_before_noop, "change_before_noop", By::story, 3'000, 621},
    {Planted::two_changes_at_once, "two_changes_at_once", By::story, 500, 69},
    {Planted::configuration_not_rolled_back, "configuration_not_rolled_back", By::story, 800, 134},
    {Planted::learner_counts, "learner_counts", By::walk, 50, 1},
    {Planted::snapshot_goes_back, "snapshot_goes_back", By::story, 100, 3},
    {Planted::snapshot_drops_acknowledged_tail, "snapshot_drops_acknowledged_tail", By::walk, 500,
     24},
    {Planted::in_sync_counts_incomplete, "in_sync_counts_incomplete", By::story, 200, 17},
    {Planted::secured_ignores_slow, "secured_ignores_slow", By::walk, 100, 8},
};
constexpr auto last_rule = Planted::secured_ignores_slow;
static_assert(std::size(table) == static_cast<std::size_t>(last_rule));

std::optional<std::string> verdict(const Row& row, std::uint64_t seed) {
    if (row.by == By::story) return RaftStory(seed, row.rule).run(std::chrono::seconds{10});
    const auto path = row.by == By::rivals ? RaftPath::rivals : RaftPath::anything;
    return RaftWalk(seed, row.rule, path).run(1'000);
}

}  // namespace

TEST_SUITE("simulation/raft") {
    SCENARIO("each rule of consensus, when it is broken, is missed") {
        for (const auto& row : table) {
            std::uint64_t seed = 1;
            auto problem = verdict(row, seed);
            while (!problem && seed < row.seeds) problem = verdict(row, ++seed);
            const std::string name(row.name);
            CHECK_MESSAGE(problem, name << " is not caught within " << row.seeds << " seeds");
            MESSAGE(name << ": seed " << seed << " (" << row.took << "), "
                         << problem.value_or("not caught"));
        }
    }
}
