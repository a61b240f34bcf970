#include "raft/core.h"

#include <doctest/doctest.h>

namespace cmq::raft {
namespace {

constexpr NodeId self{7};
constexpr Steady now{std::chrono::hours{1}};

Output step(State& state, const Input& input) { return step(state, input, now); }

Start fresh() {
    Start start;
    start.self = self;
    start.base.configuration.voters = {self};
    return start;
}

Persisted on_disk(const State& state) {
    return {state.hard, state.log.last(), state.log.last_term()};
}

State leader() {
    State state(fresh());
    step(state, Tick{});
    step(state, Persisted{state.hard, {}, {}});
    step(state, on_disk(state));
    return state;
}

Propose propose(std::string command) { return Propose{{make_blob(std::move(command))}}; }

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("a lone node leads once its vote and its no-op are on disk") {
        State state(fresh());
        const auto candidate = step(state, Tick{});
        REQUIRE(candidate.hard);
        CHECK(*candidate.hard == HardState{Term{1}, self});
        CHECK(candidate.append.empty());
        CHECK(state.role == Role::candidate);

        const auto elected = step(state, Persisted{*candidate.hard, {}, {}});
        CHECK(state.role == Role::leader);
        REQUIRE(elected.append.size() == 1);
        CHECK(elected.append[0].kind == Kind::no_op);
        CHECK_FALSE(leads(state));

        const auto committed = step(state, on_disk(state));
        REQUIRE(committed.apply.size() == 1);
        CHECK(leads(state));
    }

    SCENARIO("a vote that is not on disk does not count") {
        State state(fresh());
        step(state, Tick{});
        step(state, Tick{});
        CHECK(state.role == Role::candidate);
        CHECK_FALSE(next_wake(state));
    }

    SCENARIO("nothing is applied before it is on disk") {
        auto state = leader();
        const auto proposed = step(state, propose("a"));
        REQUIRE(proposed.append.size() == 1);
        CHECK(proposed.apply.empty());
        const auto later = step(state, propose("b"));
        const auto first = step(state, Persisted{state.hard, proposed.append[0].index, Term{1}});
        REQUIRE(first.apply.size() == 1);
        CHECK(*first.apply[0].payload == "a");
        const auto second = step(state, Persisted{state.hard, later.append[0].index, Term{1}});
        REQUIRE(second.apply.size() == 1);
        CHECK(*second.apply[0].payload == "b");
    }

    SCENARIO("what an earlier term left behind is applied only behind the new term's no-op") {
        auto before = leader();
        auto output = step(before, propose("left behind"));
        auto start = fresh();
        start.hard = before.hard;
        Entry no_op{Index{1}, Term{1}, Kind::no_op, 0, make_blob("")};
        no_op.chain = chain_of(Kind::no_op, "", 0);
        start.entries = {no_op, output.append[0]};

        State state(std::move(start));
        CHECK(step(state, Tick{}).apply.empty());
        CHECK(step(state, Persisted{state.hard, {}, {}}).apply.empty());
        const auto committed = step(state, on_disk(state));
        REQUIRE(committed.apply.size() == 3);
        CHECK(*committed.apply[1].payload == "left behind");
        CHECK(committed.apply[2].term == Term{2});
    }

    SCENARIO("a node that has no vote never stands for election") {
        auto start = fresh();
        start.base.configuration.voters = {NodeId{8}};
        State state(std::move(start));
        CHECK_FALSE(step(state, Tick{}).hard);
        CHECK(state.role == Role::follower);
    }

    SCENARIO("equal chains mean equal logs") {
        CHECK(chain_of(Kind::command, "a", 1) == chain_of(Kind::command, "a", 1));
        CHECK(chain_of(Kind::command, "a", 1) != chain_of(Kind::command, "a", 2));
        CHECK(chain_of(Kind::command, "a", 1) != chain_of(Kind::no_op, "a", 1));
        CHECK(chain_of(Kind::command, "a", 1) != chain_of(Kind::command, "b", 1));
    }
}

}  // namespace cmq::raft
