// What followers tell us.

#include "raft/parts.h"

namespace cmq::raft {
namespace {

void land(Peer& peer) {
    const auto on_its_way = std::ranges::find_if(
        peer.flights, [&](const Peer::Flight& flight) { return flight.last > peer.match; });
    for (auto flight = peer.flights.begin(); flight < on_its_way; ++flight)
        peer.flight_bytes -= flight->bytes;
    peer.flights.erase(peer.flights.begin(), on_its_way);
}

void accepted(const State& state, Peer& peer, const AppendReply& reply) {
    const auto match = std::min(reply.match, state.log.last());
    const auto agreed = std::max(match, std::min(reply.verified, state.log.last()));
    peer.match = std::max(peer.match, match);
    land(peer);
    const bool found = peer.mode == Peer::Mode::probe && next(agreed) >= peer.next;
    const bool restored = peer.mode == Peer::Mode::snapshot && match >= state.log.base();
    if (found || restored) {
        peer.mode = Peer::Mode::replicate;
        peer.next = next(agreed);
    }
    peer.next = std::max(peer.next, next(peer.match));
}

/// Where the logs may agree, from the follower's hint: of all that is of a later term than its
/// entry there, nothing is the same.
Index next_to_try(const State& state, const Peer& peer, const AppendReply& reply) {
    auto agreed = reply.hint;
    if (agreed >= state.log.base()) agreed = state.log.last_at_most(agreed, reply.hint_term);
    agreed = std::min(agreed, previous(reply.refused));
    return next(std::max(agreed, peer.match));
}

/// An answer to an earlier question must not move us back again.
bool is_stale(const Peer& peer, const AppendReply& reply) {
    if (peer.mode == Peer::Mode::snapshot || reply.refused <= peer.match) return true;
    return peer.mode == Peer::Mode::probe && reply.refused != previous(peer.next);
}

void refused(const State& state, Peer& peer, const AppendReply& reply) {
    if (is_stale(peer, reply)) return;
    peer.next = next_to_try(state, peer, reply);
    peer.mode = Peer::Mode::probe;
    peer.asked = false;
    peer.flights.clear();
    peer.flight_bytes = 0;
}

void note_hearing(Peer& peer, const AppendReply& reply, Steady now) {
    peer.heard = now;
    if (reply.round < peer.round) return;  // overtaken by a later one
    const bool later = reply.round > peer.round;
    peer.complete = reply.complete && (peer.complete || later);
    peer.stands_back = reply.stands_back || (peer.stands_back && !later);
    peer.round = reply.round;
}

}  // namespace

void on(Step& step, const Message& message, const AppendReply& reply) {
    auto& state = step.state;
    auto* peer = find_peer(state, message.from);
    const bool stale =
        message.term != state.hard.term && !planted(state, Planted::stale_reply_counts);
    if (!peer || stale) return;
    note_hearing(*peer, reply, step.now);
    reply.accepted ? accepted(state, *peer, reply) : refused(state, *peer, reply);
    feed(step, *peer);
    review_copy(step, *peer);
    confirm_reads(step);
    advance_commit(step);  // it may end our lead
    hand_over_when_ready(step);
}

}  // namespace cmq::raft
