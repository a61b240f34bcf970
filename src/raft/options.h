// raft/options.h: what may be set about consensus.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cmq::raft {

/// How many copies an answer waits for (D9). Commit is always a majority's.
enum class Copies {
    in_sync,   // every voter that keeps up
    majority,  // do not wait for more
    all,       // every voter; refuse proposals when one does not keep up
};

/// Rules that can be broken on purpose, to prove that the tests would notice. Only tests set this.
enum class Planted {
    none,
    // votes [3.4, 3.6.1]
    vote_twice,               // a vote that was given is not looked at
    forget_vote_on_term,      // and is lost when a leader shows up in its own term
    vote_without_log_check,   // for a candidate with an older log
    vote_before_durable,      // the answer leaves before the vote is on disk
    own_vote_before_durable,  // the request leaves before the own vote is on disk
    timeout_now_ignores_log,  // a handover does not wait, and its election checks no log
    // replication [3.5, 3.6.2]
    commit_old_term,          // an old term's entry is committed by counting copies
    leader_counts_unwritten,  // what the leader has not on disk counts for itself
    ack_unverified,           // what was not compared with this leader's log is acknowledged
    ack_before_durable,       // what is not on disk is acknowledged
    durable_across_cut,       // an entry that a write in flight cuts off counts as durable
    truncate_committed,       // a late copy of an append cuts off what came after it
    no_term_check_on_append,  // an old leader's append is taken
    stale_reply_counts,       // an acknowledgement of an earlier term counts
    // reads [6.4]
    read_before_own_term,  // before the leader knows what is committed
    read_without_round,    // without asking whether it leads still
    // membership [4.1]
    change_before_noop,             // before an entry of the leader's term is committed
    two_changes_at_once,            // before the last change is committed
    configuration_not_rolled_back,  // a change that is cut off stays in force
    learner_counts,                 // a learner's copy counts
    // snapshots [5]
    snapshot_goes_back,                // one below the commit index is taken
    snapshot_drops_acknowledged_tail,  // entries above it that match are not kept
    // copies (D9)
    in_sync_counts_incomplete,  // a node without its bodies counts as a copy
    secured_ignores_slow,       // an answer does not wait for the in-sync nodes
};

struct Options {
    std::chrono::milliseconds heartbeat{50};
    std::chrono::milliseconds election{300};  // each timeout is drawn from [election, 2 * election)
    std::size_t window_messages = 64;         // in flight to a follower, and
    std::size_t window_bytes = 8u << 20;      //   their entries' bytes
    std::size_t append_bytes_max = 1u << 20;  // of one message; a larger entry goes alone
    std::size_t recent_bytes = 32u << 20;     // committed entries kept in memory for followers
    std::chrono::milliseconds sync_patience{300};
    Copies copies = Copies::in_sync;
    Planted planted = Planted::none;
};

}  // namespace cmq::raft
