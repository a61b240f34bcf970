// tests/simulation/raft_story.h: one seed's life of a group: clients, operators and disasters.
#pragma once

#include <optional>
#include <string>

#include "tests/simulation/raft_group.h"

namespace cmq::simulation {

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
            drop, snapshot;
    };

    static raft::Options options(Luck& luck, raft::Planted planted);
    void draw_world();
    void act();
    void propose();
    void read();
    void transfer();
    void change();
    void crash();
    void restart();
    void pause();
    void cut();
    void flush();
    void drop();
    void snapshot();
    bool recovers();
    bool all_agree() const;

    RaftNode& any() { return group_.nodes[luck_.below(group_.nodes.size())]; }
    RaftNode* any_leader();

    Luck luck_;
    RaftGroup group_;
    Odds odds_{};
    std::uint64_t commands_ = 0, reads_ = 0;
};

}  // namespace cmq::simulation
