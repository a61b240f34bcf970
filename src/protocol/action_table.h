// protocol/action_table.h: one row an action: its name, how it is read, how it is answered.
#pragma once

#include <string>
#include <string_view>

#include "protocol/http_actions.h"
#include "protocol/json.h"

namespace cmq::protocol {

struct ActionRow {
    std::string_view name;
    Decoded<Call> (*decode)(const Fields& fields, broker::Namespace space);
    /// Writes the fields of a good answer behind the envelope's.
    void (*encode)(JsonWriter& json, const broker::Answer& answer, const EncodeOptions& options);
};

/// A receipt handle; 0, which no handle is, for what cannot be one. One number has one text: no
/// leading zeros.
std::uint64_t handle_of(std::string_view text);

std::string_view name_of(broker::Phase phase);  // in PeekMessage, both ways

/// Any case. Nothing: there is no such action.
const ActionRow* find_action(std::string_view name);

namespace decoders {
using Decoder = Decoded<Call>(const Fields&, broker::Namespace);
Decoder create_queue, set_queue_attributes, get_queue_attributes, list_queue, delete_queue,
    clear_queue, rewind_queue, send_message, batch_send_message, receive_message,
    batch_receive_message, delete_message, batch_delete_message, change_message_visibility,
    peek_message, peek_rewind, query_queue_route, describe_cluster, create_join_token, remove_node,
    transfer_lead, drain_node;
}  // namespace decoders

namespace encoders {
using Encoder = void(JsonWriter&, const broker::Answer&, const EncodeOptions&);
Encoder nothing, queue_id, attributes, settings, queue_list, message_id, message_ids, message,
    messages, next_visible_time, peeked, rewind_peeked, route, cluster, join_token;
}  // namespace encoders

/// Ends of batch deletes, which have a code of their own when some handles fail.
WireError batch_delete_error(const broker::Deleted& deleted, std::size_t asked);

}  // namespace cmq::protocol
