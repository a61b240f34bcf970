// Whole states in place of entries that are gone [5].

#include "raft/parts.h"

namespace cmq::raft {
namespace {

/// Of a log that agrees with the base everything above it stays: it may be acknowledged [5.4].
void begin_at(Step& step, const Base& base) {
    auto& state = step.state;
    const bool agrees = state.log.term_at(base.index) == base.term && base.index > state.commit &&
                        !planted(state, Planted::snapshot_drops_acknowledged_tail);
    if (agrees) {
        state.log.begin_at(base);
    } else {
        step.cut_from = next(std::min(state.commit, state.log.last()));
        state.durable = std::min(state.durable, state.commit);
        state.log = Entries(base);
    }
    auto& all = state.configurations;
    std::erase_if(all, [&](const auto& one) {
        return one.first <= base.index || one.first > state.log.last();
    });
    all.emplace(all.begin(), base.index, base.configuration);
}

void weigh_recent(State& state) {
    state.recent_bytes = 0;
    for (auto index = next(state.log.floor()); index <= state.commit; index = next(index))
        state.recent_bytes += weight_of(*state.log.find(index));
}

}  // namespace

/// It is acknowledged like an append: when Persisted says that it is on disk.
void on(Step& step, const Installed& installed) {
    auto& state = step.state;
    const auto& base = installed.base;
    if (installed.term < state.hard.term || state.role == Role::leader) return;
    if (installed.term > state.hard.term) become_follower(step, installed.term, installed.from);
    if (base.index <= state.commit && !planted(state, Planted::snapshot_goes_back)) return;
    const auto chain = state.log.chain_at(base.index);
    if (state.log.term_at(base.index) == base.term && chain && *chain != base.chain)
        return damage(step, "the snapshot's log is not the one here");
    begin_at(step, base);
    state.commit = base.index;
    state.following.verified = std::max(state.following.verified, base.index);
    weigh_recent(state);
    step.output.install = base;
}

void ask_snapshot(Step& step, Peer& peer) {
    peer.mode = Peer::Mode::snapshot;
    peer.flights.clear();
    peer.flight_bytes = 0;
    peer.copy = Peer::Copy::out;
    if (!std::exchange(peer.snapshot_asked, true)) step.output.snapshot.push_back(peer.id);
}

/// One that failed is tried again after a heartbeat.
void on(Step& step, const SnapshotSent& sent) {
    auto* peer = find_peer(step.state, sent.peer);
    if (!peer) return;
    peer->snapshot_asked = false;
    if (peer->mode != Peer::Mode::snapshot) return;
    peer->mode = Peer::Mode::probe;
    peer->asked = true;
    peer->next = next(peer->match);
    if (!sent.ok) return;
    peer->next = next(std::clamp(sent.index, peer->match, step.state.log.last()));
    heartbeat(step, *peer);
}

}  // namespace cmq::raft
