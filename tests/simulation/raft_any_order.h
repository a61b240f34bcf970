// tests/simulation/raft_any_order.h: a group without time: whatever may happen next, may.
//
// Each node has a clock of its own, which stands still until that node is made to wait. Messages
// stay on the way until they are delivered or dropped. So every order of events is reached by some
// choice of steps: all of them in turn (raft_explorer.cpp) or by chance (raft_walk.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/raft_judge.h"
#include "tests/simulation/raft_node.h"

namespace cmq::simulation {

enum class Act : std::uint8_t {
    deliver,    // message `what`
    repeat,     // deliver it, and keep it
    drop,       // it is lost
    sync,       // the oldest write of `node` reaches its disk
    tick,       // time passes at `node` until it has something to do
    wait,       // the same, but it does not look at the clock yet
    stand,      // `node` finds a majority that would vote for it, if there is one
    propose,    // a command
    crash,      // `node` loses what is not synced, and starts again
    cut_power,  // the same, but all its writes had reached the disk
    read,
    transfer,  // to node `what`
    remove,    // node `what` becomes a learner
    promote,   // or a voter
    flush,     // `node` checkpoints its state and drops its log up to there
    install,   // a snapshot of the state of `node` comes to node `what`
};

struct Move {
    Act act{};
    std::uint8_t node = 0;  // counts from 0
    std::uint8_t what = 0;
};

class AnyOrder {
public:
    AnyOrder(std::size_t nodes, std::size_t voters, raft::Options options);

    /// False: it cannot be done now, and nothing happened.
    bool make(Move move);
    std::uint64_t fingerprint() const;  // equal: the same may happen from here, timers apart

    const std::vector<RaftNode>& nodes() const { return nodes_; }
    const std::vector<raft::Message>& on_the_way() const { return network_; }
    const std::optional<std::string>& problem() const { return judge_.problem(); }
    const Judge& judge() const { return judge_; }

private:
    bool sync(RaftNode& node);
    bool deliver(Move move);
    bool pass_time(RaftNode& node, Act act);
    bool stand(RaftNode& node);
    bool propose(RaftNode& node);
    bool restart(RaftNode& node, Act act);
    bool read(RaftNode& node);
    bool transfer(RaftNode& node, raft::NodeId to);
    bool change(RaftNode& node, raft::NodeId member, Act act);
    bool flush(RaftNode& node);
    bool install(const RaftNode& from, RaftNode& to);
    void give(RaftNode& node, const raft::Input& input);
    void start(RaftNode& node);
    Steady& clock(const RaftNode& node) { return clocks_[node.id.value - 1]; }

    raft::Options options_;
    std::vector<RaftNode> nodes_;
    std::vector<Steady> clocks_;
    std::vector<raft::Message> network_;
    Judge judge_;
    std::uint64_t commands_ = 0, reads_ = 0;
};

}  // namespace cmq::simulation
