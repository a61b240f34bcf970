#include "tests/simulation/raft_explorer.h"

#include <algorithm>

namespace cmq::simulation {
namespace {

constexpr std::size_t nodes = 3;

std::string text(const std::vector<Move>& path) {
    constexpr const char* names[] = {"deliver", "repeat",  "drop",  "sync",      "tick", "wait",
                                     "stand",   "propose", "crash", "cut_power", "read", "transfer",
                                     "remove",  "promote", "flush", "install"};
    std::string all;
    for (const auto& move : path)
        all += std::string(" ") + names[static_cast<std::size_t>(move.act)] + ":" +
               std::to_string(move.act == Act::deliver ? move.what : move.node + 1);
    return all;
}

/// An answer that can change nothing any more, whenever it comes.
bool is_idle(const AnyOrder& group, const raft::Message& message) {
    const auto& to = *group.nodes()[message.to.value - 1].core;
    const auto* vote = std::get_if<raft::VoteReply>(&message.body);
    if (!vote && !std::holds_alternative<raft::AppendReply>(message.body)) return false;
    if (message.term < to.hard.term) return true;
    return vote && message.term == to.hard.term &&
           (!vote->granted || to.role != raft::Role::candidate);
}

unsigned count(const std::vector<Move>& path, Act act) {
    return static_cast<unsigned>(
        std::ranges::count_if(path, [act](const Move& move) { return move.act == act; }));
}

}  // namespace

Explorer::Explorer(std::vector<Move> begin, ExplorerLimits limits, raft::Planted planted)
    : begin_(std::move(begin)), limits_(limits) {
    options_.planted = planted;
    options_.append_bytes_max = 1;  // each entry goes alone
}

void Explorer::make(AnyOrder& group, Move move) const {
    group.make(move);
    for (std::uint8_t node = 0; node < nodes && !limits_.slow_disks; ++node)
        while (group.make({Act::sync, node, 0})) continue;
    if (limits_.keep_idle_messages) return;
    const auto& all = group.on_the_way();
    for (std::size_t at = all.size(); at-- > 0;)
        if (is_idle(group, all[at])) group.make({Act::drop, 0, static_cast<std::uint8_t>(at)});
}

AnyOrder Explorer::replay(const Path& path) const {
    AnyOrder group(nodes, nodes, options_);
    for (const auto& move : begin_) make(group, move);
    for (const auto& move : path) make(group, move);
    return group;
}

std::vector<Move> Explorer::moves(const AnyOrder& group, const Path& path) const {
    std::vector<Move> all;
    for (std::size_t at = 0; at < group.on_the_way().size(); ++at)
        all.push_back({Act::deliver, 0, static_cast<std::uint8_t>(at)});
    const bool may_crash = count(path, Act::crash) + count(path, Act::cut_power) < limits_.crashes;
    const bool may_propose = count(path, Act::propose) < limits_.commands;
    for (std::uint8_t at = 0; at < nodes; ++at) {
        const auto& node = group.nodes()[at];
        const bool leader = node.core->role == raft::Role::leader;
        if (!node.writes.empty()) all.push_back({Act::sync, at, 0});
        if (!leader && node.core->hard.term.value < limits_.term)
            all.push_back({Act::stand, at, 0});
        if (may_propose && node.leads()) all.push_back({Act::propose, at, 0});
        if (may_crash) all.push_back({Act::crash, at, 0});
        if (may_crash && !node.writes.empty()) all.push_back({Act::cut_power, at, 0});
    }
    return all;
}

void Explorer::expand(const Path& path) {
    const auto group = replay(path);
    for (const auto& move : moves(group, path)) {
        auto after = group;
        make(after, move);
        auto longer = path;
        longer.push_back(move);
        if (after.problem()) {
            problem_ = *after.problem() + ":" + text(longer);
            return;
        }
        const auto crashes = count(longer, Act::crash) + count(longer, Act::cut_power);
        if (seen_.insert(after.fingerprint() + crashes).second) next_.push_back(std::move(longer));
        if (seen_.size() >= limits_.states) return;
    }
}

std::optional<std::string> Explorer::run() {
    std::vector<Path> now{{}};
    seen_.insert(replay({}).fingerprint());
    while (!now.empty() && seen_.size() < limits_.states) {
        ++depth_;
        next_.clear();
        for (const auto& path : now) {
            if (problem_ || seen_.size() >= limits_.states) return problem_;
            expand(path);
        }
        now = next_;
    }
    complete_ = now.empty();
    return problem_;
}

}  // namespace cmq::simulation
