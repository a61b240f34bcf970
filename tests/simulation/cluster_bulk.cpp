// The bulk stream of the simulated network: questions and answers, each of which may be lost.

#include "tests/simulation/cluster.h"
#include "tests/simulation/cluster_node.h"

namespace cmq::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

void Cluster::send(Parcel parcel, std::size_t from, microseconds delay) {
    if (cut_[from][parcel.to]) return;
    if (faulty_ && one_in(rates_.loss)) return void(++counts_.lost);
    if (faulty_ && one_in(rates_.late)) delay += milliseconds{draw(2'000)};
    parcel.at = clock_.ticks + delay;
    parcel.number = ++letter_numbers_;
    parcels_.push(std::move(parcel));
}

/// Who asked hears something in any case: the answer, or that none came.
void Cluster::ask(std::size_t from, raft::NodeId to, shard::BulkRequest request,
                  std::uint64_t question) {
    const auto patience = microseconds{1'000'000 + draw(4'000'000)};
    parcels_.push({clock_.ticks + patience, ++letter_numbers_, from, [question](Machine& machine) {
                       machine.answered({question, fail(Code::timed_out, "no answer came")});
                   }});
    const auto other = to.value - 1;
    if (other >= nodes_.size()) return;
    const auto open = [this, from, other, question, request](Machine& machine) {
        const raft::NodeId asker{from + 1};
        machine.asked({asker, request, [this, from, other, question](auto given) {
                           answer(other, from, question, std::move(given),
                                  microseconds{100 + draw(900)});
                       }});
    };
    send({{}, 0, other, open}, from, microseconds{100 + draw(900)});
}

void Cluster::answer(std::size_t from, std::size_t to, std::uint64_t question,
                     Result<shard::BulkAnswer> given, microseconds delay) {
    const auto open = [question, given](Machine& machine) { machine.answered({question, given}); };
    send({{}, 0, to, open}, from, delay);
}

/// What reaches a node that is down is lost; what reaches one that is paused is late.
void Cluster::deliver_parcels() {
    while (!parcels_.empty() && parcels_.top().at <= clock_.ticks) {
        auto parcel = parcels_.top();
        parcels_.pop();
        auto& node = *nodes_[parcel.to];
        if (!node.up()) continue;
        if (node.paused_until > clock_.ticks) {
            parcel.at = node.paused_until;
            parcels_.push(std::move(parcel));
            continue;
        }
        parcel.open(*node.machine);
        work(node);
    }
}

}  // namespace cmq::simulation
