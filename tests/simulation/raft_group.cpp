#include "tests/simulation/raft_group.h"

#include <algorithm>

namespace cmq::simulation {
namespace {

/// Most take up to `usual`, some much longer.
std::chrono::microseconds draw_delay(Luck& luck, std::chrono::microseconds usual,
                                     std::chrono::microseconds longest) {
    return luck.up_to(luck.below(16) == 0 ? longest : usual);
}

}  // namespace

RaftGroup::RaftGroup(std::uint64_t seed, std::size_t count, std::size_t voters,
                     raft::Options options)
    : luck(seed), nodes(count), options_(options) {
    voters = std::min(voters, count);
    raft::Configuration first;
    for (std::size_t at = 0; at < count; ++at) {
        nodes[at].id = raft::NodeId{at + 1};
        if (at < voters) first.voters.push_back(nodes[at].id);
    }
    for (std::size_t at = 0; at < count; ++at) {
        if (at < voters) nodes[at].disk.checkpoint.configuration = first;
        start(nodes[at]);
    }
}

std::size_t RaftGroup::target(const What& what) const {
    if (const auto* deliver = std::get_if<Deliver>(&what)) return deliver->message.to.value - 1;
    if (const auto* synced = std::get_if<Synced>(&what)) return synced->node;
    if (const auto* wake = std::get_if<Wake>(&what)) return wake->node;
    if (const auto* answer = std::get_if<Answer>(&what)) return answer->node;
    if (const auto* snapshot = std::get_if<Snapshot>(&what)) return snapshot->to;
    return std::get<Fetched>(what).node;
}

void RaftGroup::run(Steady until) {
    while (!judge.problem() && !events_.empty() && events_.top().at <= until) {
        auto event = events_.top();
        events_.pop();
        now = event.at;
        const auto paused_until = nodes[target(event.what)].paused_until;
        if (paused_until > now) {
            events_.push({paused_until, ++events_made_, std::move(event.what)});
            continue;
        }
        std::visit([this](const auto& what) { on(what); }, event.what);
    }
    if (!judge.problem()) now = until;
}

void RaftGroup::start(RaftNode& node) {
    node.start(options_, luck.number());
    node.paused_until = {};
    node.synced_at = now;
    plan_wake(node);
    if (!node.complete) after(luck.up_to(std::chrono::seconds{2}), Fetched{place(node), node.life});
}

void RaftGroup::crash(RaftNode& node) {
    if (!node.up()) return;
    ++counts.crashes;
    node.crash(luck.below(node.writes.size() + 1));
}

void RaftGroup::on(const Deliver& deliver) {
    const auto& message = deliver.message;
    auto& node = node_of(message.to);
    if (node.up() && !cut.contains({message.from.value, message.to.value}))
        give(node, raft::Received{message});
}

void RaftGroup::on(const Synced& synced) {
    if (!is_alive(synced.node, synced.life)) return;
    auto& node = nodes[synced.node];
    const auto write = std::move(node.writes.front());
    node.writes.pop_front();
    node.disk.take(write);
    give(node, write.report);
}

void RaftGroup::on(const Wake& wake) {
    if (!is_alive(wake.node, wake.life) || nodes[wake.node].wake != wake.planned) return;
    nodes[wake.node].wake.reset();
    give(nodes[wake.node], raft::Tick{});
}

void RaftGroup::on(const Answer& answer) {
    if (!is_alive(answer.node, answer.life)) return;
    ++counts.loads;
    auto& node = nodes[answer.node];
    give(node, node.disk.load(answer.wanted));
}

/// A whole state arrives, or the sender learns that it did not.
void RaftGroup::on(const Snapshot& snapshot) {
    auto& to = nodes[snapshot.to];
    const auto& base = snapshot.base;
    const bool cut_off = cut.contains({snapshot.from + 1, snapshot.to + 1});
    const bool arrives = to.up() && !snapshot.lost && !cut_off;
    const bool overlaps = arrives && to.core->log.term_at(base.index) == base.term;
    if (arrives && (snapshot.asked || overlaps))
        give(to, raft::Installed{nodes[snapshot.from].id, snapshot.term, base});
    if (snapshot.asked && is_alive(snapshot.from, snapshot.life))
        give(nodes[snapshot.from], raft::SnapshotSent{to.id, base.index, arrives});
}

void RaftGroup::on(const Fetched& fetched) {
    if (!is_alive(fetched.node, fetched.life)) return;
    auto& node = nodes[fetched.node];
    if (!node.writes.empty())  // the snapshot itself may be on its way to the disk
        return after(std::chrono::milliseconds{5}, fetched);
    node.complete = node.disk.complete = true;
    give(node, raft::Complete{true});
}

void RaftGroup::give(RaftNode& node, const raft::Input& input) {
    if (judge.problem()) return;
    ++counts.steps;
    const auto role = node.core->role;
    auto output = raft::step(*node.core, input, now);
    note(node.id.value << 32 ^ input.index() << 8 ^ output.send.size());
    note(node.core->log.chain() ^ node.core->commit.value);
    const bool elected = role != raft::Role::leader && node.core->role == raft::Role::leader;
    counts.elections += elected;
    if (elected) judge.on_leader(node);
    hand_out(node, std::move(output));
    judge.on_secured(node, nodes);
    plan_wake(node);
}

void RaftGroup::hand_out(RaftNode& node, raft::Output output) {
    if (!output.damaged.empty()) return judge.wrong("damaged: " + output.damaged);
    write(node, output);
    if (output.install) install(node, *output.install);
    for (const auto& entry : output.apply) judge.on_apply(node, entry, nodes);
    counts.applied += output.apply.size();
    for (const auto& message : output.send) send(message);
    for (const auto& load : output.load)
        after(draw_delay(luck, world.sync, world.long_sync), Answer{place(node), node.life, load});
    for (const auto peer : output.snapshot) send_snapshot(node, peer, true);
    for (const auto& ready : output.reads) judge.on_ready(ready);
}

void RaftGroup::write(RaftNode& node, raft::Output& output) {
    if (!output.hard && !output.install && output.append.empty()) return;
    for (const auto& entry : output.append) judge.on_append(entry);
    RaftWrite write{output.hard, output.install, std::move(output.append), {}};
    write.report.hard = node.core->hard;
    if (output.install) write.report.index = output.install->index;
    if (output.install) write.report.term = output.install->term;
    if (!write.append.empty()) write.report.index = write.append.back().index;
    if (!write.append.empty()) write.report.term = write.append.back().term;
    node.writes.push_back(std::move(write));
    node.synced_at = std::max(node.synced_at, now) +
                     draw_delay(luck, world.sync, world.long_sync);
    const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(node.synced_at - now);
    after(delay, Synced{place(node), node.life});
}

void RaftGroup::send(const raft::Message& message) {
    ++counts.messages;
    if (cut.contains({message.from.value, message.to.value}) || luck.of_thousand(world.loss))
        return;
    const auto copies = luck.of_thousand(world.doubling) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy)
        after(draw_delay(luck, world.delay, world.long_delay), Deliver{message});
}

