#include "tests/simulation/raft_any_order.h"

#include <algorithm>

#include "base/hash.h"
#include "raft/wire.h"

namespace cmq::simulation {
namespace {

std::vector<raft::NodeId> with(std::vector<raft::NodeId> nodes, raft::NodeId node) {
    nodes.push_back(node);
    std::ranges::sort(nodes);
    return nodes;
}

/// Everything that a message says, as one number.
std::uint64_t number_of(const raft::Message& message) {
    std::uint64_t number = 0;
    for (const auto& piece : raft::encode(message)) number = xxh3(*piece, number);
    return number;
}

void put(Encoder& out, const raft::HardState& hard) {
    out.varint(hard.term.value).varint(hard.vote.value);
}

void put(Encoder& out, const raft::Peer& peer) {
    out.varint(peer.match.value).varint(peer.next.value).varint(peer.flights.size());
    out.varint(peer.round).u8(static_cast<std::uint8_t>(peer.mode)).u8(peer.asked);
    out.u8(peer.complete).u8(static_cast<std::uint8_t>(peer.copy));
}

void put(Encoder& out, const raft::State& core) {
    put(out, core.hard);
    put(out, core.durable_hard);
    out.varint(core.commit.value).varint(core.durable.value).varint(core.on_disk.value);
    out.varint(core.log.last().value).u64(core.log.chain()).varint(core.log.last_term().value);
    out.u8(static_cast<std::uint8_t>(core.role)).varint(core.leader.value);
    out.varint(core.owes_vote.value).varint(core.configurations.back().first.value);
    const auto& following = core.following;
    out.varint(following.verified.value).varint(following.acknowledged.value);
    out.u8(following.owes_reply).varint(following.round).varint(core.standing.granted.size());
    for (const auto voter : core.standing.granted) out.varint(voter.value);
    out.u8(core.standing.asked).u8(core.standing.transfer).varint(core.leading.round);
    out.varint(core.leading.round_confirmed).varint(core.leading.secured.value);
    for (const auto& peer : core.leading.peers) put(out, peer);
}

void put(Encoder& out, const RaftNode& node) {
    put(out, *node.core);
    put(out, node.disk.hard);
    out.varint(node.disk.last().value).u64(node.disk.chain()).varint(node.applied.index.value);
    for (const auto& write : node.writes) {
        put(out, write.report.hard);
        out.varint(write.append.empty() ? 0 : write.append.front().index.value);
        out.u64(write.append.empty() ? 0 : write.append.back().chain);
    }
}

}  // namespace

AnyOrder::AnyOrder(std::size_t count, std::size_t voters, raft::Options options)
    : options_(options), nodes_(count), clocks_(count, Steady{std::chrono::hours{1}}) {
    raft::Configuration first;
    for (std::size_t at = 0; at < count; ++at) {
        nodes_[at].id = raft::NodeId{at + 1};
        (at < voters ? first.voters : first.learners).push_back(nodes_[at].id);
    }
    for (auto& node : nodes_) {
        node.disk.checkpoint.configuration = first;
        start(node);
    }
}

void AnyOrder::start(RaftNode& node) {
    node.start(options_, node.id.value);
    give(node, raft::Complete{true});  // its first step: the clock is known now
}

bool AnyOrder::make(Move move) {
    auto& node = nodes_[move.node];
    switch (move.act) {
        case Act::deliver:
        case Act::repeat:
        case Act::drop:
            return deliver(move);
        case Act::sync:
            return sync(node);
        case Act::tick:
        case Act::wait:
            return pass_time(node, move.act);
        case Act::stand:
            return stand(node);
        case Act::propose:
            return propose(node);
        case Act::crash:
        case Act::cut_power:
            return restart(node, move.act);
        case Act::read:
            return read(node);
        case Act::transfer:
            return transfer(node, raft::NodeId{move.what + 1u});
        case Act::remove:
        case Act::promote:
            return change(node, raft::NodeId{move.what + 1u}, move.act);
        case Act::flush:
            return flush(node);
        case Act::install:
            return install(node, nodes_[move.what]);
    }
    return false;
}

bool AnyOrder::sync(RaftNode& node) {
    if (node.writes.empty()) return false;
    const auto report = node.sync();
    node.disk.complete = true;  // bodies are fetched at once here
    give(node, report);
    return true;
}

bool AnyOrder::deliver(Move move) {
    if (move.what >= network_.size()) return false;
    const auto message = network_[move.what];
    if (move.act != Act::repeat) network_.erase(network_.begin() + move.what);
    if (move.act != Act::drop) give(nodes_[message.to.value - 1], raft::Received{message});
    return true;
}

bool AnyOrder::pass_time(RaftNode& node, Act act) {
    const auto wake = raft::next_wake(*node.core);
    if (!wake) return false;
    clock(node) = std::max(clock(node), *wake);
    if (act == Act::tick) give(node, raft::Tick{});
    return true;
}

/// Pre-votes change nothing, so their order does not matter: they are all over before anything else
/// happens.
bool AnyOrder::stand(RaftNode& node) {
    if (node.core->role == raft::Role::leader) return false;
    for (auto& other : nodes_)
        if (other.core->role != raft::Role::leader) pass_time(other, Act::wait);
    pass_time(node, Act::tick);
    const auto is_pre_vote = [](const raft::Message& message) {
        const auto* request = std::get_if<raft::VoteRequest>(&message.body);
        const auto* reply = std::get_if<raft::VoteReply>(&message.body);
        return (request && request->pre) || (reply && reply->pre);
    };
    for (auto at = std::ranges::find_if(network_, is_pre_vote); at != network_.end();
         at = std::ranges::find_if(network_, is_pre_vote))
        deliver({Act::deliver, 0, static_cast<std::uint8_t>(at - network_.begin())});
    return true;
}

bool AnyOrder::propose(RaftNode& node) {
    if (!node.leads()) return false;
    give(node, raft::Propose{{make_blob("command " + std::to_string(++commands_))}});
    return true;
}

bool AnyOrder::restart(RaftNode& node, Act act) {
    node.crash(act == Act::cut_power ? node.writes.size() : 0);
    node.disk.complete = true;
    start(node);
    return true;
}

bool AnyOrder::read(RaftNode& node) {
    if (node.core->role != raft::Role::leader) return false;
    judge_.on_read(++reads_);
    give(node, raft::Read{reads_});
    return true;
}

bool AnyOrder::transfer(RaftNode& node, raft::NodeId to) {
    if (!node.leads() || to == node.id) return false;
    give(node, raft::Transfer{to});
    return true;
}

bool AnyOrder::change(RaftNode& node, raft::NodeId member, Act act) {
    if (node.core->role != raft::Role::leader) return false;
    auto to = node.core->configuration();
    if (act == Act::remove && to.voters.size() <= 3) return false;
    std::erase(to.voters, member);
    std::erase(to.learners, member);
    auto& list = act == Act::promote ? to.voters : to.learners;
    list = with(std::move(list), member);
    if (!raft::may_change(*node.core, to)) return false;
    give(node, raft::Change{to});
    return true;
}

bool AnyOrder::flush(RaftNode& node) {
    const auto index = node.applied.index;
    if (index > node.core->durable || !node.writes.empty()) return false;
    if (index <= node.disk.checkpoint.index) return false;
    node.disk.flush(node.applied_base());
    node.disk.drop(index);
    return true;
}

/// Without being asked for; so only where it changes nothing that is wanted.
bool AnyOrder::install(const RaftNode& from, RaftNode& to) {
    if (from.core->role != raft::Role::leader || from.id == to.id) return false;
    const auto base = from.applied_base();
    if (to.core->log.term_at(base.index) != base.term || base.index <= to.core->commit)
        return false;
    give(to, raft::Installed{from.id, from.core->hard.term, base});
    return true;
}

void AnyOrder::give(RaftNode& node, const raft::Input& input) {
    if (judge_.problem()) return;
    const auto role = node.core->role;
    auto output = raft::step(*node.core, input, clock(node));
    if (role != raft::Role::leader && node.core->role == raft::Role::leader) judge_.on_leader(node);
    if (!output.damaged.empty()) return judge_.wrong("damaged: " + output.damaged);
    for (const auto& entry : output.append) judge_.on_append(entry);
    node.queue_write(output);
    if (output.install) {
        judge_.on_install(*output.install);
        node.applied = {output.install->index, output.install->term, output.install->chain};
    }
    for (const auto& entry : output.apply) judge_.on_apply(node, entry, nodes_);
    for (const auto& ready : output.reads) judge_.on_ready(ready);
    judge_.on_secured(node, nodes_);
    network_.insert(network_.end(), output.send.begin(), output.send.end());
    for (const auto& load : output.load) give(node, node.disk.load(load));
    for (const auto peer : output.snapshot) {
        auto& to = nodes_[peer.value - 1];
        const auto base = node.applied_base();
        give(to, raft::Installed{node.id, node.core->hard.term, base});
        give(node, raft::SnapshotSent{peer, base.index, true});
    }
}

std::uint64_t AnyOrder::fingerprint() const {
    std::string all;
    Encoder out(all);
    for (const auto& node : nodes_) {
        put(out, node);
        const auto now = clocks_[node.id.value - 1];
        out.u8(node.core->leader != raft::NodeId{} &&
               now - node.core->leader_heard < options_.election);
    }
    std::vector<std::uint64_t> messages;
    for (const auto& message : network_) messages.push_back(number_of(message));
    std::ranges::sort(messages);
    for (const auto message : messages) out.u64(message);
    out.u64(judge_.fingerprint()).varint(commands_);
    return xxh3(all);
}

}  // namespace cmq::simulation
