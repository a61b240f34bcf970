// tests/simulation/raft_transcript.h: what a group does, told in words.
//
// A transcript is a script and what came of it: lines that begin with "> " are done, those below
// say what happened. A message arrives at once unless its link is cut, a write is on disk at once
// unless the disk is held, and no time passes by itself.
//
//     > nodes 3                  voters 1 2 3, with empty logs. "nodes 3 and 4": 4 is nobody yet
//     > log 2: 1 1 4             node 2 has entries of these terms on disk; "in term 7": and
//                                has heard of that one
//     > elect 2                  all lose patience with the leader, 2 first
//     > tick 2                   only 2 does; or, as a leader, it sends heartbeats
//     > wait 2                   an election timeout passes at 2
//     > propose 2                one command
//     > read 2                   a read that must see everything answered before
//     > transfer 2 to 1          2 hands over
//     > change 2: 1 2 3 + 4      voters 1 2 3, learner 4
//     > cut 1 2 | 3 4 5          the parts hear nothing of each other; "cut" alone mends all links
//     > hold 3                   writes of 3 wait for
//     > sync 3                     this, the oldest first; "sync 3 all" until it is held no more
//     > crash 3, start 3         what was not on disk is lost
//     > checkpoint 1             the state of 1 is on disk, its log begins behind it
//     > snapshot 1 to 3          3 gets the state of 1 without having asked
//     > logs                     terms of all entries, ~ of those not on disk, | behind what is
//                                committed as far as that node knows, (n) where the log begins
#pragma once

#include <deque>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/raft_node.h"

namespace cmq::simulation {

class RaftTranscript {
public:
    /// The script of `transcript`, with what really comes of it.
    static std::string play(std::string_view transcript);
    /// Without indentation and empty lines.
    static std::string trim(std::string_view transcript);

private:
    using Words = std::istringstream;

    void make(const std::string& command);
    void nodes(Words& words);
    void log(Words& words);
    void elect(Words& words);
    void tick(Words& words);
    void wait(Words& words);
    void propose(Words& words);
    void read(Words& words);
    void transfer(Words& words);
    void leave(Words& words);
    void copies(Words& words);
    void change(Words& words);
    void cut(Words& words);
    void hold(Words& words);
    void sync(Words& words);
    void crash(Words& words);
    void start(Words& words);
    void checkpoint(Words& words);
    void snapshot(Words& words);
    void logs(Words& words);

    void give(RaftNode& node, const raft::Input& input);
    void hand_out(RaftNode& node, raft::Output output);
    void tell_votes(const raft::Message& message);
    void tell_log(const RaftNode& node, const raft::Output& output, raft::Index last);
    void tell_role(const RaftNode& node, raft::Role before);
    void install(RaftNode& from, raft::NodeId to);
    void settle();
    void say(const std::string& line) { told_ += line + '\n'; }
    void begin(RaftNode& node);

    RaftNode& node(Words& words);
    RaftNode& node(raft::NodeId id) { return nodes_[id.value - 1]; }
    Steady& clock(const RaftNode& node) { return clocks_[node.id]; }

    std::vector<RaftNode> nodes_;
    std::map<raft::NodeId, Steady> clocks_;
    std::map<raft::NodeId, raft::Configuration> in_force_;
    std::deque<raft::Message> network_;
    std::set<std::pair<raft::NodeId, raft::NodeId>> cut_;
    std::set<raft::NodeId> held_;
    std::uint64_t reads_ = 0, commands_ = 0;
    std::string told_;
};

}  // namespace cmq::simulation
