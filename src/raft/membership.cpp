// Who belongs to the group: one node at a time, in force as soon as it is in the log [4.1, 4.2].

#include "base/check.h"
#include "raft/parts.h"

namespace cmq::raft {
namespace {

enum class Part { none, learner, voter };

Part part_of(const Configuration& configuration, NodeId node) {
    if (is_voter(configuration, node)) return Part::voter;
    return is_member(configuration, node) ? Part::learner : Part::none;
}

std::vector<NodeId> all_of(const Configuration& a, const Configuration& b) {
    std::vector<NodeId> nodes;
    for (const auto* list : {&a.voters, &a.learners, &b.voters, &b.learners})
        nodes.insert(nodes.end(), list->begin(), list->end());
    std::ranges::sort(nodes);
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
}

/// Majorities before and after one step have a node in common; those of two steps may not [4.1].
Status check_single_step(const State& state, const Configuration& to) {
    const auto& from = state.configuration();
    NodeId changed;
    for (const auto node : all_of(from, to)) {
        if (part_of(from, node) == part_of(to, node)) continue;
        if (changed != NodeId{}) return fail(Code::invalid, "one node at a time");
        changed = node;
    }
    if (changed == NodeId{}) return fail(Code::invalid, "nothing would change");
    if (part_of(to, changed) != Part::voter) return {};
    if (part_of(from, changed) == Part::none)
        return fail(Code::invalid, "a new node is a learner first");
    const auto* peer = find_peer(state, changed);
    if (!peer || !keeps_up(*peer))
        return fail(Code::unavailable, "the learner does not keep up yet, try again");
    return {};
}

/// Both waits are needed: a new leader may not know of a change that an earlier one committed, and
/// two changes under way may have majorities that do not meet [4.1].
Status check_settled(const State& state) {
    if (state.role != Role::leader) return fail(Code::unavailable, "this node does not lead");
    if (state.leading.handover) return fail(Code::unavailable, "the lead is being handed over");
    if (state.commit < state.leading.term_start && !planted(state, Planted::change_before_noop))
        return fail(Code::unavailable, "nothing of this term is committed yet, try again");
    if (state.commit < state.configurations.back().first &&
        !planted(state, Planted::two_changes_at_once))
        return fail(Code::unavailable, "the last change is not committed yet, try again");
    return {};
}

}  // namespace

Status may_change(const State& state, const Configuration& to) {
    CMQ_TRY(check(to));
    CMQ_TRY(check_settled(state));
    return check_single_step(state, to);
}

void on(Step& step, const Change& change) {
    auto& state = step.state;
    CMQ_CHECK(may_change(state, change.configuration));
    append(step, Kind::configuration, make_blob(encode(change.configuration)));
    adopt_configuration(state, state.log.last(), change.configuration, step.now);
    feed_all(step);
    advance_commit(step);
}

void adopt_configuration(State& state, Index index, Configuration configuration, Steady now) {
    state.configurations.emplace_back(index, std::move(configuration));
    if (state.role == Role::leader) update_peers(state, now);
}

void roll_back_configurations(State& state, Index from) {
    if (planted(state, Planted::configuration_not_rolled_back)) return;
    auto& all = state.configurations;
    while (all.size() > 1 && all.back().first >= from) all.pop_back();
}

/// A node that stays keeps what is known of it.
void update_peers(State& state, Steady now) {
    std::vector<Peer> peers;
    const auto& configuration = state.configuration();
    for (const auto node : all_of(configuration, configuration)) {
        if (node == state.self) continue;
        const auto* known = find_peer(state, node);
        auto& peer = peers.emplace_back(known ? *known : Peer{});
        if (known) continue;
        peer.id = node;
        peer.next = next(state.log.last());
        peer.heard = now;
    }
    // A learner promises no copy: as a voter it has to show it.
    for (auto& peer : peers)
        if (peer.copy == Peer::Copy::in && is_voter(configuration, peer.id) &&
            peer.match < state.leading.secured)
            peer.copy = Peer::Copy::joining;
    state.leading.peers = std::move(peers);
}

const Configuration& configuration_at(const State& state, Index index) {
    const auto& all = state.configurations;
    auto at = all.size() - 1;
    while (at > 0 && all[at].first > index) --at;
    return all[at].second;
}

}  // namespace cmq::raft
