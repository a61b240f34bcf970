#include "tests/simulation/raft_walk.h"

namespace cmq::simulation {
namespace {

constexpr std::size_t on_the_way_max = 120;

}  // namespace

raft::Options RaftWalk::options(Luck& luck, raft::Planted planted) {
    raft::Options options;
    options.append_bytes_max = luck.below(2) == 0 ? 1 : 1'000;  // one entry at a time, or all
    options.window_messages = luck.between(1, 4);
    options.recent_bytes = luck.below(2) == 0 ? 0 : 1'000;
    options.sync_patience = options.heartbeat * luck.below(4);
    options.planted = planted;
    return options;
}

RaftWalk::RaftWalk(std::uint64_t seed, raft::Planted planted, RaftPath path)
    : luck_(seed ^ 0x3a1f),
      path_(path),
      group_(luck_.between(3, path == RaftPath::rivals ? 3 : 5), luck_.below(2) == 0 ? 4 : 5,
             options(luck_, planted)) {
    draw_odds();
}

void RaftWalk::draw_odds() {
    changes_ = group_.nodes().size() > 3 && luck_.below(2) == 0;
    crashes_ = luck_.below(3) != 0 && !changes_;
    parts_every_ = luck_.between(30, 120);
    const auto sometimes = [this](std::uint64_t most) {
        return luck_.below(2) == 0 ? 0 : luck_.below(most + 1);
    };
    odds_ = {{Act::deliver, 1'000},
             {Act::sync, 200 + luck_.below(2'000)},
             {Act::tick, luck_.below(30)},
             {Act::wait, luck_.below(10)},
             {Act::propose, luck_.below(300)},
             {Act::repeat, sometimes(60)},
             {Act::drop, sometimes(100)},
             {Act::crash, sometimes(30)},
             {Act::cut_power, sometimes(15)},
             {Act::read, sometimes(200)},
             {Act::transfer, sometimes(30)},
             {Act::remove, sometimes(100)},
             {Act::promote, sometimes(100)},
             {Act::flush, sometimes(30)},
             {Act::install, sometimes(200)}};
    if (changes_)
        for (auto& [act, odds] : odds_) {
            if (act == Act::promote || act == Act::tick) odds = 50 + luck_.below(300);
            if (act == Act::remove || act == Act::crash || act == Act::cut_power) odds = 0;
        }
    if (path_ == RaftPath::rivals) {
        odds_ = {{Act::deliver, 1'000}, {Act::sync, 1'000}, {Act::tick, 30}, {Act::repeat, 30}};
        parts_every_ = luck_.between(4, 20);
    }
    for (const auto& [act, odds] : odds_) sum_of_odds_ += odds;
}

/// Without a leader two stand in one term, and one of them is not heard for a while: until somebody
/// who may have voted for the other has lost patience again.
void RaftWalk::set_rivals_up() {
    if (std::exchange(side_, 0) != 0) return void(group_.make({Act::tick, any_node(), 0}));
    for (const auto& node : group_.nodes())
        if (node.core->role == raft::Role::leader) group_.make({Act::crash, place(node), 0});
    const auto late = any_node();
    group_.make({Act::stand, any_node(), 0});
    group_.make({Act::stand, late, 0});
    side_ = 2u << late;
}

/// For a while two parts hear nothing of each other; what they say may still come, much later.
/// Leaders are struck most of the time, and with something begun. Those who miss their leader wait,
/// and one of them stands for election.
void RaftWalk::part() {
    const auto victim = likely_leader();
    if (luck_.below(2) == 0) group_.make({Act::propose, victim, 0});
    const auto kind = luck_.below(4);
    const bool crash = crashes_ && luck_.below(4) == 0;
    if (crash) group_.make({Act::crash, victim, 0});
    side_ = kind == 0 ? 0 : kind == 1 ? luck_.number() : 2u << (crash ? any_node() : victim);
    if (luck_.below(4) == 0 || changes_)
        for (const auto& node : group_.nodes()) group_.make({Act::remove, place(node), any_node()});
    for (const auto& node : group_.nodes())
        if (node.core->role != raft::Role::leader && luck_.below(3) != 0)
            group_.make({Act::wait, place(node), 0});
    const auto chosen = any_node();
    if (group_.nodes()[chosen].core->role != raft::Role::leader)
        group_.make({Act::tick, chosen, 0});
}

std::uint8_t RaftWalk::likely_leader() {
    std::vector<std::uint8_t> leaders;
    for (const auto& node : group_.nodes())
        if (node.core->role == raft::Role::leader) leaders.push_back(place(node));
    if (leaders.empty() || luck_.below(4) == 0) return any_node();
    return leaders[luck_.below(leaders.size())];
}

bool RaftWalk::passes(const raft::Message& message) const {
    return (side_ >> message.from.value & 1) == (side_ >> message.to.value & 1);
}

/// What came last is the likeliest, and what came long ago is possible.
Move RaftWalk::draw_delivery(Act act) {
    const auto& all = group_.on_the_way();
    for (int attempt = 0; attempt < 8 && !all.empty(); ++attempt) {
        const auto back =
            std::min({luck_.below(all.size()), luck_.below(all.size()), luck_.below(all.size())});
        const auto at = all.size() - 1 - back;
        if (passes(all[at])) return {act, 0, static_cast<std::uint8_t>(at)};
    }
    return {Act::sync, any_node(), 0};
}

Move RaftWalk::draw() {
    if (group_.on_the_way().size() > on_the_way_max)
        return {Act::drop, 0, static_cast<std::uint8_t>(luck_.below(on_the_way_max))};
    auto drawn = luck_.below(sum_of_odds_);
    auto chosen = odds_.begin();
    while (drawn >= chosen->second) drawn -= chosen++->second;
    const auto act = chosen->first;
    if (act == Act::deliver || act == Act::repeat || act == Act::drop) return draw_delivery(act);
    const bool of_leader = act == Act::propose || act == Act::read || act == Act::tick ||
                           act == Act::remove || act == Act::promote;
    return {act, of_leader ? likely_leader() : any_node(), any_node()};
}

std::optional<std::string> RaftWalk::run(unsigned steps) {
    for (unsigned step = 0; step < steps && !group_.problem(); ++step) {
        const auto elections = std::exchange(counts_.elections, group_.judge().terms_led());
        const bool elected = elections != counts_.elections;
        const bool disturbed = luck_.below(parts_every_) == 0 || (elected && luck_.below(4) == 0);
        if (disturbed) path_ == RaftPath::rivals ? set_rivals_up() : part();
        const auto move = draw();
        if (!group_.make(move)) continue;
        ++counts_.moves;
        counts_.crashes += move.act == Act::crash || move.act == Act::cut_power;
        hash_ = (hash_ ^ static_cast<std::uint64_t>(move.act) ^ move.node << 8u ^
                 group_.on_the_way().size() << 16u) *
                0x100000001b3u;
        hash_ ^= group_.nodes()[move.node].core->log.chain();
    }
    counts_.elections = group_.judge().terms_led();
    counts_.committed = group_.judge().committed().size();
    counts_.reads = group_.judge().reads_done();
    return group_.problem();
}

}  // namespace cmq::simulation
