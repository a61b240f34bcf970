// Parameters to requests about the cluster, one function an action. All ours.
//
// They are the operator's: keys of the first namespace may ask, all others may not.

#include "broker/limits.h"
#include "protocol/decoding.h"

namespace cmq::protocol {
namespace {

constexpr broker::Namespace operators{1};

Decoded<void> check_operator(broker::Namespace space) {
    if (space == operators) return {};
    return refuse(Row::not_allowed, "");
}

Call call_of(ClusterCall call) { return Call{std::move(call), {}}; }

Decoded<broker::NodeId> node(const Fields& fields) {
    CMQ_TRY(fields.required("node"));
    const auto number = *CMQ_TRY(fields.number("node"));
    const broker::NodeId id{static_cast<std::uint64_t>(number)};
    if (!broker::is_node_id(id)) return refuse(Row::out_of_range, "node");
    return id;
}

}  // namespace

namespace decoders {

Decoded<Call> describe_cluster(const Fields&, broker::Namespace space) {
    CMQ_TRY(check_operator(space));
    return call_of(broker::DescribeCluster{});
}

Decoded<Call> create_join_token(const Fields& fields, broker::Namespace space) {
    CMQ_TRY(check_operator(space));
    const auto given = CMQ_TRY(within(fields, "ttlSeconds", broker::token_lifetime));
    const std::chrono::seconds lifetime{given.value_or(broker::token_lifetime.usual)};
    return call_of(broker::CreateJoinToken{lifetime});
}

Decoded<Call> remove_node(const Fields& fields, broker::Namespace space) {
    CMQ_TRY(check_operator(space));
    const auto id = CMQ_TRY(node(fields));
    const auto force = CMQ_TRY(truth(fields, "force"));
    return call_of(broker::RemoveNode{id, force.value_or(false)});
}

Decoded<Call> transfer_lead(const Fields& fields, broker::Namespace space) {
    CMQ_TRY(check_operator(space));
    if (!fields.find("node")) return call_of(broker::TransferLead{});
    return call_of(broker::TransferLead{CMQ_TRY(node(fields))});
}

Decoded<Call> drain_node(const Fields& fields, broker::Namespace space) {
    CMQ_TRY(check_operator(space));
    return call_of(broker::DrainNode{CMQ_TRY(node(fields))});
}

}  // namespace decoders
}  // namespace cmq::protocol
