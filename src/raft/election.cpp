// Terms and votes [3.4], pre-votes [9.6], and what waits for the disk before it is said.

#include "raft/parts.h"

namespace cmq::raft {
namespace {

constexpr int stand_back_timeouts = 10;

bool is_sole_voter(const State& state) {
    const auto& voters = state.configuration().voters;
    return voters.size() == 1 && voters.front() == state.self;
}

/// Whoever may win has all that is committed: it is at least as far as a majority [3.6.1].
bool is_up_to_date(const State& state, const VoteRequest& request) {
    if (planted(state, Planted::vote_without_log_check)) return true;
    if (request.transfer && planted(state, Planted::timeout_now_ignores_log)) return true;
    if (request.last_term != state.log.last_term())
        return request.last_term > state.log.last_term();
    return request.last >= state.log.last();
}

void ask_for_votes(Step& step, VoteRequest request, Term term) {
    const auto& state = step.state;
    request.last = state.log.last();
    request.last_term = state.log.last_term();
    for (const auto voter : state.configuration().voters)
        if (voter != state.self) send(step, voter, term, request);
}

/// A new term begins with the vote for oneself; it is asked for, and counts, once it is durable.
void become_candidate(Step& step, Standing standing) {
    auto& state = step.state;
    become_follower(step, next_term(state.hard.term), NodeId{});
    state.role = Role::candidate;
    state.hard.vote = state.self;
    state.standing = std::move(standing);
    keep_vote_promises(step);
}

void count_vote(Step& step, NodeId voter) {
    auto& state = step.state;
    auto& granted = state.standing.granted;
    if (!is_voter(state.configuration(), voter)) return;
    if (std::ranges::find(granted, voter) == granted.end()) granted.push_back(voter);
    if (granted.size() < majority_of(state.configuration())) return;
    state.role == Role::candidate ? become_leader(step) : become_candidate(step, {});
}

/// Would a majority vote for us? Nothing is changed anywhere before it would [9.6].
void become_pre_candidate(Step& step) {
    auto& state = step.state;
    become_follower(step, state.hard.term, NodeId{});
    state.role = Role::pre_candidate;
    ask_for_votes(step, {.last = {}, .last_term = {}, .pre = true}, next_term(state.hard.term));
    count_vote(step, state.self);
}

void answer_pre_vote(Step& step, const Message& message, const VoteRequest& request) {
    const auto& state = step.state;
    const bool granted =
        message.term > state.hard.term && !heard_leader(step) && is_up_to_date(state, request);
    send(step, message.from, granted ? message.term : state.hard.term, VoteReply{true, granted});
}

}  // namespace

/// Who is removed by a change that is not committed yet may be the only one that can win, though
/// without its own vote [4.2.2].
bool may_campaign(const State& state) {
    if (!state.complete) return false;
    if (is_voter(state.configuration(), state.self)) return true;
    const auto& all = state.configurations;
    return all.back().first > state.commit && is_voter(all.end()[-2].second, state.self);
}

bool heard_leader(const Step& step) {
    const auto& state = step.state;
    if (state.role == Role::leader) return true;
    return state.leader != NodeId{} && step.now - state.leader_heard < state.options.election;
}

void wait_for_leader(Step& step) {
    auto& state = step.state;
    state.election_at = step.now;
    if (is_sole_voter(state)) return;  // nobody to wait for
    // Who stands back still leads when nobody else does.
    const Steady::duration election =
        (state.stands_back ? stand_back_timeouts : 1) * state.options.election;
    const auto drawn = state.chance.draw() % static_cast<std::uint64_t>(election.count());
    state.election_at += election + Steady::duration(drawn);
}

void become_follower(Step& step, Term term, NodeId leader) {
    auto& state = step.state;
    if (state.role == Role::leader) stop_leading(step);
    if (term > state.hard.term || planted(state, Planted::forget_vote_on_term)) {
        state.hard = HardState{term, NodeId{}};
        state.owes_vote = NodeId{};
    }
    state.role = Role::follower;
    state.leader = leader;
    state.standing = {};
    // What is committed is in every later leader's log [3.6.3].
    state.following = {.verified = state.commit, .acknowledged = {}};
    wait_for_leader(step);
}

void elect_when_due(Step& step) {
    auto& state = step.state;
    if (!may_campaign(state) || step.now < state.election_at) return;
    const bool vote_on_its_way = state.role == Role::candidate && !state.standing.asked;
    if (!vote_on_its_way) become_pre_candidate(step);
}

void keep_vote_promises(Step& step) {
    auto& state = step.state;
    const bool durable = state.durable_hard == state.hard;
    if (state.owes_vote != NodeId{} && (durable || planted(state, Planted::vote_before_durable))) {
        send(step, state.owes_vote, state.hard.term, VoteReply{false, true});
        state.owes_vote = NodeId{};
    }
    if (state.role != Role::candidate || state.standing.asked) return;
    if (!durable && !planted(state, Planted::own_vote_before_durable)) return;
    state.standing.asked = true;
    ask_for_votes(step, {.last = {}, .last_term = {}, .transfer = state.standing.transfer},
                  state.hard.term);
    count_vote(step, state.self);
}

/// One vote a term, for the first who asks and is far enough; it is given when it is durable [3.4].
/// Who is no voter here votes too: it may be one in a configuration that it has not seen [4.1].
void on(Step& step, const Message& message, const VoteRequest& request) {
    auto& state = step.state;
    if (request.pre) return answer_pre_vote(step, message, request);
    const bool free = state.hard.vote == NodeId{} || state.hard.vote == message.from ||
                      planted(state, Planted::vote_twice);
    if (message.term < state.hard.term || !free || !is_up_to_date(state, request))
        return send(step, message.from, state.hard.term, VoteReply{false, false});
    state.hard.vote = message.from;
    state.owes_vote = message.from;
    wait_for_leader(step);
    keep_vote_promises(step);
}

void on(Step& step, const Message& message, const VoteReply& reply) {
    auto& state = step.state;
    if (!reply.granted) return;
    const auto role = reply.pre ? Role::pre_candidate : Role::candidate;
    const auto term = reply.pre ? next_term(state.hard.term) : state.hard.term;
    if (state.role == role && message.term == term) count_vote(step, message.from);
}

/// The leader knows that we have everything, and that the others will not hold on to it: no
/// pre-vote [3.10].
void on(Step& step, const Message& message, const TimeoutNow&) {
    const auto& state = step.state;
    if (message.term != state.hard.term || message.from != state.leader) return;
    if (state.role == Role::follower && may_campaign(state) && !state.stands_back)
        become_candidate(step, {.granted = {}, .transfer = true});
}

}  // namespace cmq::raft
