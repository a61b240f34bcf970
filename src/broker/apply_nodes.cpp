// Commands on the directory of nodes.
#include <algorithm>

#include "broker/core.h"
#include "broker/limits.h"

namespace cmq::broker {
namespace {

/// Printable, without blanks: it stands in tables and in lines that scripts read.
bool is_plain(std::string_view text, std::int64_t bytes_max) {
    return text.size() <= static_cast<std::size_t>(bytes_max) &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

tl::expected<NodeEntry, Refusal> entry_of(NodeId node, std::string_view peer_address,
                                          std::string_view endpoint, std::string_view zone) {
    if (peer_address.empty() || !is_plain(peer_address, node_address_bytes_max))
        return refuse(Reason::out_of_range, "peerAddress");
    if (endpoint.empty() || !is_plain(endpoint, node_address_bytes_max))
        return refuse(Reason::out_of_range, "endpoint");
    if (!is_plain(zone, zone_bytes_max)) return refuse(Reason::out_of_range, "zone");
    return NodeEntry{node, std::string(peer_address), std::string(endpoint), std::string(zone)};
}

tl::expected<void, Refusal> check_token(const AddNode& command, Stamp now) {
    if (command.token.size() != token_id_bytes) return refuse(Reason::out_of_range, "token");
    if (!command.key.empty() && command.key.size() != node_key_bytes)
        return refuse(Reason::out_of_range, "key");
    if (command.token_expires <= now) return refuse(Reason::token_expired, "token");
    return {};
}

/// Nobody but the node itself has its key: whoever else found the token gets nothing for it.
Outcome added_before(const Directory& directory, const Directory::Use& use,
                     const AddNode& command) {
    const auto entry =
        CMQ_TRY(entry_of(use.node, command.peer_address, command.endpoint, command.zone));
    if (command.key.empty() || command.key != use.key || !directory.holds(entry))
        return refuse(Reason::token_used, "token");
    return NodeAdded{use.node};
}

tl::expected<NodeId, Refusal> next_id(const Directory& directory, NodeId replaces) {
    if (replaces == NodeId{}) return directory.next_number();
    if (!directory.holds(replaces)) return refuse(Reason::node_missing, "replaces");
    const auto next = directory.next_incarnation(replaces);
    if (!next) return refuse(Reason::out_of_range, "replaces");
    return *next;
}

}  // namespace

Outcome on(Core& core, const Context& context, const AddNode& command) {
    auto& directory = core.directory;
    if (!directory.is_founded()) return refuse(Reason::node_missing, "node");
    if (command.knows < core.format) return refuse(Reason::node_too_old);
    directory.forget_tokens(context.now);
    CMQ_TRY(check_token(command, context.now));
    if (const auto* use = directory.use_of(command.token))
        return added_before(directory, *use, command);
    if (directory.tokens() >= used_tokens_max) return refuse(Reason::too_many_nodes, "token");
    if (directory.size() >= nodes_max) return refuse(Reason::too_many_nodes);
    const auto node = CMQ_TRY(next_id(directory, command.replaces));
    directory.add(CMQ_TRY(entry_of(node, command.peer_address, command.endpoint, command.zone)));
    directory.use(
        {std::string(command.token), command.token_expires, node, std::string(command.key)});
    return NodeAdded{node};
}

Outcome on(Core& core, const Context&, const SetNode& command) {
    auto& directory = core.directory;
    if (!is_node_id(command.node)) return refuse(Reason::out_of_range, "node");
    if (directory.is_founded() && !directory.holds(command.node))
        return refuse(Reason::node_missing, "node");
    auto entry =
        CMQ_TRY(entry_of(command.node, command.peer_address, command.endpoint, command.zone));
    if (directory.is_founded()) {
        directory.set(std::move(entry));
    } else {
        directory.found(std::move(entry));
    }
    return Done{};
}

Outcome on(Core& core, const Context&, const DropNode& command) {
    if (!core.directory.holds(command.node)) return refuse(Reason::node_missing, "node");
    core.directory.drop(command.node);
    return Done{};
}

/// Who came in meanwhile was asked nothing, and what was asked may not be so any more.
Outcome on(Core& core, const Context&, const RaiseFormat& command) {
    if (command.to < oldest_format || command.to > format_max)
        return refuse(Reason::out_of_range, "format");
    for (const auto& node : core.directory.nodes())
        if (std::ranges::find(command.heard, node.node) == command.heard.end())
            return refuse(Reason::change_under_way);
    core.format = std::max(core.format, command.to);
    return Done{};
}

}  // namespace cmq::broker
