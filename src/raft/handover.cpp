// Giving up the lead on purpose [3.10].

#include "raft/parts.h"

namespace cmq::raft {
namespace {

bool may_take_over(const Step& step, NodeId node) {
    const auto* peer = find_peer(step.state, node);
    return peer && peer->complete && !peer->stands_back &&
           is_voter(step.state.configuration(), node) &&
           step.now - peer->heard < step.state.options.election;
}

NodeId best_successor(const Step& step) {
    NodeId best;
    Index furthest;
    for (const auto& peer : step.state.leading.peers) {
        if (!may_take_over(step, peer.id) || (best != NodeId{} && peer.match <= furthest)) continue;
        best = peer.id;
        furthest = peer.match;
    }
    return best;
}

}  // namespace

/// From here on nothing is proposed, until the successor leads or an election timeout has passed.
void on(Step& step, const Transfer& transfer) {
    auto& state = step.state;
    if (!leads(state)) return;
    const auto to = transfer.to == NodeId{} ? best_successor(step) : transfer.to;
    if (!may_take_over(step, to)) return;
    state.leading.handover = {to, step.now + state.options.election};
    hand_over_when_ready(step);
}

void on(Step& step, const StandBack&) {
    step.state.stands_back = true;
    tell_leader(step);
    on(step, Transfer{});
}

void on(Step& step, const Leave&) {
    step.state.leaves = true;
    on(step, StandBack{});
}

/// The successor needs everything we have, or it could not win; and what was proposed must be
/// secured, for whoever proposed it gets no answer any more once we do not lead. A copy that does
/// not keep up delays that for half the time, no longer. Said again at each heartbeat, for it may
/// be lost.
void hand_over_when_ready(Step& step) {
    const auto& state = step.state;
    const auto& handover = state.leading.handover;
    if (!handover) return;
    const auto* peer = find_peer(state, handover->to);
    if (!peer) return;
    const auto last = state.log.last();
    const bool waits_for_copies = step.now < handover->until - state.options.election / 2;
    const auto answered = waits_for_copies ? secured(state) : state.commit;
    const bool ready = (peer->match == last && answered == last) ||
                       planted(state, Planted::timeout_now_ignores_log);
    if (ready) send(step, peer->id, state.hard.term, TimeoutNow{});
}

}  // namespace cmq::raft
