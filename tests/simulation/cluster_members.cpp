// The operator: nodes join, leave, and come back after their disks were lost. One thing at a time.

#include <algorithm>

#include "tests/simulation/cluster_node.h"

namespace cmq::simulation {

using namespace std::chrono_literals;

bool Cluster::is_voter(raft::NodeId id) const {
    return std::ranges::any_of(view_.nodes, [id](const broker::NodeView& node) {
        return node.id.value == id.value && node.role != broker::NodeRole::learner;
    });
}

/// Once a second: looks at the cluster, and brings what was begun a little further.
void Cluster::operate() {
    auto* leads = leader();
    if (!leads) return;
    describe(*leads);
    auto& change = change_;
    if (change.joins != raft::NodeId{} && is_voter(change.joins)) {
        change.leaves = std::exchange(change.replaces, {});
        change.joins = {};
    }
    if (change.joins != raft::NodeId{}) return;
    if (change.leaves != raft::NodeId{}) return ask_to_leave();
    if (change.asked && clock_.ticks < change.asked_until) return;
    change.asked = false;
    const auto given_up =
        std::ranges::find_if(nodes_, [](const auto& node) { return node->given_up; });
    if (given_up != nodes_.end()) return replace(**given_up);
    if (nodes_.size() < options_.nodes) return join({});
    if (change.replaces != raft::NodeId{}) {  // another came meanwhile, by a call answered late
        change.leaves = std::exchange(change.replaces, {});
        return;
    }
    if (!faulty_ || calm()) return;
    auto& node = *nodes_[draw(nodes_.size())];
    if (!is_voter(node.id)) return;
    const bool all_well =
        view_.nodes.size() == nodes_.size() &&
        std::ranges::all_of(view_.nodes, [](const auto& known) { return known.in_sync; });
    if (auto* harmed = find(harm_.node)) {  // a disk that made mistakes is not kept for long
        if (all_well && one_in(20)) replace(*harmed);
        return;
    }
    if (all_well && one_in(rates_.rate(Trouble::node_wiped))) return wipe(node);
    if (one_in(rates_.rate(Trouble::node_joins)) && nodes_.size() == options_.nodes)
        return join({});
    if (one_in(rates_.rate(Trouble::node_leaves)) && nodes_.size() > options_.nodes)
        change.leaves = node.id;
}

void Cluster::describe(Node& leads) {
    leads.wake = clock_.ticks;
    leads.machine->ask(shard::ClusterRequest{broker::DescribeCluster{}},
                       [this](const broker::Answer& answer) {
                           if (answer.outcome)
                               view_ = std::get<broker::ClusterView>(*answer.outcome);
                       });
    // Whoever was added by a call whose answer was lost never came.
    for (const auto& known : view_.nodes) {
        const raft::NodeId id{known.id.value};
        const bool expected = find(id) || id == change_.replaces || id == change_.leaves;
        if (!expected && !change_.asked) change_.leaves = id;
    }
}

void Cluster::join(raft::NodeId replaces) {
    auto* leads = leader();
    if (!leads) return;
    auto& change = change_;
    change.asked = true;
    change.asked_until = clock_.ticks + 15s;
    change.replaces = replaces;
    auto token = std::to_string(++tokens_);
    token.resize(broker::token_id_bytes, '.');
    const auto name = "new" + std::to_string(tokens_);
    const shard::AddNode add{token,
                             clock_.now + 1h,
                             name + ":1",
                             "http://" + name + ":2",
                             {},
                             broker::NodeId{replaces.value},
                             options_.newest};
    leads->wake = clock_.ticks;
    leads->machine->ask(
        shard::ClusterRequest{add}, [this, knows = add.knows](const broker::Answer& answer) {
            const auto* added =
                answer.outcome ? std::get_if<broker::NodeAdded>(&*answer.outcome) : nullptr;
            if (!added) return;
            change_.asked = false;
            change_.joins = raft::NodeId{added->node.value};
            add_node(change_.joins);
            nodes_.back()->settings.core.newest_format = knows;
            start(*nodes_.back());
            coverage_.struck(Trouble::node_joins, Part::learner, clock_.ticks);
            ambush(*nodes_.back());
        });
}

/// Asked again until it is gone from the directory; then its machine may be switched off.
void Cluster::ask_to_leave() {
    const auto id = change_.leaves;
    const bool there = std::ranges::any_of(
        view_.nodes, [id](const broker::NodeView& node) { return node.id.value == id.value; });
    if (!there) return retire(id);
    auto* leads = leader();
    if (auto* node = find(id); node && node->up())
        coverage_.struck(Trouble::node_leaves, node->part, clock_.ticks);
    leads->wake = clock_.ticks;
    leads->machine->ask(shard::ClusterRequest{broker::RemoveNode{broker::NodeId{id.value}, true}},
                        [](const broker::Answer&) {});
}

void Cluster::retire(raft::NodeId id) {
    change_.leaves = {};
    const auto gone =
        std::ranges::find_if(nodes_, [id](const auto& node) { return node->id == id; });
    if (gone == nodes_.end()) return;
    (*gone)->machine.reset();
    retired_.push_back(std::move(*gone));
    nodes_.erase(gone);
}

/// It lost its disk, and with it its vote: the same machine comes back with a new incarnation.
void Cluster::wipe(Node& node) {
    coverage_.struck(Trouble::node_wiped, node.part, clock_.ticks);
    if (options_.planted.wiped_comes_back_as_itself) {
        crash(node, Trouble::kill);
        node.disk = std::make_unique<support::Disk>(node.seeds());
        return;
    }
    replace(node);
}

void Cluster::replace(Node& node) {
    const auto id = node.id;
    retire(id);
    change_.replaces = id;
    join(id);
}

}  // namespace cmq::simulation
