#include "raft/core.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace cmq::raft {
namespace {

Index next(Index index) { return Index{index.value + 1}; }

std::size_t majority(const State& state) { return state.voters.size() / 2 + 1; }

void append(State& state, Kind kind, Blob payload, Output& output) {
    Entry entry{next(state.last), state.hard.term, kind, 0, std::move(payload)};
    entry.chain = chain_of(kind, *entry.payload, state.chain);
    state.last = entry.index;
    state.last_term = entry.term;
    state.chain = entry.chain;
    state.uncommitted.push_back(entry);
    output.append.push_back(std::move(entry));
}

/// A new term begins with the vote for oneself; it counts once it is durable [3.8].
void become_candidate(State& state, Output& output) {
    state.role = Role::candidate;
    state.hard = HardState{Term{state.hard.term.value + 1}, state.self};
    output.hard = state.hard;
}

/// The no-op lets the leader commit, and so learn, what earlier terms left behind [6.4].
void become_leader(State& state, Output& output) {
    state.role = Role::leader;
    state.term_start = next(state.last);
    append(state, Kind::no_op, make_blob({}), output);
}

/// The highest index that a majority of the voters has on disk.
Index majority_match(const State& state) {
    std::vector<Index> match;
    for (const auto voter : state.voters)
        match.push_back(voter == state.self ? state.durable : Index{});
    std::ranges::sort(match, std::greater<>{});
    return match[majority(state) - 1];
}

/// Only entries of the leader's own term are committed by counting copies; those before follow
/// with them [3.6.2].
void advance_commit(State& state, Output& output) {
    if (state.role != Role::leader) return;
    const auto match = majority_match(state);
    if (match < state.term_start) return;
    while (state.commit < match) {
        output.apply.push_back(std::move(state.uncommitted.front()));
        state.uncommitted.pop_front();
        state.commit = next(state.commit);
    }
}

void on(State& state, const Tick&, Output& output) {
    const bool eligible = std::ranges::find(state.voters, state.self) != state.voters.end();
    if (state.role == Role::follower && eligible) become_candidate(state, output);
}

void on(State& state, const Propose& proposal, Output& output) {
    CMQ_CHECK(state.role == Role::leader);
    for (const auto& command : proposal.commands) append(state, Kind::command, command, output);
}

void on(State& state, const Persisted& persisted, Output& output) {
    state.durable_hard = persisted.hard;
    const std::size_t votes = state.durable_hard == state.hard ? 1 : 0;
    if (state.role == Role::candidate && votes >= majority(state)) become_leader(state, output);
    if (persisted.index > state.durable) state.durable = persisted.index;
    advance_commit(state, output);
}

void check_invariants(const State& state) {
    CMQ_CHECK(state.base <= state.commit);
    CMQ_CHECK(state.commit <= state.last);
    CMQ_CHECK(state.durable <= state.last);
    CMQ_CHECK(state.last.value - state.commit.value == state.uncommitted.size());
    CMQ_CHECK(state.last_term <= state.hard.term);
}

}  // namespace

State::State(Start start)
    : self(start.self),
      voters(std::move(start.base.voters)),
      hard(start.hard),
      durable_hard(start.hard),
      base(start.base.index),
      base_term(start.base.term),
      base_chain(start.base.chain),
      last(start.base.index),
      last_term(start.base.term),
      chain(start.base.chain),
      commit(start.base.index) {
    for (auto& entry : start.entries) {
        CMQ_CHECK(entry.index == next(last));
        CMQ_CHECK(entry.chain == chain_of(entry.kind, *entry.payload, chain));
        last = entry.index;
        last_term = entry.term;
        chain = entry.chain;
        uncommitted.push_back(std::move(entry));
    }
    durable = last;
    check_invariants(*this);
}

Output step(State& state, const Input& input) {
    Output output;
    std::visit([&](const auto& event) { on(state, event, output); }, input);
    check_invariants(state);
    return output;
}

bool leads(const State& state) {
    return state.role == Role::leader && state.commit >= state.term_start;
}

}  // namespace cmq::raft
