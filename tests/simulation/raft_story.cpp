#include "tests/simulation/raft_story.h"

#include <algorithm>

namespace cmq::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Who takes part changes by one node.
raft::Configuration changed(const raft::Configuration& from, raft::NodeId node, bool votes,
                            bool follows) {
    auto to = from;
    std::erase(to.voters, node);
    std::erase(to.learners, node);
    if (votes) to.voters.push_back(node);
    if (!votes && follows) to.learners.push_back(node);
    std::ranges::sort(to.voters);
    std::ranges::sort(to.learners);
    return to;
}

}  // namespace

raft::Options RaftStory::options(raft::Planted planted) {
    raft::Options options;
    const bool mixed = mood_ == RaftMood::mixed;
    options.election = milliseconds(luck_.between(60, mixed ? 300 : 120));
    options.heartbeat = options.election / 5;
    options.sync_patience = milliseconds(luck_.between(50, mixed ? 300 : 100));
    options.window_messages = luck_.between(1, 16);
    options.window_bytes = 200u << luck_.below(6);
    options.append_bytes_max = mixed ? 60u << luck_.below(6) : 1 + luck_.below(200);
    options.recent_bytes = luck_.below(3) == 0 ? 0 : 100u << luck_.below(6);
    constexpr raft::Copies copies[] = {raft::Copies::in_sync, raft::Copies::in_sync,
                                       raft::Copies::majority, raft::Copies::all};
    options.copies = copies[luck_.below(4)];
    options.planted = planted;
    return options;
}

std::size_t RaftStory::voters() {
    if (mood_ == RaftMood::membership) return 4;
    return 5 - luck_.below(5) * luck_.below(2);
}

RaftStory::RaftStory(std::uint64_t seed, raft::Planted planted)
    : luck_(seed ^ 0x5eed),
      mood_(RaftMood{static_cast<int>(luck_.below(3))}),
      group_(seed, mood_ == RaftMood::membership ? 5 : 3 + 2 * luck_.below(2), voters(),
             options(planted)) {
    draw_world();
    draw_odds();
    focus();
}

