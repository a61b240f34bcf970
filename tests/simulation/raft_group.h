// tests/simulation/raft_group.h: a group of nodes, their disks and the network between them, in one
// thread and virtual time.
#pragma once

#include <cstdint>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/simulation/raft_chance.h"
#include "tests/simulation/raft_judge.h"
#include "tests/simulation/raft_node.h"

namespace cmq::simulation {

/// How bad the world is.
struct RaftWorld {
    std::uint64_t loss = 0;      // of a thousand messages
    std::uint64_t doubling = 0;  // of a thousand
    std::chrono::microseconds delay{2'000};       // at most, of most messages
    std::chrono::microseconds long_delay{2'000};  // at most, of one in 16
    std::chrono::microseconds sync{1'000};        // at most, of most writes
    std::chrono::microseconds long_sync{1'000};   // at most, of one in 16
    std::uint64_t snapshot_loss = 0;              // of a thousand
};

class RaftGroup {
public:
    RaftGroup(std::uint64_t seed, std::size_t nodes, std::size_t voters, raft::Options options);

    RaftWorld world;
    Luck luck;
    Judge judge;
    std::vector<RaftNode> nodes;
    std::set<std::pair<std::size_t, std::size_t>> cut;  // from, to: nothing passes

    /// Until `until`, or something is wrong.
    void run(Steady until);
    void give(RaftNode& node, const raft::Input& input);
    void start(RaftNode& node);
    void crash(RaftNode& node);
    void send_snapshot(RaftNode& leader, raft::NodeId to, bool asked);
    void heal();

    Steady now{std::chrono::hours{1}};
    std::uint64_t hash = 0;  // of everything that happened
    struct Counts {
        std::uint64_t steps = 0, messages = 0, applied = 0, elections = 0, crashes = 0, loads = 0,
                      snapshots = 0, installs = 0, cuts = 0, changes = 0, shrinks = 0;
        std::uint64_t acknowledged = 0, reads = 0, handovers = 0, pauses = 0;
    } counts;

private:
    struct Deliver {
        raft::Message message;
    };
    struct Synced {
        std::size_t node;
        std::uint64_t life;
    };
    struct Wake {
        std::size_t node;
        std::uint64_t life;
        Steady planned;
    };
    struct Answer {  // of a disk read
        std::size_t node;
        std::uint64_t life;
        raft::Load wanted;
    };
    struct Snapshot {
        std::size_t from;
        std::uint64_t life;
        std::size_t to;
        raft::Term term;
        raft::Base base;
        bool asked, lost;
    };
    struct Fetched {  // the bodies that a snapshot left out
        std::size_t node;
        std::uint64_t life;
    };
    using What = std::variant<Deliver, Synced, Wake, Answer, Snapshot, Fetched>;
    struct Event {
        Steady at;
        std::uint64_t number;
        What what;
        friend bool operator<(const Event& a, const Event& b) {
            return std::pair(b.at, b.number) < std::pair(a.at, a.number);
        }
    };

    void after(std::chrono::microseconds delay, What what) {
        events_.push({now + delay, ++events_made_, std::move(what)});
    }
    RaftNode& node_of(raft::NodeId id) { return nodes[id.value - 1]; }
    std::size_t place(const RaftNode& node) const { return node.id.value - 1; }
    bool is_alive(std::size_t node, std::uint64_t life) const {
        return nodes[node].up() && nodes[node].life == life;
    }
    std::size_t target(const What& what) const;

    void on(const Deliver& deliver);
    void on(const Synced& synced);
    void on(const Wake& wake);
    void on(const Answer& answer);
    void on(const Snapshot& snapshot);
    void on(const Fetched& fetched);

    void hand_out(RaftNode& node, raft::Output output);
    void write(RaftNode& node, raft::Output& output);
    void send(const raft::Message& message);
    void install(RaftNode& node, const raft::Base& base);
    void plan_wake(RaftNode& node);
    void note(std::uint64_t value) {
        hash = (hash ^ value) * 0x100000001b3u;
        hash ^= hash >> 29;
    }

    raft::Options options_;
    std::priority_queue<Event> events_;
    std::uint64_t events_made_ = 0;
};

}  // namespace cmq::simulation
