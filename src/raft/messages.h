// raft/messages.h: what the nodes of a group say to each other.
//
// Journal numbers and wall clocks ride on every message, but consensus never looks at them: the
// shell puts them in and reads them (D3b, D8).
#pragma once

#include <variant>
#include <vector>

#include "raft/types.h"

namespace cmq::raft {

/// "Would you / do you vote for me?" A pre-vote changes nothing at either end [9.6].
struct VoteRequest {
    Index last;
    Term last_term;
    bool pre = false;
    bool transfer = false;  // the leader asked for this election: disturb it [4.2.3]
};
struct VoteReply {
    bool pre = false;
    bool granted = false;  // a pre-vote: then the message's term is the one that was asked for
};
/// Entries after `previous`, none of them for a heartbeat [3.5]. `previous` 0: nothing is said of
/// where the logs agree.
struct Append {
    Index previous;
    Term previous_term;
    std::vector<Entry> entries;
    Index commit;
    std::uint64_t round = 0;  // of heartbeats and reads; echoed [6.4]
};
/// Only an accepted one of the leader's own term promises anything [3.5].
struct AppendReply {
    bool accepted = false;
    Index match;     // accepted: durable here, and equal to the leader's log up to here
    Index verified;  // accepted: the same, durable or not
    Index refused;   // not accepted: the `previous` that is refused,
    Index hint;      //   and where the logs may agree: the last index here with
    Term hint_term;  //   a term of at most the leader's previous_term
    std::uint64_t round = 0;
    /// May be a copy: has all bodies that its state wants (D2), and is not about to stop.
    bool complete = true;
    bool stands_back = false;  // takes the lead from nobody
};
/// Start an election now: the leader hands over [3.10].
struct TimeoutNow {};

/// `term` is the sender's (a pre-vote names the term it would have).
struct Message {
    NodeId from, to;
    Term term;
    std::variant<VoteRequest, VoteReply, Append, AppendReply, TimeoutNow> body;
};

}  // namespace cmq::raft
