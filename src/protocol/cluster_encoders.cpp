// What is known of the cluster, as JSON.

#include "protocol/action_table.h"

namespace cmq::protocol {
namespace {

std::string text_of(broker::NodeId node) { return std::to_string(node.value); }

std::string_view name_of(broker::NodeRole role) {
    switch (role) {
        case broker::NodeRole::leader:
            return "leader";
        case broker::NodeRole::voter:
            return "voter";
        case broker::NodeRole::learner:
            return "learner";
    }
    return "voter";
}

std::string_view name_of(broker::NodeState state) {
    switch (state) {
        case broker::NodeState::up:
            return "up";
        case broker::NodeState::down:
            return "down";
        case broker::NodeState::catching_up:
            return "catching up";
    }
    return "down";
}

std::string progress_of(const broker::NodeView& node) {
    switch (node.catching) {
        case broker::Catching::nothing:
            return {};
        case broker::Catching::state:
            return "state " + std::to_string(node.percent) + '%';
        case broker::Catching::bodies:
            return "bodies";
        case broker::Catching::log:
            return "log";
    }
    return {};
}

void write_node(JsonWriter& json, const broker::NodeView& node) {
    json.begin_object()
        .text("id", text_of(node.id))
        .count("number", broker::number_of(node.id))
        .count("incarnation", broker::incarnation_of(node.id))
        .text("address", node.address)
        .text("endpoint", node.endpoint)
        .text("zone", node.zone)
        .text("role", name_of(node.role))
        .text("state", name_of(node.state))
        .count("lag", node.lag)
        .truth("in_sync", node.in_sync)
        .text("progress", progress_of(node))
        .count("newest_format", node.knows.value)
        .end_object();
}

/// One group so far; it has all nodes.
void write_group(JsonWriter& json, const broker::ClusterView& view) {
    json.begin_object().count("id", 1).text("leader", text_of(view.leader));
    json.count("term", view.term).count("commit", view.commit).begin_list("replicas");
    for (const auto& node : view.nodes)
        json.begin_object()
            .text("id", text_of(node.id))
            .text("role", name_of(node.role))
            .count("lag", node.lag)
            .truth("in_sync", node.in_sync)
            .end_object();
    json.end_list().end_object();
}

}  // namespace

namespace encoders {

void cluster(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& view = std::get<broker::ClusterView>(*answer.outcome);
    json.begin_list("nodes");
    for (const auto& node : view.nodes) write_node(json, node);
    json.end_list().count("copies_in_sync", view.copies_in_sync).begin_list("groups");
    write_group(json, view);
    json.end_list().count("format_version", view.format.value);
}

void join_token(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    json.text("joinToken", std::get<broker::JoinToken>(*answer.outcome).text);
}

}  // namespace encoders
}  // namespace cmq::protocol
