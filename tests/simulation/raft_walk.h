// tests/simulation/raft_walk.h: chance chooses what happens next in a group without time.
#pragma once

#include <optional>
#include <string>

#include "tests/simulation/raft_any_order.h"
#include "tests/simulation/raft_chance.h"

namespace cmq::simulation {

/// What a walk looks at closely.
enum class RaftPath {
    anything,
    rivals,  // two stand in one term, while the third loses patience and asks for votes itself
};

class RaftWalk {
public:
    explicit RaftWalk(std::uint64_t seed, raft::Planted planted = {},
                      RaftPath path = RaftPath::anything);

    /// What is wrong, or nothing.
    std::optional<std::string> run(unsigned steps);

    const AnyOrder& group() const { return group_; }
    std::uint64_t hash() const { return hash_; }  // of everything that happened
    struct Counts {
        std::uint64_t moves = 0, elections = 0, crashes = 0, committed = 0, reads = 0;
    };
    const Counts& counts() const { return counts_; }

private:
    static raft::Options options(Luck& luck, raft::Planted planted);
    void draw_odds();
    void part();
    void set_rivals_up();
    bool passes(const raft::Message& message) const;
    Move draw();
    Move draw_delivery(Act act);

    std::uint8_t any_node() {
        return static_cast<std::uint8_t>(luck_.below(group_.nodes().size()));
    }

    std::uint8_t likely_leader();
    static std::uint8_t place(const RaftNode& node) {
        return static_cast<std::uint8_t>(node.id.value - 1);
    }

    Luck luck_;
    RaftPath path_;
    AnyOrder group_;
    std::vector<std::pair<Act, std::uint64_t>> odds_;
    std::uint64_t sum_of_odds_ = 0, parts_every_ = 0;
    bool crashes_ = false, changes_ = false;
    std::uint64_t side_ = 0;  // bits: who hears whom for a while
    std::uint64_t hash_ = 0;
    Counts counts_;
};

}  // namespace cmq::simulation
