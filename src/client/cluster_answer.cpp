// What is told of the cluster, to values.

#include "client/answer.h"
#include "client/answer_parts.h"

namespace cmq::client {
namespace {

constexpr std::string_view one_zone = "(11042)";

Result<ClusterNode> node_of(const Json& fields) {
    ClusterNode node;
    node.id = CMQ_TRY(text(fields, "id"));
    node.number = CMQ_TRY(count(fields, "number"));
    node.incarnation = CMQ_TRY(count(fields, "incarnation"));
    node.address = CMQ_TRY(text(fields, "address"));
    node.endpoint = CMQ_TRY(text(fields, "endpoint"));
    node.zone = CMQ_TRY(text(fields, "zone"));
    node.role = CMQ_TRY(text(fields, "role"));
    node.state = CMQ_TRY(text(fields, "state"));
    node.lag = CMQ_TRY(count(fields, "lag"));
    node.in_sync = CMQ_TRY(truth(fields, "in_sync"));
    node.progress = CMQ_TRY(text(fields, "progress"));
    node.newest_format = CMQ_TRY(count(fields, "newest_format"));
    return node;
}

Result<ClusterReplica> replica_of(const Json& fields) {
    ClusterReplica replica;
    replica.id = CMQ_TRY(text(fields, "id"));
    replica.role = CMQ_TRY(text(fields, "role"));
    replica.lag = CMQ_TRY(count(fields, "lag"));
    replica.in_sync = CMQ_TRY(truth(fields, "in_sync"));
    return replica;
}

Result<ClusterGroup> group_of(const Json& fields) {
    ClusterGroup group;
    group.id = CMQ_TRY(count(fields, "id"));
    group.leader = CMQ_TRY(text(fields, "leader"));
    group.term = CMQ_TRY(count(fields, "term"));
    group.commit = CMQ_TRY(count(fields, "commit"));
    group.replicas = CMQ_TRY(all_of(fields, "replicas", replica_of));
    return group;
}

}  // namespace

Result<ClusterDetails> decode_cluster(std::string_view answer) {
    const auto fields = CMQ_TRY(fields_of(answer));
    ClusterDetails cluster;
    cluster.nodes = CMQ_TRY(all_of(fields, "nodes", node_of));
    cluster.copies_in_sync = CMQ_TRY(count(fields, "copies_in_sync"));
    cluster.groups = CMQ_TRY(all_of(fields, "groups", group_of));
    cluster.format_version = CMQ_TRY(count(fields, "format_version"));
    return cluster;
}

Result<std::string> decode_join_token(std::string_view answer) {
    return text(CMQ_TRY(fields_of(answer)), "joinToken");
}

Result<Removal> decode_removal(std::string_view answer) {
    const auto envelope = CMQ_TRY(open_envelope(answer));
    if (envelope.code == 0) return Removal::done;
    if (envelope.message.starts_with(one_zone)) return Removal::would_leave_one_zone;
    return tl::unexpected(envelope.error());
}

}  // namespace cmq::client
