// tests/simulation/raft_story.h: one seed's life of a group: clients, operators and disasters.
#pragma once

#include <optional>
#include <string>

#include "tests/simulation/raft_group.h"

namespace cmq::simulation {

/// What a seed looks at closely.
enum class RaftMood {
    mixed,       // everything, at rates of its own
    elections,   // small messages, slow disks, short terms
    membership,  // groups of an even number of voters that are split again and again
};

class RaftStory {
public:
    explicit RaftStory(std::uint64_t seed, raft::Planted planted = {});

    /// Disasters for `time`, then a healed group that must get on. What is wrong, or nothing.
    std::optional<std::string> run(std::chrono::seconds time);

    const RaftGroup& group() const { return group_; }
    std::string world() const;  // what this seed drew

private:
    struct Odds {
        std::uint64_t propose, read, transfer, change, crash, restart, pause, cut, heal, flush,
            drop, snapshot, ambush, split;
    };

    raft::Options options(raft::Planted planted);
    std::size_t voters();
    void draw_world();
    void draw_odds();
    void focus();
    void act();
    void propose();
    void read();
    void transfer();
    void change();
    void crash();
    void restart();
    void pause();
    void cut();
    void cut_off(raft::NodeId node);
    void ambush();
    void split();
    void remove_by(RaftNode& leader);
    void try_change(RaftNode& leader, const raft::Configuration& to);
    void flush();
    void drop();
    void snapshot();
    bool recovers();
    bool all_agree() const;

    RaftNode& any() { return group_.nodes[luck_.below(group_.nodes.size())]; }
    RaftNode* any_leader();
    RaftNode& target();

    std::uint64_t sometimes(std::uint64_t most) {
        return luck_.below(3) == 0 ? 0 : luck_.below(most + 1);
    }

    Luck luck_;
    RaftMood mood_;
    RaftGroup group_;
    Odds odds_{};
    std::uint64_t commands_ = 0, reads_ = 0, elections_seen_ = 0;
};

}  // namespace cmq::simulation
