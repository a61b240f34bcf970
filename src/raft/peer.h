// raft/peer.h: what a leader knows of another node.
//
//     probe --its log agrees somewhere--> replicate --a refusal--> probe
//       |                                                            ^
//       +--what it needs is gone--> snapshot --it was sent-----------+
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "raft/types.h"

namespace cmq::raft {

struct Peer {
    enum class Mode {
        probe,      // where do the logs agree? One append at a time
        replicate,  // a window of appends, the next before the last is answered
        snapshot,   // nothing but heartbeats until it has one
    };
    /// Entries sent and not acknowledged.
    struct Flight {
        Index last;
        Term term;  // of the last
        std::size_t bytes = 0;
    };
    /// As a synchronous copy (D9); `joining` holds answers back already, but promises nothing yet.
    /// A learner that keeps up is `in` too, and holds nothing back.
    enum class Copy { out, joining, in };

    NodeId id;
    Mode mode = Mode::probe;
    Index match;  // on disk there, and equal to our log up to here
    Index next;   // to be sent
    std::vector<Flight> flights;
    std::size_t flight_bytes = 0;
    bool asked = false;           // probe: wait for the answer
    bool loading = false;         // entries come from the log on disk
    bool snapshot_asked = false;  // of the shell, until SnapshotSent
    Steady heard;
    std::uint64_t round = 0;  // the latest that it echoed
    bool complete = false;    // may be a copy, as it says itself
    bool stands_back = false;

    Copy copy = Copy::out;
    Steady keeps_up_since = Steady::max();  // max: it does not
};

}  // namespace cmq::raft