/// Fixed rates miss bugs: each seed has its own, and some have none of a kind.
void RaftStory::draw_world() {
    auto& world = group_.world;
    world.loss = sometimes(200);
    world.doubling = sometimes(200);
    world.delay = microseconds(500 + sometimes(20'000));
    world.long_delay = world.delay + microseconds(sometimes(600'000));
    world.sync = microseconds(100 + sometimes(10'000));
    world.long_sync = world.sync + microseconds(sometimes(400'000));
    world.snapshot_loss = sometimes(300);
}

void RaftStory::draw_odds() {
    const auto storm = luck_.below(3) == 0 ? 1 : 1 + luck_.below(8);
    odds_ = {.propose = 20 + luck_.below(200),
             .read = sometimes(100),
             .transfer = sometimes(8),
             .change = sometimes(60),
             .crash = storm * sometimes(8),
             .restart = storm * (4 + luck_.below(10)),
             .pause = sometimes(6),
             .cut = storm * sometimes(8),
             .heal = storm * (2 + luck_.below(8)),
             .flush = sometimes(40),
             .drop = sometimes(20),
             .snapshot = sometimes(30),
             .ambush = sometimes(900),
             .split = sometimes(20)};
}

void RaftStory::focus() {
    if (mood_ == RaftMood::mixed) return;
    group_.world.sync = microseconds(100 + sometimes(50'000));
    odds_.propose = 20 + luck_.below(60);
    odds_.split = 10 + luck_.below(80);
    odds_.heal = 10 + luck_.below(40);
    odds_.ambush = luck_.below(1000);
    odds_.change = 0;
    if (mood_ == RaftMood::membership) {
        odds_.change = 5 + luck_.below(300);
        odds_.split = 5 + luck_.below(20);
        odds_.heal = 5 + luck_.below(20);
        odds_.crash = odds_.flush = odds_.snapshot = odds_.cut = odds_.pause = 0;
    }
    if (mood_ == RaftMood::elections) odds_.crash = luck_.below(100);
    odds_.restart = 4 * odds_.crash + 20;
}

std::string RaftStory::world() const {
    const auto& world = group_.world;
    std::string text;
    text += " mood=" + std::to_string(static_cast<int>(mood_));
    const auto put = [&text](const char* name, auto value) {
        text += ' ' + std::string(name) + '=' + std::to_string(value);
    };
    put("nodes", group_.nodes.size());
    put("loss", world.loss);
    put("doubling", world.doubling);
    put("delay", world.delay.count());
    put("long_delay", world.long_delay.count());
    put("sync", world.sync.count());
    put("long_sync", world.long_sync.count());
    put("change", odds_.change);
    put("crash", odds_.crash);
    put("pause", odds_.pause);
    put("cut", odds_.cut);
    put("transfer", odds_.transfer);
    return text;
}

std::optional<std::string> RaftStory::run(std::chrono::seconds time) {
    const auto end = group_.now + time;
    while (group_.now < end && !group_.judge.problem()) {
        group_.run(group_.now + luck_.up_to(milliseconds{10}));
        act();
    }
    if (!group_.judge.problem() && !recovers())
        group_.judge.wrong("no progress after everything was healed");
    group_.counts.acknowledged = group_.judge.secured().value;
    group_.counts.reads = group_.judge.reads_done();
    return group_.judge.problem();
}

void RaftStory::act() {
    const auto drawn = [this](std::uint64_t odds) { return luck_.of_thousand(odds); };
    if (drawn(odds_.propose)) propose();
    if (drawn(odds_.read)) read();
    if (drawn(odds_.transfer)) transfer();
    if (drawn(odds_.change)) change();
    if (drawn(odds_.crash)) crash();
    if (drawn(odds_.restart)) restart();
    if (drawn(odds_.pause)) pause();
    if (drawn(odds_.cut)) cut();
    if (drawn(odds_.split)) split();
    if (drawn(odds_.heal)) group_.cut.clear();
    if (drawn(odds_.flush)) flush();
    if (drawn(odds_.drop)) drop();
    if (drawn(odds_.snapshot)) snapshot();
    const auto elections = std::exchange(elections_seen_, group_.counts.elections);
    if (elections != group_.counts.elections && drawn(odds_.ambush)) ambush();
}

/// Also one that was deposed and does not know it.
RaftNode* RaftStory::any_leader() {
    std::vector<RaftNode*> leaders;
    for (auto& node : group_.nodes)
        if (node.up() && node.core->role == raft::Role::leader && node.paused_until <= group_.now)
            leaders.push_back(&node);
    return leaders.empty() ? nullptr : leaders[luck_.below(leaders.size())];
}

/// Leaders have the most to lose.
RaftNode& RaftStory::target() {
    auto* leader = any_leader();
    return leader && luck_.below(2) == 0 ? *leader : any();
}

void RaftStory::propose() {
    auto* leader = any_leader();
    if (!leader || !leader->leads() || raft::lacks_copies(*leader->core)) return;
    raft::Propose proposal;
    for (auto left = luck_.between(1, 4); left > 0; --left)
        proposal.commands.push_back(make_blob("command " + std::to_string(++commands_)));
    group_.give(*leader, proposal);
}

void RaftStory::read() {
    auto* leader = any_leader();
    auto& node = leader ? *leader : any();
    if (!node.up() || node.paused_until > group_.now) return;
    group_.judge.on_read(++reads_);
    group_.give(node, raft::Read{reads_});
}

void RaftStory::transfer() {
    auto* leader = any_leader();
    if (!leader) return;
    ++group_.counts.handovers;
    group_.give(*leader, raft::Transfer{raft::NodeId{luck_.below(group_.nodes.size() + 1)}});
}

void RaftStory::change() {
    auto* leader = any_leader();
    if (!leader) return;
    const auto& now = leader->core->configuration();
    const bool grow = mood_ == RaftMood::membership || luck_.below(3) != 0;
    const auto node = any().id;
    if (grow && raft::is_voter(now, node)) return;
    const bool votes = grow && raft::is_member(now, node);
    const auto to = changed(now, node, votes, luck_.below(2) == 0);
    try_change(*leader, to);
}

void RaftStory::try_change(RaftNode& leader, const raft::Configuration& to) {
    if (!raft::may_change(*leader.core, to)) return;
    ++group_.counts.changes;
    group_.give(leader, raft::Change{to});
}

/// It makes sure of its lead where it can.
void RaftStory::remove_by(RaftNode& leader) {
    const auto& now = leader.core->configuration();
    const auto out = now.voters[luck_.below(now.voters.size())];
    if (now.voters.size() > 3 && out != leader.id)
        try_change(leader, changed(now, out, false, luck_.below(2) == 0));
}

void RaftStory::crash() {
    if (luck_.below(8) == 0)  // the power goes for all
        for (auto& node : group_.nodes) group_.crash(node);
    group_.crash(target());
}

void RaftStory::restart() {
    auto& node = any();
    if (!node.up()) group_.start(node);
}

/// A new leader is struck while it has begun many things and finished few.
void RaftStory::ambush() {
    auto* leader = any_leader();
    if (!leader) return;
    if (mood_ == RaftMood::membership) return split();
    if (luck_.below(2) == 0) propose();
    group_.run(group_.now + luck_.up_to(milliseconds{luck_.below(30)}));
    if (leader->up() && luck_.below(2) == 0) return group_.crash(*leader);
    cut_off(leader->id);
}

void RaftStory::pause() {
    ++group_.counts.pauses;
    target().paused_until = group_.now + luck_.up_to(milliseconds{1'500});
}

void RaftStory::cut() { cut_off(target().id); }

void RaftStory::cut_off(raft::NodeId node) {
    ++group_.counts.cuts;
    const auto one = node.value;
    const auto way = luck_.below(3);
    for (const auto& other : group_.nodes) {
        if (luck_.below(3) == 0) continue;  // some are still reached: bridges
        if (way != 0) group_.cut.insert({one, other.id.value});
        if (way != 1) group_.cut.insert({other.id.value, one});
    }
}

/// Two parts that hear nothing of each other.
void RaftStory::split() {
    group_.cut.clear();
    const auto side = luck_.number();
    const auto on_side = [&](const RaftNode& node) { return side >> node.id.value & 1; };
    for (const auto& from : group_.nodes)
        for (const auto& to : group_.nodes)
            if (on_side(from) != on_side(to)) group_.cut.insert({from.id.value, to.id.value});
    if (mood_ != RaftMood::membership) return;
    for (auto& node : group_.nodes)
        if (node.up() && node.core->role == raft::Role::leader) remove_by(node);
}

void RaftStory::flush() {
    auto& node = any();
    if (!node.up() || node.applied.index > node.core->durable) return;
    if (node.disk.checkpoint.index < node.applied.index && node.writes.empty())
        node.disk.flush(node.applied_base());
}

void RaftStory::drop() {
    auto& disk = any().disk;
    const auto kept = luck_.below(20);
    if (disk.checkpoint.index.value > kept)
        disk.drop(raft::Index{disk.checkpoint.index.value - kept});
}

void RaftStory::snapshot() {
    auto* leader = any_leader();
    const auto& to = any();
    if (leader && leader->id != to.id) group_.send_snapshot(*leader, to.id, false);
}

bool RaftStory::all_agree() const {
    const raft::Index last{group_.judge.committed().size()};
    for (const auto& node : group_.nodes)
        for (const auto& other : group_.nodes)
            if (node.leads() && raft::is_member(node.core->configuration(), other.id) &&
                (other.applied.index < last || raft::secured(*node.core) < last))
                return false;
    return std::ranges::any_of(group_.nodes, [](const auto& node) { return node.leads(); });
}

/// Within ten seconds there is a leader that answers proposals, and all members have applied all.
bool RaftStory::recovers() {
    group_.heal();
    bool proposed = false;
    for (const auto end = group_.now + std::chrono::seconds{10}; group_.now < end;) {
        group_.run(group_.now + milliseconds{100});
        if (group_.judge.problem()) return true;  // and that is the verdict
        auto* leader = any_leader();
        if (proposed && all_agree()) return true;
        if (!leader || !leader->leads() || raft::lacks_copies(*leader->core)) continue;
        const auto before = commands_;
        if (!proposed) propose();
        proposed = proposed || commands_ != before;
    }
    return false;
}

}  // namespace cmq::simulation
