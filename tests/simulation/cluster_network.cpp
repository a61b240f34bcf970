// The links between nodes.

#include "tests/simulation/cluster_node.h"

namespace cmq::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Part Cluster::part_of(const Node& from, const raft::Message& said) const {
    if (std::holds_alternative<raft::Append>(said.body)) return Part::leader;
    if (std::holds_alternative<raft::VoteRequest>(said.body)) return Part::candidate;
    if (!std::holds_alternative<raft::AppendReply>(said.body)) return from.part;
    return is_voter(from.id) ? Part::follower : Part::learner;
}

std::optional<Trouble> Cluster::fate_of_message(Node& from) {
    if (!faulty_) return {};
    if (from.next_message) return std::exchange(from.next_message, {});
    for (const auto trouble : {Trouble::lost, Trouble::doubled, Trouble::late, Trouble::overtaken})
        if (one_in(rates_.rate(trouble))) return trouble;
    return {};
}

void Cluster::post(Node& from, const raft::Message& message) {
    ++counts_.messages;
    from.part = part_of(from, message);
    auto* to = find(message.to);
    if (!to || cut_.contains({from.id, to->id})) return;
    auto delay = microseconds{100 + draw(900)};
    const auto fate = fate_of_message(from);
    if (fate) coverage_.struck(*fate, from.part, clock_.ticks);
    if (fate == Trouble::lost) return;
    if (fate == Trouble::late) delay += milliseconds{draw(2'000)};
    if (fate == Trouble::overtaken) delay += microseconds{draw(20'000)};
    put_on_the_way(message, from.clock.wall(), delay);
    if (fate == Trouble::doubled)
        put_on_the_way(message, from.clock.wall(), delay + milliseconds{draw(500)});
}

void Cluster::put_on_the_way(const raft::Message& message, Stamp wall, microseconds delay) {
    letters_.push({clock_.ticks + delay, ++letter_numbers_, message, wall});
}

void Cluster::deliver() {
    while (!letters_.empty() && letters_.top().at <= clock_.ticks) {
        const auto letter = letters_.top();
        letters_.pop();
        auto* node = find(letter.message.to);
        if (!node || !node->up()) continue;
        if (node->paused_until > clock_.ticks) {  // lies in its socket
            put_on_the_way(letter.message, letter.wall,
                           std::chrono::ceil<microseconds>(node->paused_until - clock_.ticks));
            continue;
        }
        node->machine->receive(letter.message, letter.wall);
        work(*node);
    }
}

/// Links are mended later, all at once.
void Cluster::isolate(Node& node, Trouble how) {
    const bool in = how != Trouble::mute, out = how != Trouble::deaf;
    const auto reached = how == Trouble::bridge ? draw(nodes_.size()) : nodes_.size();
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
        const auto other = nodes_[at]->id;
        if (other == node.id || (reached < nodes_.size() && at != reached)) continue;
        if (in) cut_.insert({other, node.id});
        if (out) cut_.insert({node.id, other});
    }
    if (mend_at_ == Steady::max()) mend_at_ = clock_.ticks + milliseconds{500 + draw(15'000)};
}

}  // namespace cmq::simulation
