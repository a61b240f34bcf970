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
    if (!faulty_ || calm()) return {};
    if (from.next_message) return std::exchange(from.next_message, {});
    for (const auto trouble : {Trouble::lost, Trouble::doubled, Trouble::late, Trouble::overtaken})
        if (one_in(rates_.rate(trouble))) return trouble;
    return {};
}

void Cluster::post(Node& from, const raft::Message& message, const shard::JournalNote& note) {
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
    const Letter letter{{}, 0, message, from.clock.wall(), note};
    put_on_the_way(letter, delay);
    if (fate == Trouble::doubled) put_on_the_way(letter, delay + milliseconds{draw(500)});
}

void Cluster::put_on_the_way(Letter letter, microseconds delay) {
    letter.at = clock_.ticks + delay;
    letter.number = ++letter_numbers_;
    letters_.push(std::move(letter));
}

void Cluster::deliver() {
    deliver_parcels();
    while (!letters_.empty() && letters_.top().at <= clock_.ticks) {
        const auto letter = letters_.top();
        letters_.pop();
        auto* node = find(letter.message.to);
        if (!node || !node->up()) continue;
        if (node->paused_until > clock_.ticks) {  // lies in its socket
            put_on_the_way(letter,
                           std::chrono::ceil<microseconds>(node->paused_until - clock_.ticks));
            continue;
        }
        node->machine->receive(letter.message, letter.wall, letter.note);
        work(*node);
    }
}

/// Who asked hears something in any case: the answer, or that none came.
void Cluster::ask(Node& from, raft::NodeId to, shard::BulkRequest request, std::uint64_t question) {
    if (auto* chunk = std::get_if<shard::SnapshotChunk>(&request)) trouble_chunk(from, to, *chunk);
    const auto patience = microseconds{1'000'000 + draw(4'000'000)};
    parcels_.push(
        {clock_.ticks + patience, ++letter_numbers_, from.id, [question](Machine& machine) {
             machine.answered({question, fail(Code::timed_out, "no answer came")});
         }});
    const auto answer = [this, to, asker = from.id, question](Result<shard::BulkAnswer> given) {
        const auto open = [question, given = std::move(given)](Machine& machine) {
            machine.answered({question, given});
        };
        send({{}, 0, asker, open}, to);
    };
    const auto open = [request = std::move(request), answer, asker = from.id](Machine& machine) {
        machine.asked({asker, request, answer});
    };
    send({{}, 0, to, open}, from.id);
}

void Cluster::send(Parcel parcel, raft::NodeId from) {
    if (cut_.contains({from, parcel.to})) return;
    const bool troubled = faulty_ && !calm();
    if (troubled && one_in(rates_.rate(Trouble::lost))) return;
    auto delay = microseconds{100 + draw(900)};
    if (troubled && one_in(rates_.rate(Trouble::late))) delay += milliseconds{draw(2'000)};
    parcel.at = clock_.ticks + delay;
    parcel.number = ++letter_numbers_;
    parcels_.push(std::move(parcel));
}

/// What reaches a node that is down is lost; what reaches one that is paused is late.
void Cluster::deliver_parcels() {
    while (!parcels_.empty() && parcels_.top().at <= clock_.ticks) {
        auto parcel = parcels_.top();
        parcels_.pop();
        auto* node = find(parcel.to);
        if (!node || !node->up()) continue;
        if (node->paused_until > clock_.ticks) {
            parcel.at = node->paused_until;
            parcels_.push(std::move(parcel));
            continue;
        }
        parcel.open(*node->machine);
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
