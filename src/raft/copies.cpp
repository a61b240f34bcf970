// Which voters are synchronous copies, and what is on disk at all of them (D9).
//
//     out --keeps up for sync_patience--> joining --has all that was answered--> in
//      ^                                     |                                    |
//      +------ entries of sync_patience ago are missing, bodies are, or it leaves -+

#include "raft/parts.h"

namespace cmq::raft {
namespace {

bool is_complete(const State& state, const Peer& peer) {
    if (planted(state, Planted::in_sync_counts_incomplete)) return true;
    return peer.complete && !peer.snapshot_asked;  // a snapshot brings no bodies (D2)
}

/// The latest of the milestones that are old enough comes first; the last is the last heartbeat.
void pass_milestone(Step& step) {
    auto& state = step.state;
    auto& all = state.leading.milestones;
    all.push_back({step.now, state.log.last(), state.commit});
    while (all.size() > 1 && step.now - all[1].at >= state.options.sync_patience)
        all.erase(all.begin());
}

/// Something that was there sync_patience ago has not arrived yet.
bool lags(const Step& step, const Peer& peer) {
    const auto& oldest = step.state.leading.milestones.front();
    return step.now - oldest.at >= step.state.options.sync_patience && peer.match < oldest.last;
}

/// It keeps up when it always has what was committed a heartbeat ago.
void judge(Step& step, Peer& peer, Index committed) {
    auto& state = step.state;
    const bool complete = is_complete(state, peer);
    if (!complete || lags(step, peer)) peer.copy = Peer::Copy::out;
    if (!complete || peer.match < committed) peer.keeps_up_since = Steady::max();
    if (!complete || peer.match < committed || peer.copy != Peer::Copy::out) return;
    peer.keeps_up_since = std::min(peer.keeps_up_since, step.now);
    if (step.now - peer.keeps_up_since >= state.options.sync_patience)
        peer.copy = Peer::Copy::joining;
}

/// The lowest of those that count.
template <class Counts>
Index lowest_match(const State& state, Counts counts) {
    auto lowest = state.commit;
    if (is_voter(state.configuration(), state.self)) lowest = std::min(lowest, own_match(state));
    for (const auto& peer : state.leading.peers)
        if (is_voter(state.configuration(), peer.id) && counts(peer))
            lowest = std::min(lowest, peer.match);
    return lowest;
}

Index copied(const State& state) {
    if (planted(state, Planted::secured_ignores_slow)) return state.commit;
    switch (state.options.copies) {
        case Copies::majority:
            return state.commit;
        case Copies::all:
            return lowest_match(state, [](const Peer&) { return true; });
        case Copies::in_sync:
            return lowest_match(state, [](const Peer& peer) { return keeps_up(peer); });
    }
    return {};
}

}  // namespace

bool keeps_up(const Peer& peer) { return peer.copy != Peer::Copy::out; }

void judge_copies(Step& step) {
    auto& leading = step.state.leading;
    const auto committed =
        leading.milestones.empty() ? step.state.commit : leading.milestones.back().commit;
    pass_milestone(step);
    for (auto& peer : leading.peers) judge(step, peer, committed);
    advance_secured(step.state);
}

/// A new leader's first copies are those that acknowledge its no-op. Who says that it is none is
/// none at once: a node that stops on purpose must not hold answers up until it is missed. When
/// that is heard late, of an earlier life of the node, it costs it one heartbeat and the patience.
void review_copy(Step& step, Peer& peer) {
    const auto& state = step.state;
    const auto& leading = state.leading;
    if (!is_complete(state, peer)) {
        peer.copy = Peer::Copy::out;
        peer.keeps_up_since = Steady::max();
        return;
    }
    const bool begins = step.now - leading.since < state.options.sync_patience;
    if (peer.copy == Peer::Copy::out && begins && peer.match >= leading.term_start)
        peer.copy = Peer::Copy::joining;
}

/// Answers never become less sure: who joins holds them back, and counts once it has them all.
void advance_secured(State& state) {
    auto& leading = state.leading;
    leading.secured = std::max(leading.secured, copied(state));
    for (auto& peer : leading.peers)
        if (peer.copy == Peer::Copy::joining && peer.match >= leading.secured)
            peer.copy = Peer::Copy::in;
}

Index secured(const State& state) { return state.leading.secured; }

std::size_t copies_in_sync(const State& state) {
    if (state.role != Role::leader) return 0;
    const auto others = std::ranges::count_if(state.leading.peers, [&](const Peer& peer) {
        return is_voter(state.configuration(), peer.id) && peer.copy == Peer::Copy::in;
    });
    const std::size_t own = is_voter(state.configuration(), state.self) ? 1 : 0;
    return own + static_cast<std::size_t>(others);
}

bool lacks_copies(const State& state) {
    return state.options.copies == Copies::all && state.role == Role::leader &&
           std::ranges::any_of(state.leading.peers, [&](const Peer& peer) {
               return is_voter(state.configuration(), peer.id) && !keeps_up(peer);
           });
}

}  // namespace cmq::raft
