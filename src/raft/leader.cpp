// What we tell followers: their log is made equal to ours, by appends that do not wait for each
// other [3.5, 10.2.1].

#include "base/check.h"
#include "raft/parts.h"

namespace cmq::raft {
namespace {

bool may_send(const State& state, const Peer& peer) {
    if (peer.loading) return false;
    switch (peer.mode) {
        case Peer::Mode::probe:
            return !peer.asked;
        case Peer::Mode::replicate:
            return peer.flights.size() < state.options.window_messages &&
                   peer.flight_bytes < state.options.window_bytes;
        case Peer::Mode::snapshot:
            return false;
    }
    return false;
}

std::vector<Entry> entries_from(const State& state, Index first) {
    std::vector<Entry> entries;
    std::size_t bytes = 0;
    for (const auto* entry = state.log.find(first); entry; entry = state.log.find(first)) {
        bytes += weight_of(*entry);
        if (!entries.empty() && bytes > state.options.append_bytes_max) break;
        entries.push_back(*entry);
        first = next(first);
    }
    return entries;
}

void ship(Step& step, Peer& peer, Term previous_term, std::vector<Entry> entries) {
    const auto& state = step.state;
    const auto before = previous(peer.next);
    if (peer.mode == Peer::Mode::replicate) {
        Peer::Flight flight{entries.back().index, entries.back().term, 0};
        for (const auto& entry : entries) flight.bytes += weight_of(entry);
        peer.flight_bytes += flight.bytes;
        peer.next = next(flight.last);
        peer.flights.push_back(flight);
    }
    peer.asked = true;
    send(step, peer.id, state.hard.term,
         Append{before, previous_term, std::move(entries), state.commit, state.leading.round});
}

/// Below the base it is known of what was just sent.
std::optional<Term> term_before_next(const State& state, const Peer& peer) {
    if (peer.mode == Peer::Mode::snapshot) return {};
    if (!peer.flights.empty()) return peer.flights.back().term;
    return state.log.term_at(previous(peer.next));
}

/// What is committed, and is the entry that we hold there. What else the disk had was replaced: an
/// older file may still have it, while what took its place lies in the one that is being written.
std::vector<Entry> still_ours(const State& state, const std::vector<Entry>& entries) {
    const auto replaced = std::ranges::find_if(entries, [&](const Entry& entry) {
        const auto ours = state.log.term_at(entry.index);
        return entry.index > state.commit || (ours && *ours != entry.term);
    });
    return {entries.begin(), replaced};
}

/// A leader that has not heard a majority for an election timeout may have a successor [6.2].
bool has_quorum(const Step& step) {
    const auto heard = reached_by_majority(step.state, [&](NodeId voter) {
        const auto* peer = find_peer(step.state, voter);
        if (voter == step.state.self) return step.now;
        return peer ? peer->heard : Steady::min();
    });
    return step.now - heard < step.state.options.election;
}

}  // namespace

/// The no-op lets the leader commit, and so learn, what earlier terms left behind [6.4].
void become_leader(Step& step) {
    auto& state = step.state;
    state.role = Role::leader;
    state.leader = state.self;
    state.leading = {};
    state.leading.term_start = next(state.log.last());
    state.leading.since = step.now;
    state.leading.heartbeat_at = step.now + state.options.heartbeat;
    update_peers(state, step.now);
    append(step, Kind::no_op, make_blob({}));
    feed_all(step);
    advance_commit(step);
}

void stop_leading(Step& step) {
    refuse_reads(step);
    step.state.leading = {};
}

void lead_on(Step& step) {
    auto& state = step.state;
    auto& leading = state.leading;
    if (leading.peers.empty() || step.now < leading.heartbeat_at) return;
    if (!has_quorum(step)) return become_follower(step, state.hard.term, NodeId{});
    leading.heartbeat_at = step.now + state.options.heartbeat;
    if (leading.handover && step.now >= leading.handover->until) leading.handover.reset();
    broadcast(step);
    hand_over_when_ready(step);
    judge_copies(step);
}

void append(Step& step, Kind kind, Blob payload) {
    auto& state = step.state;
    Entry entry{next(state.log.last()), state.hard.term, kind, 0, std::move(payload)};
    entry.chain = chain_of(kind, *entry.payload, state.log.chain());
    state.log.append(entry);
    step.output.append.push_back(std::move(entry));
}

void broadcast(Step& step) {
    auto& leading = step.state.leading;
    ++leading.round;
    for (auto& peer : leading.peers) heartbeat(step, peer);
    confirm_reads(step);
}

/// An append without entries: it also shows whether those before it arrived. When we do not know
/// what lies before, it speaks of the log's beginning, where all agree.
void heartbeat(Step& step, Peer& peer) {
    const auto& state = step.state;
    const auto known = term_before_next(state, peer);
    const auto before = known ? previous(peer.next) : Index{};
    const auto term = known.value_or(Term{});
    send(step, peer.id, state.hard.term,
         Append{before, term, {}, state.commit, state.leading.round});
    if (!known) peer.asked = false;
    feed(step, peer);
}

void feed(Step& step, Peer& peer) {
    const auto& state = step.state;
    while (peer.next <= state.log.last() && may_send(state, peer)) {
        const auto before = previous(peer.next);
        if (state.log.find(peer.next)) {
            ship(step, peer, *state.log.term_at(before), entries_from(state, peer.next));
            continue;
        }
        peer.loading = true;
        step.output.load.push_back({peer.id, before, state.options.append_bytes_max});
    }
}

void feed_all(Step& step) {
    for (auto& peer : step.state.leading.peers) feed(step, peer);
}

void on(Step& step, const Loaded& loaded) {
    auto* peer = find_peer(step.state, loaded.peer);
    if (!peer || !std::exchange(peer->loading, false)) return;
    if (loaded.previous != previous(peer->next)) return feed(step, *peer);
    if (loaded.gone) return ask_snapshot(step, *peer);
    auto entries = still_ours(step.state, loaded.entries);
    if (entries.empty()) return;  // the next heartbeat asks again
    CMQ_CHECK(entries.front().index == peer->next);
    if (may_send(step.state, *peer)) ship(step, *peer, loaded.previous_term, std::move(entries));
    feed(step, *peer);
}

Peer* find_peer(State& state, NodeId node) {
    for (auto& peer : state.leading.peers)
        if (peer.id == node) return &peer;
    return nullptr;
}

const Peer* find_peer(const State& state, NodeId node) {
    for (const auto& peer : state.leading.peers)
        if (peer.id == node) return &peer;
    return nullptr;
}

}  // namespace cmq::raft
