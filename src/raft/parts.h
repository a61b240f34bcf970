// raft/parts.h: what the files of this room share. Not for others: they include core.h.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include "raft/core.h"

namespace cmq::raft {

/// One call of `step` on its way through the room.
struct Step {
    State& state;
    Steady now;
    Output& output;
    Index cut_from = {};  // entries from here on are replaced in the log on disk
};

inline bool planted(const State& state, Planted rule) { return state.options.planted == rule; }

// core.cpp
template <class Body>
void send(Step& step, NodeId to, Term term, Body body) {
    step.output.send.push_back({step.state.self, to, term, std::move(body)});
}
void damage(Step& step, std::string what);

// election.cpp: terms and votes
void become_follower(Step& step, Term term, NodeId leader);
void wait_for_leader(Step& step);     // the election timer starts again
void elect_when_due(Step& step);      // Tick, but on a leader
void keep_vote_promises(Step& step);  // what waited for the disk
bool heard_leader(const Step& step);  // within an election timeout
bool may_campaign(const State& state);
void on(Step& step, const Message& message, const VoteRequest& request);
void on(Step& step, const Message& message, const VoteReply& reply);
void on(Step& step, const Message& message, const TimeoutNow&);

// follower.cpp: what a leader tells us
void on(Step& step, const Message& message, const Append& append);
void keep_append_promises(Step& step);
void tell_leader(Step& step);  // how things stand here, as soon as it may be said

// leader.cpp: what we tell followers
void become_leader(Step& step);
void stop_leading(Step& step);
void lead_on(Step& step);  // Tick
void append(Step& step, Kind kind, Blob payload);
void broadcast(Step& step);  // a heartbeat that begins a new round
void heartbeat(Step& step, Peer& peer);
void feed(Step& step, Peer& peer);  // whatever it lacks, as far as it may be sent now
void feed_all(Step& step);
void on(Step& step, const Loaded& loaded);

// replies.cpp: what followers tell us
void on(Step& step, const Message& message, const AppendReply& reply);

// commit.cpp
void advance_commit(Step& step);          // leader: copies are counted
void commit_to(Step& step, Index index);  // apply what is committed
void forget_old_entries(State& state);
Index own_match(const State& state);

// reads.cpp
void on(Step& step, const Read& read);
void confirm_reads(Step& step);
void refuse_reads(Step& step);

// handover.cpp
void on(Step& step, const Transfer& transfer);
void on(Step& step, const StandBack&);
void on(Step& step, const Leave&);
void hand_over_when_ready(Step& step);

// membership.cpp
void on(Step& step, const Change& change);
void adopt_configuration(State& state, Index index, Configuration configuration, Steady now);
void roll_back_configurations(State& state, Index from);
void update_peers(State& state, Steady now);

// snapshot.cpp
void on(Step& step, const Installed& installed);
void on(Step& step, const SnapshotSent& sent);
void ask_snapshot(Step& step, Peer& peer);

// copies.cpp
void judge_copies(Step& step);             // at each heartbeat
void review_copy(Step& step, Peer& peer);  // it acknowledged something
void advance_secured(State& state);
bool keeps_up(const Peer& peer);

// A leader's view of others.
Peer* find_peer(State& state, NodeId node);
const Peer* find_peer(const State& state, NodeId node);

/// The highest value that a majority of the voters has reached; `of` gives a voter's.
template <class Of>
auto reached_by_majority(const State& state, Of of) {
    std::array<decltype(of(NodeId{})), voters_max> values;
    std::size_t count = 0;
    for (const auto voter : state.configuration().voters) values[count++] = of(voter);
    const auto needed = majority_of(state.configuration());
    if (planted(state, Planted::learner_counts))
        for (const auto learner : state.configuration().learners)
            if (count < voters_max) values[count++] = of(learner);
    std::sort(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count),
              std::greater<>{});
    return values[needed - 1];
}

}  // namespace cmq::raft