/// The state has come with it, but not the bodies that its log did not have.
void RaftGroup::install(RaftNode& node, const raft::Base& base) {
    ++counts.installs;
    judge.on_install(base);
    node.applied = {base.index, base.term, base.chain};
    const bool kept = node.core->log.last() > base.index || node.disk.holds(base.index, base.term);
    if (kept) return;
    node.complete = false;
    after(luck.up_to(std::chrono::seconds{2}), Fetched{place(node), node.life});
    // Said before anything else happens at this node.
    const auto output = raft::step(*node.core, raft::Complete{false}, now);
    (void)output;  // a mere note: nothing comes of it
}

void RaftGroup::send_snapshot(RaftNode& leader, raft::NodeId to, bool asked) {
    ++counts.snapshots;
    const Snapshot snapshot{place(leader),
                            leader.life,
                            to.value - 1,
                            leader.core->hard.term,
                            leader.applied_base(),
                            asked,
                            luck.of_thousand(world.snapshot_loss)};
    after(luck.up_to(std::chrono::milliseconds{200}), snapshot);
}

void RaftGroup::plan_wake(RaftNode& node) {
    const auto wake = raft::next_wake(*node.core);
    if (!wake || (node.wake && *node.wake <= *wake)) return;
    node.wake = std::max(*wake, now);
    events_.push({*node.wake, ++events_made_, Wake{place(node), node.life, *node.wake}});
}

void RaftGroup::heal() {
    world = {};
    cut.clear();
    for (auto& node : nodes) {
        node.paused_until = {};
        if (!node.up()) start(node);
    }
}

}  // namespace cmq::simulation
