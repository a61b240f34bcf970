// tests/simulation/raft_explorer.h: every order in which a small group can go, breadth first.
//
// A message that is never delivered is a lost one, so drops need no step of their own.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "tests/simulation/raft_any_order.h"

namespace cmq::simulation {

struct ExplorerLimits {
    std::size_t states = 100'000;
    std::uint64_t term = 2;
    unsigned commands = 1;
    unsigned crashes = 1;  // in one history
    bool keep_idle_messages = false;
    bool slow_disks = true;  // a write reaches the disk when chance wants it; otherwise at once
};

class Explorer {
public:
    Explorer(std::vector<Move> begin, ExplorerLimits limits, raft::Planted planted = {});

    /// What is wrong with the shortest history that shows it, or nothing.
    std::optional<std::string> run();

    std::size_t states() const { return seen_.size(); }
    std::size_t depth() const { return depth_; }
    bool complete() const { return complete_; }  // there is nothing more to see

private:
    using Path = std::vector<Move>;

    AnyOrder replay(const Path& path) const;
    void make(AnyOrder& group, Move move) const;
    std::vector<Move> moves(const AnyOrder& group, const Path& path) const;
    void expand(const Path& path);

    Path begin_;
    ExplorerLimits limits_;
    raft::Options options_;
    std::unordered_set<std::uint64_t> seen_;
    std::vector<Path> next_;
    std::size_t depth_ = 0;
    bool complete_ = false;
    std::optional<std::string> problem_;
};

}  // namespace cmq::simulation
