#include "raft/core.h"

#include <algorithm>

#include "base/check.h"
#include "raft/parts.h"

namespace cmq::raft {
namespace {

void on(Step& step, const Tick&) {
    step.state.role == Role::leader ? lead_on(step) : elect_when_due(step);
}

void on(Step& step, const Propose& proposal) {
    CMQ_CHECK(leads(step.state));
    for (const auto& command : proposal.commands) append(step, Kind::command, command);
    feed_all(step);
}

/// A write in flight may replace entries that an earlier one brought: those do not count. An entry
/// that is cut off, and comes back, would otherwise count while it is being overwritten.
Index settled_on_disk(const State& state) {
    auto settled = state.on_disk;
    if (planted(state, Planted::durable_across_cut)) return std::min(settled, state.log.last());
    for (const auto& write : state.writing)
        if (write.cut_from != Index{}) settled = std::min(settled, previous(write.cut_from));
    return settled;
}

void on(Step& step, const Persisted& persisted) {
    auto& state = step.state;
    const auto done = std::ranges::find_if(state.writing, [&](const Write& write) {
        return write.hard == persisted.hard && write.index == persisted.index &&
               write.term == persisted.term;
    });
    CMQ_CHECK(done != state.writing.end());
    for (auto write = state.writing.begin(); write <= done; ++write)
        if (write->end != Index{}) state.on_disk = write->end;
    state.durable_hard = done->hard;
    state.writing.erase(state.writing.begin(), done + 1);
    state.durable = settled_on_disk(state);
    keep_vote_promises(step);
    keep_append_promises(step);
    advance_commit(step);
    hand_over_when_ready(step);
    forget_old_entries(state);
}

bool is_pre_vote(const Message& message) {
    if (const auto* request = std::get_if<VoteRequest>(&message.body)) return request->pre;
    const auto* reply = std::get_if<VoteReply>(&message.body);
    return reply && reply->pre && reply->granted;
}

/// Who hears a leader takes no part in elections that it did not ask for: a node that was cut off
/// must not disturb those that were not [4.2.3].
bool disturbs(const Step& step, const Message& message) {
    const auto* request = std::get_if<VoteRequest>(&message.body);
    return request && !request->transfer && heard_leader(step);
}

/// A higher term is joined at once [3.3]; that of a pre-vote is one that nobody has yet [9.6].
void on(Step& step, const Received& received) {
    const auto& message = received.message;
    if (message.to != step.state.self || message.from == step.state.self) return;
    if (message.term > step.state.hard.term && !is_pre_vote(message)) {
        if (disturbs(step, message)) return;
        become_follower(step, message.term, NodeId{});
    }
    std::visit([&](const auto& body) { raft::on(step, message, body); }, message.body);
}

void on(Step& step, const Complete& complete) { step.state.complete = complete.complete; }

/// Notes what the shell must write, so that Persisted can be understood.
void note_write(Step& step) {
    const auto& output = step.output;
    Write write{step.state.hard, {}, {}, {}, step.cut_from};
    if (output.install) {
        write.index = output.install->index;
        write.term = output.install->term;
        write.end = step.state.log.last();
    }
    if (!output.append.empty()) {
        write.index = output.append.back().index;
        write.term = output.append.back().term;
        write.end = write.index;
    }
    step.state.writing.push_back(write);
}

void check_invariants(const State& state) {
    if (state.options.planted != Planted::none) return;
    CMQ_CHECK(state.log.base() <= state.commit);
    CMQ_CHECK(state.log.floor() <= state.commit);
    CMQ_CHECK(state.commit <= state.log.last());
    CMQ_CHECK(state.durable <= state.log.last());
    CMQ_CHECK(state.log.last_term() <= state.hard.term);
    if (state.role == Role::leader) CMQ_CHECK(state.leader == state.self);
    if (state.role == Role::leader) CMQ_CHECK(state.leading.secured <= state.commit);
}

}  // namespace

std::uint64_t Chance::draw() {
    auto mixed = state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

State::State(Start start)
    : self(start.self),
      options(start.options),
      chance{start.seed},
      complete(start.complete),
      hard(start.hard),
      durable_hard(start.hard),
      log(start.base),
      commit(start.base.index) {
    configurations.emplace_back(start.base.index, std::move(start.base.configuration));
    for (auto& entry : start.entries) {
        CMQ_CHECK(entry.chain == chain_of(entry.kind, *entry.payload, log.chain()));
        if (entry.kind == Kind::configuration) {
            auto configuration = decode_configuration(*entry.payload);
            CMQ_CHECK(configuration);
            configurations.emplace_back(entry.index, *std::move(configuration));
        }
        log.append(std::move(entry));
    }
    on_disk = durable = log.last();
    check_invariants(*this);
}

void damage(Step& step, std::string what) { step.state.damaged = std::move(what); }

Output step(State& state, const Input& input, Steady now) {
    Output output;
    if (!state.damaged.empty()) return output;
    Step step{state, now, output};
    if (!std::exchange(state.started, true)) wait_for_leader(step);
    const auto hard = state.hard;
    std::visit([&](const auto& event) { on(step, event); }, input);
    if (!state.damaged.empty()) {
        output = {};
        output.damaged = state.damaged;
        return output;
    }
    if (state.hard != hard) output.hard = state.hard;
    if (output.hard || output.install || !output.append.empty()) note_write(step);
    check_invariants(state);
    return output;
}

bool leads(const State& state) {
    return state.role == Role::leader && state.commit >= state.leading.term_start &&
           !state.leading.handover;
}

NodeId leader(const State& state) { return state.leader; }

std::optional<Steady> next_wake(const State& state) {
    if (!state.damaged.empty()) return {};
    if (!state.started) return Steady::min();
    if (state.role == Role::leader) {
        if (state.leading.peers.empty()) return {};
        return state.leading.heartbeat_at;
    }
    const bool vote_on_its_way = state.role == Role::candidate && !state.standing.asked;
    if (!may_campaign(state) || vote_on_its_way) return {};
    return state.election_at;
}

}  // namespace cmq::raft
