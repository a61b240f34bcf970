// The cluster's own affairs: who belongs to it, where they are, who leads.

#include <algorithm>

#include "shard/core.h"

namespace cmq::shard {
namespace {

constexpr std::chrono::milliseconds promotion_interval{200};
constexpr std::chrono::seconds change_patience{10};

/// `configuration` with `node` as a voter, which was a learner.
raft::Configuration promoted(raft::Configuration configuration, raft::NodeId node) {
    std::erase(configuration.learners, node);
    configuration.voters.push_back(node);
    std::ranges::sort(configuration.voters);
    return configuration;
}

raft::Configuration with_learner(raft::Configuration configuration, raft::NodeId node) {
    if (raft::is_member(configuration, node)) return configuration;
    configuration.learners.push_back(node);
    std::ranges::sort(configuration.learners);
    return configuration;
}

raft::Configuration without(raft::Configuration configuration, raft::NodeId node) {
    std::erase(configuration.voters, node);
    std::erase(configuration.learners, node);
    return configuration;
}

/// 0: there is none.
raft::NodeId earlier_life(const raft::Configuration& configuration, raft::NodeId node) {
    const broker::NodeId later{node.value};
    for (const auto* members : {&configuration.voters, &configuration.learners})
        for (const auto member : *members) {
            const broker::NodeId other{member.value};
            if (number_of(other) == number_of(later) && other < later) return member;
        }
    return {};
}

raft::NodeId raft_id(broker::NodeId node) { return raft::NodeId{node.value}; }

broker::Answer done_answer() { return {broker::Reply{broker::Done{}}, {}}; }

}  // namespace

void Core::submit(ClusterRequest request, Submit event) {
    if (!raft::leads(raft_)) return refuse(event.done, broker::Reason::no_leader);
    std::visit([&](const auto& kind) { submit(kind, std::move(event.done)); }, request);
}

broker::NodeView Core::view_of(const broker::NodeEntry& node,
                               const raft::GroupStatus& group) const {
    broker::NodeView view;
    view.id = node.node;
    view.address = node.peer_address;
    view.endpoint = node.endpoint;
    view.zone = node.zone;
    const auto id = raft_id(node.node);
    if (const auto said = knows_.find(id); said != knows_.end()) view.knows = said->second;
    if (id == raft_.self) view.knows = options_.newest_format;
    const auto peer = std::ranges::find(group.peers, id, &raft::PeerStatus::id);
    if (peer == group.peers.end()) {
        view.role = broker::NodeRole::learner;
        view.state = broker::NodeState::down;
        return view;
    }
    view.role = id == raft_.self ? broker::NodeRole::leader
                : peer->voter    ? broker::NodeRole::voter
                                 : broker::NodeRole::learner;
    view.lag = group.commit.value - std::min(group.commit, peer->match).value;
    view.in_sync = peer->in_sync;
    view.state = !peer->heard                        ? broker::NodeState::down
                 : peer->in_sync || id == raft_.self ? broker::NodeState::up
                                                     : broker::NodeState::catching_up;
    if (view.state == broker::NodeState::catching_up) view.catching = catching(*peer);
    if (view.catching == broker::Catching::state) view.percent = percent_sent(id);
    return view;
}

broker::Catching Core::catching(const raft::PeerStatus& peer) const {
    if (sendings_.contains(peer.id)) return broker::Catching::state;
    return peer.complete ? broker::Catching::log : broker::Catching::bodies;
}

unsigned Core::percent_sent(raft::NodeId to) const {
    const auto& sending = sendings_.at(to);
    if (!sending.copy || sending.copy->size == 0) return 0;
    return static_cast<unsigned>(sending.next * 100 / sending.copy->size);
}

void Core::submit(const broker::DescribeCluster&, Continuation done) {
    const auto group = raft::status(raft_, clock_.steady());
    broker::ClusterView view;
    for (const auto& node : state_.nodes()) view.nodes.push_back(view_of(node, group));
    view.copies_in_sync = static_cast<std::uint64_t>(
        std::ranges::count_if(group.peers, [](const auto& peer) { return peer.in_sync; }));
    view.leader = broker::NodeId{group.leader.value};
    view.term = group.term.value;
    view.commit = group.commit.value;
    view.format = format_;
    done(broker::Answer{broker::Reply{std::move(view)}, {}});
}

void Core::submit(const AddNode& add, Continuation done) {
    const broker::Command command{
        {},
        broker::AddNode{add.token, add.token_expires, add.peer_address, add.endpoint, add.zone,
                        add.replaces, add.knows, add.key}};
    enqueue(command,
            Origin{[this, done = std::move(done)](broker::Answer answer) {
                       if (!answer.outcome) return done(std::move(answer));
                       const auto node = std::get<broker::NodeAdded>(*answer.outcome).node;
                       member_changes_.push_back({MemberChange::Kind::add_learner, raft_id(node),
                                                  [done, answer](const broker::Answer& change) {
                                                      done(change.outcome ? answer : change);
                                                  },
                                                  clock_.steady() + change_patience});
                   },
                   {},
                   0});
}

void Core::submit(const broker::RemoveNode& remove, Continuation done) {
    const auto nodes = state_.nodes();
    const auto found = std::ranges::find(nodes, remove.node, &broker::NodeEntry::node);
    if (found == nodes.end()) return refuse(done, broker::Reason::node_missing);
    const auto id = raft_id(remove.node);
    const auto left = without(raft_.configuration(), id);
    if (left.voters.empty()) return refuse(done, broker::Reason::last_voter);
    const auto lies_in = [&](const broker::NodeEntry& node, std::string_view zone) {
        return !raft::is_voter(left, raft_id(node.node)) || node.zone == zone;
    };
    const auto first = std::ranges::find_if(
        nodes, [&](const auto& node) { return raft::is_voter(left, raft_id(node.node)); });
    const bool spread = std::ranges::any_of(
        nodes, [&](const auto& node) { return node.zone != nodes.front().zone; });
    const bool one_zone = first != nodes.end() && std::ranges::all_of(nodes, [&](const auto& node) {
                              return lies_in(node, first->zone);
                          });
    if (spread && one_zone && !remove.force) return refuse(done, broker::Reason::one_zone);
    if (id == raft_.self) {  // whoever leads next does it
        step(raft::Transfer{});
        const bool nobody = raft::leads(raft_);
        return refuse(done, nobody ? broker::Reason::no_successor : broker::Reason::no_leader);
    }
    member_changes_.push_back(
        {MemberChange::Kind::remove, id, std::move(done), clock_.steady() + change_patience});
}

void Core::submit(const broker::TransferLead& transfer, Continuation done) {
    if (raft_id(transfer.node) == raft_.self) return done(done_answer());
    step(raft::Transfer{raft_id(transfer.node)});
    if (raft::leads(raft_)) return refuse(done, broker::Reason::not_caught_up);
    transfers_.push_back(std::move(done));
}

void Core::submit(const broker::DrainNode& drain, Continuation done) {
    const auto node = raft_id(drain.node);
    if (node != raft_.self) {
        if (!raft::is_member(raft_.configuration(), node))
            return refuse(done, broker::Reason::node_missing);
        return ask(node, StandBack{}, [this, done](const Result<BulkAnswer>& answer) {
            answer ? done(done_answer()) : refuse(done, broker::Reason::not_caught_up);
        });
    }
    step(raft::StandBack{});
    if (raft::leads(raft_)) return refuse(done, broker::Reason::not_caught_up);
    transfers_.push_back(std::move(done));
}

void Core::asked(raft::NodeId, const StandBack&, const BulkReply& reply) {
    step(raft::StandBack{});
    reply(StandsBack{});
}

/// A handover that came to nothing: we lead again.
void Core::end_transfers() {
    if (transfers_.empty() || !raft::leads(raft_)) return;
    for (auto& done : std::exchange(transfers_, {})) refuse(done, broker::Reason::not_caught_up);
}

void Core::on(SetSelf event) {
    self_ = std::move(event.self);
    told_address_ = false;
}

/// The leader knows best where it is itself; and the first entry founds the directory.
void Core::tell_own_address() {
    if (told_address_ || self_.peer_address.empty() || !raft::leads(raft_)) return;
    told_address_ = true;
    for (const auto& node : state_.nodes())
        if (node == self_) return;
    const broker::SetNode set{self_.node, self_.peer_address, self_.endpoint, self_.zone};
    enqueue(broker::Command{{}, set}, {});
}

/// A learner that keeps up becomes a voter, one at a time [4.2.1]. When it is another life of a
/// node, the earlier one goes first: it may never answer again, and must not weigh in a majority.
void Core::promote_learners() {
    const auto& configuration = raft_.configuration();
    if (configuration.learners.empty() || !raft::leads(raft_) || stopping_) return;
    if (clock_.steady() < next_promotion_) return;
    next_promotion_ = clock_.steady() + promotion_interval;
    for (const auto learner : configuration.learners) {
        const auto to = promoted(configuration, learner);
        if (!raft::may_change(raft_, to)) continue;
        const auto earlier = earlier_life(configuration, learner);
        return earlier == raft::NodeId{} ? step(raft::Change{to}) : retire(earlier);
    }
}

void Core::retire(raft::NodeId node) {
    if (node == raft_.self) return step(raft::Transfer{});  // whoever leads next does it
    const auto waits = [&](const MemberChange& change) { return change.node == node; };
    if (std::ranges::any_of(member_changes_, waits)) return;
    member_changes_.push_back(
        {MemberChange::Kind::remove, node, {}, clock_.steady() + change_patience});
}

void Core::change_members() {
    while (!member_changes_.empty() && raft::leads(raft_) && change_member(member_changes_.front()))
        member_changes_.pop_front();
}

/// True: it is done with, one way or the other.
bool Core::change_member(MemberChange& change) {
    const auto& now = raft_.configuration();
    const bool adds = change.kind == MemberChange::Kind::add_learner;
    const auto wanted = adds ? with_learner(now, change.node) : without(now, change.node);
    if (wanted == now) {
        if (raft_.configurations.back().first > raft_.commit) return false;
        if (adds) {
            change.done(done_answer());
        } else {
            const broker::DropNode drop{broker::NodeId{change.node.value}};
            enqueue(broker::Command{{}, drop}, Origin{std::move(change.done), {}, 0});
        }
        return true;
    }
    if (const auto may = raft::may_change(raft_, wanted)) {
        step(raft::Change{wanted});
    } else if (may.error().code == Code::invalid || clock_.steady() >= change.until) {
        refuse(change.done, may.error().code == Code::invalid ? broker::Reason::last_voter
                                                              : broker::Reason::change_under_way);
        return true;
    }
    return false;
}

}  // namespace cmq::shard
