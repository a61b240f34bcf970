// What a leader tells us: appends are compared, taken, and acknowledged once they are durable
// [3.5].

#include "raft/parts.h"

namespace cmq::raft {
namespace {

std::string number(Index index) { return std::to_string(index.value); }

/// A follower's promise: on disk here, and equal to this leader's log.
Index provable(const State& state) {
    if (planted(state, Planted::ack_unverified)) return state.durable;
    if (planted(state, Planted::ack_before_durable)) return state.following.verified;
    return std::min(state.durable, state.following.verified);
}

AppendReply reply_of(const State& state) {
    AppendReply reply;
    reply.round = state.following.round;
    reply.complete = state.complete && !state.leaves;
    reply.stands_back = state.stands_back;
    return reply;
}

void acknowledge(Step& step) {
    auto& following = step.state.following;
    auto reply = reply_of(step.state);
    reply.accepted = true;
    reply.match = provable(step.state);
    reply.verified = following.verified;
    following.acknowledged = reply.match;
    following.owes_reply = false;
    send(step, step.state.leader, step.state.hard.term, reply);
}

/// Says where the logs may agree, so that the leader skips whole terms at a time [3.5].
void refuse(Step& step, const Append& append) {
    const auto& state = step.state;
    const auto hint = state.log.last_at_most(append.previous, append.previous_term);
    auto reply = reply_of(state);
    reply.refused = append.previous;
    reply.hint = std::max(hint, state.commit);
    reply.hint_term = *state.log.term_at(reply.hint);
    send(step, state.leader, state.hard.term, reply);
}

void follow(Step& step, NodeId leader) {
    auto& state = step.state;
    if (state.role != Role::follower || state.leader != leader)
        become_follower(step, state.hard.term, leader);
    state.leader_heard = step.now;
    wait_for_leader(step);
}

/// What is committed here is in the leader's log too [3.6.3]: it need not be compared.
bool agrees(const State& state, const Append& append) {
    return append.previous <= state.commit ||
           state.log.term_at(append.previous) == append.previous_term;
}

void cut(Step& step, Index from) {
    auto& state = step.state;
    state.log.cut(from);
    roll_back_configurations(state, from);
    state.durable = std::min(state.durable, previous(from));
    state.following.verified = std::min(state.following.verified, previous(from));
    step.cut_from = from;
}

/// Only entries that differ are replaced: a late copy of an old append must not undo a newer [3.5].
bool is_there(const State& state, const Entry& entry) {
    const bool replaces = planted(state, Planted::truncate_committed) &&
                          entry.index > state.commit && entry.index < state.log.last();
    return state.log.term_at(entry.index) == entry.term && !replaces;
}

bool extends(const State& state, const Entry& entry) {
    return entry.payload && entry.term >= state.log.last_term() && entry.term <= state.hard.term &&
           entry.chain == chain_of(entry.kind, *entry.payload, state.log.chain());
}

void take_new(Step& step, const Entry& entry) {
    auto& state = step.state;
    if (!extends(state, entry))
        return damage(step, "entry " + number(entry.index) + " does not continue the log here");
    if (entry.kind == Kind::configuration) {
        auto configuration = decode_configuration(*entry.payload);
        if (!configuration) return damage(step, configuration.error().message);
        adopt_configuration(state, entry.index, *std::move(configuration), step.now);
    }
    state.log.append(entry);
    step.output.append.push_back(entry);
}

void take(Step& step, const Entry& entry) {
    auto& state = step.state;
    if (entry.index < state.log.base()) return;
    if (is_there(state, entry)) {
        const auto chain = state.log.chain_at(entry.index);
        if (chain && *chain != entry.chain)
            damage(step, "entry " + number(entry.index) + " is another at the leader");
        return;
    }
    if (entry.index <= state.commit)
        return damage(step, "entry " + number(entry.index) +
                                " is committed here, and of another term at the leader");
    if (entry.index <= state.log.last()) cut(step, entry.index);
    take_new(step, entry);
}

void take_all(Step& step, const Append& append) {
    auto expected = append.previous;
    for (const auto& entry : append.entries) {
        expected = next(expected);
        if (entry.index != expected) return damage(step, "an append has a gap");
        take(step, entry);
        if (!step.state.damaged.empty()) return;
    }
}

bool term_is_durable(const State& state) { return state.durable_hard.term == state.hard.term; }

}  // namespace

void on(Step& step, const Message& message, const Append& append) {
    auto& state = step.state;
    if (message.term < state.hard.term && !planted(state, Planted::no_term_check_on_append))
        return send(step, message.from, state.hard.term, AppendReply{});  // it learns of our term
    if (state.role == Role::leader) return damage(step, "two leaders in one term");
    follow(step, message.from);
    auto& following = state.following;
    following.round = std::max(following.round, append.round);
    if (!agrees(state, append)) return refuse(step, append);
    take_all(step, append);
    if (!state.damaged.empty()) return;
    const Index compared{append.previous.value + append.entries.size()};
    following.verified = std::max(following.verified, std::min(compared, state.log.last()));
    commit_to(step, std::min(append.commit, following.verified));
    const bool settled = append.entries.empty() || provable(state) >= compared;
    following.owes_reply = true;
    if (settled && term_is_durable(state)) acknowledge(step);
}

void tell_leader(Step& step) {
    step.state.following.owes_reply = true;
    keep_append_promises(step);
}

void keep_append_promises(Step& step) {
    const auto& state = step.state;
    if (state.role != Role::follower || state.leader == NodeId{} || !term_is_durable(state)) return;
    if (state.following.owes_reply || provable(state) > state.following.acknowledged)
        acknowledge(step);
}

}  // namespace cmq::raft
