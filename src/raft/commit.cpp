// What is committed: on disk at a majority, and counted only in the leader's own term [3.6.2].

#include "raft/parts.h"

namespace cmq::raft {
namespace {

/// In the order in which a leader that is going away may still do them.
void after_commit(Step& step) {
    auto& state = step.state;
    if (is_voter(state.configuration(), state.self)) return;
    // It led until the change that removed it was committed, without counting itself [4.2.2].
    if (state.commit >= state.configurations.back().first)
        become_follower(step, state.hard.term, NodeId{});
}

}  // namespace

Index own_match(const State& state) {
    if (planted(state, Planted::leader_counts_unwritten)) return state.log.last();
    return state.durable;
}

void advance_commit(Step& step) {
    auto& state = step.state;
    if (state.role != Role::leader) return;
    const auto index = reached_by_majority(state, [&](NodeId voter) {
        const auto* peer = find_peer(state, voter);
        if (voter == state.self) return own_match(state);
        return peer ? peer->match : Index{};
    });
    const bool own_term =
        index >= state.leading.term_start || planted(state, Planted::commit_old_term);
    const bool more = own_term && index > state.commit;
    if (more) commit_to(step, index);
    advance_secured(state);
    if (more) after_commit(step);
}

void commit_to(Step& step, Index index) {
    auto& state = step.state;
    if (index <= state.commit) return;
    step.output.apply.reserve(index.value - state.commit.value);
    while (state.commit < index) {
        state.commit = next(state.commit);
        const auto* entry = state.log.find(state.commit);
        state.recent_bytes += weight_of(*entry);
        step.output.apply.push_back(*entry);
    }
    forget_old_entries(state);
}

/// What is not on disk here cannot be read from there.
void forget_old_entries(State& state) {
    const auto& members = state.configuration();
    const bool alone = members.voters.size() + members.learners.size() <= 1;
    const auto budget = alone ? 0 : state.options.recent_bytes;
    const auto last = std::min(state.commit, state.durable);
    while (state.recent_bytes > budget && state.log.floor() < last) {
        const auto oldest = next(state.log.floor());
        state.recent_bytes -= weight_of(*state.log.find(oldest));
        state.log.forget(oldest);
    }
}

}  // namespace cmq::raft
