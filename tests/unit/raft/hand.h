// tests/unit/raft/hand.h: one node whose disk, clock and peers are played by hand.
#pragma once

#include <deque>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "raft/core.h"

namespace cmq::raft::test {

using namespace std::chrono_literals;

constexpr NodeId one{1}, two{2}, three{3}, four{4};

/// Entries 1, 2, ... with these terms and the commands "1", "2", ...
inline std::vector<Entry> log_of(std::initializer_list<std::uint64_t> terms) {
    std::vector<Entry> entries;
    std::uint64_t chain = 0;
    for (const auto term : terms) {
        const Index index{entries.size() + 1};
        Entry entry{index, {term}, Kind::command, 0, make_blob(std::to_string(index.value))};
        chain = entry.chain = chain_of(entry.kind, *entry.payload, chain);
        entries.push_back(std::move(entry));
    }
    return entries;
}

/// Those of `entries` with indexes in [first, last].
inline std::vector<Entry> part(const std::vector<Entry>& entries, std::uint64_t first,
                               std::uint64_t last) {
    std::vector<Entry> some;
    for (const auto& entry : entries)
        if (entry.index.value >= first && entry.index.value <= last) some.push_back(entry);
    return some;
}

inline Start start_of(std::vector<NodeId> voters, std::uint64_t term = 0,
                      std::vector<Entry> entries = {}) {
    Start start;
    start.self = one;
    start.hard.term = Term{term};
    start.base.configuration.voters = std::move(voters);
    start.entries = std::move(entries);
    start.seed = 1;
    return start;
}

struct Hand {
    explicit Hand(Start start) : state(std::move(start)) { give(Complete{state.complete}); }

    Output give(const Input& input) {
        auto output = step(state, input, now);
        if (output.hard || output.install || !output.append.empty()) {
            Persisted written{state.hard, {}, {}};
            if (output.install) written = {state.hard, output.install->index, output.install->term};
            if (!output.append.empty())
                written = {state.hard, output.append.back().index, output.append.back().term};
            writes.push_back(written);
        }
        return output;
    }
    template <class Body>
    Output hear(NodeId from, std::uint64_t term, Body body) {
        return give(Received{Message{from, state.self, Term{term}, std::move(body)}});
    }
    /// The oldest write is on disk.
    Output persist() {
        const auto written = writes.front();
        writes.pop_front();
        return give(written);
    }
    void persist_all() {
        while (!writes.empty()) persist();
    }
    Output tick(std::chrono::milliseconds passed = {}) {
        now += passed;
        return give(Tick{});
    }
    Output propose(std::string command) { return give(Propose{{make_blob(std::move(command))}}); }
    /// Everything up to `match` is on disk there.
    AppendReply acknowledgement(std::uint64_t match) const {
        AppendReply reply;
        reply.accepted = true;
        reply.match = reply.verified = Index{match};
        reply.round = state.leading.round;
        return reply;
    }
    Output acknowledge(NodeId from, std::uint64_t match) {
        return hear(from, state.hard.term.value, acknowledgement(match));
    }
    std::uint64_t term() const { return state.hard.term.value; }

    State state;
    Steady now{1h};
    std::deque<Persisted> writes;
};

/// What `output` sends to `to`, of one kind.
template <class Body>
std::vector<Body> sent(const Output& output, NodeId to) {
    std::vector<Body> bodies;
    for (const auto& message : output.send)
        if (const auto* body = std::get_if<Body>(&message.body); body && message.to == to)
            bodies.push_back(*body);
    return bodies;
}

/// Wins an election among `start`'s voters; its no-op is on its own disk only.
inline Hand elected(Start start) {
    Hand hand(std::move(start));
    hand.tick(600ms);
    const auto next = hand.term() + 1;
    for (const auto voter : hand.state.configuration().voters)
        if (voter != one) hand.hear(voter, next, VoteReply{true, true});
    hand.persist_all();
    for (const auto voter : hand.state.configuration().voters)
        if (voter != one) hand.hear(voter, next, VoteReply{false, true});
    hand.persist_all();
    return hand;
}

/// The same, and all voters have its no-op.
inline Hand leading(Start start) {
    auto hand = elected(std::move(start));
    for (const auto voter : hand.state.configuration().voters)
        if (voter != one) hand.acknowledge(voter, hand.state.log.last().value);
    return hand;
}

/// Follows node 2 in `term`, with these entries on disk, of which nothing is known to be committed.
inline Hand following(std::uint64_t term, std::vector<Entry> entries = {}) {
    Hand hand(start_of({one, two, three}, term, std::move(entries)));
    hand.hear(two, term, Append{});
    return hand;
}

}  // namespace cmq::raft::test
