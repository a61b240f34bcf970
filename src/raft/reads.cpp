// Reads that see all that was answered before them, without an entry in the log [6.4].

#include "raft/parts.h"

namespace cmq::raft {

/// What is committed is known only once an entry of the own term is. That we lead still is
/// confirmed by a majority that answers a heartbeat sent after the read came. Reads that come
/// while one is under way share the next.
void on(Step& step, const Read& read) {
    auto& state = step.state;
    auto& leading = state.leading;
    const bool knows =
        state.commit >= leading.term_start || planted(state, Planted::read_before_own_term);
    if (state.role != Role::leader || !knows)
        return step.output.reads.push_back({read.id, {}, false});
    if (planted(state, Planted::read_without_round))
        return step.output.reads.push_back({read.id, state.commit, true});
    leading.reads.push_back({read.id, state.commit, leading.round + 1});
    if (leading.round_confirmed == leading.round) broadcast(step);
}

void confirm_reads(Step& step) {
    auto& state = step.state;
    auto& leading = state.leading;
    if (leading.round_confirmed == leading.round) return;
    leading.round_confirmed = reached_by_majority(state, [&](NodeId voter) {
        const auto* peer = find_peer(state, voter);
        if (voter == state.self) return leading.round;
        return peer ? peer->round : 0;
    });
    const auto waits = std::ranges::find_if(leading.reads, [&](const WaitingRead& read) {
        return read.round > leading.round_confirmed;
    });
    for (auto read = leading.reads.begin(); read < waits; ++read)
        step.output.reads.push_back({read->id, read->index, true});
    leading.reads.erase(leading.reads.begin(), waits);
    if (!leading.reads.empty() && leading.round_confirmed == leading.round) broadcast(step);
}

void refuse_reads(Step& step) {
    for (const auto& read : step.state.leading.reads)
        step.output.reads.push_back({read.id, {}, false});
    step.state.leading.reads.clear();
}

}  // namespace cmq::raft
