#include "protocol/http_actions.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "protocol/action_table.h"

namespace cmq::protocol {
namespace {

namespace in = decoders;
namespace out = encoders;

constexpr auto table = std::to_array<ActionRow>({
    {"CreateQueue", in::create_queue, out::queue_id},
    {"SetQueueAttributes", in::set_queue_attributes, out::settings},
    {"GetQueueAttributes", in::get_queue_attributes, out::attributes},
    {"ListQueue", in::list_queue, out::queue_list},
    {"DeleteQueue", in::delete_queue, out::nothing},
    {"ClearQueue", in::clear_queue, out::nothing},
    {"RewindQueue", in::rewind_queue, out::nothing},
    {"SendMessage", in::send_message, out::message_id},
    {"BatchSendMessage", in::batch_send_message, out::message_ids},
    {"ReceiveMessage", in::receive_message, out::message},
    {"BatchReceiveMessage", in::batch_receive_message, out::messages},
    {"DeleteMessage", in::delete_message, out::nothing},
    {"BatchDeleteMessage", in::batch_delete_message, out::nothing},
    {"QueryQueueRoute", in::query_queue_route, out::route},
    // Ours: what the command line needs and CMQ lacks.
    {"ChangeMessageVisibility", in::change_message_visibility, out::next_visible_time},
    {"PeekMessage", in::peek_message, out::peeked},
    {"PeekRewind", in::peek_rewind, out::rewind_peeked},
    {"DescribeCluster", in::describe_cluster, out::cluster},
    {"CreateJoinToken", in::create_join_token, out::join_token},
    {"RemoveNode", in::remove_node, out::nothing},
    {"TransferLead", in::transfer_lead, out::nothing},
    {"DrainNode", in::drain_node, out::nothing},
});

/// It comes back with every answer, also to a stranger.
constexpr std::size_t client_request_id_bytes_max = 256;

Decoded<std::string> client_request_id_of(const Fields& fields) {
    const auto id = fields.find("clientRequestId").value_or("");
    if (id.size() <= client_request_id_bytes_max) return std::string(id);
    auto error = wire_error(Row::out_of_range, "clientRequestId");
    error.text += ": at most " + std::to_string(client_request_id_bytes_max) + " bytes";
    return tl::unexpected(std::move(error));
}

/// A number when it is all digits and fits: the official Go SDK decodes a uint64.
void write_client_request_id(JsonWriter& json, std::string_view id) {
    if (id.empty()) return;
    if (const auto number = parse_digits(id)) {
        json.count("clientRequestId", *number);
    } else {
        json.text("clientRequestId", to_utf8_lossy(id));
    }
}

void begin_envelope(JsonWriter& json, std::string_view client_request_id, const WireError& error,
                    std::string_view request_id) {
    json.begin_object().number("code", error.code);
    json.text("message", error.code == 0 ? "" : to_utf8_lossy(error.message()));
    json.text("requestId", request_id);
    write_client_request_id(json, client_request_id);
}

Decoded<auth::Parameters> parameters_of(const HttpRequest& request) {
    if (request.method != "GET" && request.method != "POST")
        return tl::unexpected(wire_error(Row::method, request.method));
    const auto text = request.method == "GET" ? request.query : request.body;
    if (text.size() > form_bytes_max)
        return tl::unexpected(wire_error(Row::cannot_parse, "request"));
    return parse_form(text);
}

Decoded<const ActionRow*> action_of(const Fields& fields) {
    if (!fields.names("Action")) return tl::unexpected(wire_error(Row::missing, "Action"));
    const auto name = fields.find("Action");
    if (!name) return tl::unexpected(wire_error(Row::empty_action));
    const auto* action = find_action(*name);
    if (!action) return tl::unexpected(wire_error(Row::unknown_action, *name));
    return action;
}

Decoded<auth::Claim> claim_of(const HttpRequest& request, const auth::Parameters& parameters) {
    const Fields fields(parameters);
    auth::Claim claim{request.method, request.host, request.path, &parameters, {}, {}, {}, 0};
    for (const auto* name : {"Timestamp", "Nonce", "SecretId", "Signature"})
        if (const auto value = fields.required(name); !value) return tl::unexpected(value.error());
    const auto timestamp = fields.number("Timestamp");
    if (!timestamp) return tl::unexpected(timestamp.error());
    claim.timestamp = **timestamp;
    claim.secret_id = *fields.find("SecretId");
    claim.signature = *fields.find("Signature");
    claim.token = fields.find("Token").value_or("");
    return claim;
}

/// What a batch delete that failed, in part or as a whole, lists beside its code. The broker gives
/// the failed handles in the order of the request, so a walk along both finds them as they were
/// written; what was no handle at all stands there as 0.
void write_failed_handles(JsonWriter& json, const std::vector<std::string_view>& asked,
                          const std::vector<std::uint64_t>& failed) {
    const auto error = wire_error(broker::Refusal{broker::Reason::handle_invalid, {}});
    json.begin_list("errorList");
    auto next = failed.begin();
    for (const auto text : asked) {
        if (next == failed.end()) break;
        if (handle_of(text) != *next) continue;
        json.begin_object()
            .number("code", error.code)
            .text("message", error.message())
            .text("receiptHandle", to_utf8_lossy(text))
            .end_object();
        ++next;
    }
    json.end_list();
}

std::string encode_deleted(const Parsed& parsed, const broker::Deleted& deleted,
                           std::string_view request_id) {
    if (parsed.action->decode != in::batch_delete_message)
        return encode_error({wire_error(broker::Refusal{broker::Reason::handle_invalid, {}}),
                             parsed.client_request_id},
                            request_id);
    const auto asked =
        Fields(*parsed.parameters).list("receiptHandle").value_or(std::vector<std::string_view>{});
    JsonWriter json;
    begin_envelope(json, parsed.client_request_id, batch_delete_error(deleted, asked.size()),
                   request_id);
    write_failed_handles(json, asked, deleted.failed);
    json.end_object();
    return json.take();
}

}  // namespace

const ActionRow* find_action(std::string_view name) {
    const auto row = std::ranges::find_if(
        table, [name](const ActionRow& action) { return equal_ignoring_case(action.name, name); });
    return row == table.end() ? nullptr : &*row;
}

WireError batch_delete_error(const broker::Deleted& deleted, std::size_t asked) {
    if (deleted.failed.size() < asked) return {6010, 10150, "delete message partially failed"};
    return {6020, 10290, "batch delete message failed"};
}

tl::expected<Parsed, Refused> parse(const HttpRequest& request) {
    auto parameters = parameters_of(request);
    if (!parameters) return tl::unexpected(Refused{parameters.error(), {}});
    Parsed parsed;
    parsed.parameters = std::make_unique<auth::Parameters>(*std::move(parameters));
    const Fields fields(*parsed.parameters);
    auto id = client_request_id_of(fields);
    if (!id) return tl::unexpected(Refused{std::move(id).error(), {}});
    parsed.client_request_id = *std::move(id);
    const auto refuse = [&](WireError error) {
        return tl::unexpected(Refused{std::move(error), std::move(parsed.client_request_id)});
    };
    if (auto once = fields.check_repeats(); !once) return refuse(std::move(once).error());
    auto action = action_of(fields);
    if (!action) return refuse(std::move(action).error());
    parsed.action = *action;
    auto claim = claim_of(request, *parsed.parameters);
    if (!claim) return refuse(std::move(claim).error());
    parsed.claim = *std::move(claim);
    return parsed;
}

Decoded<Call> decode(const Parsed& parsed, broker::Namespace space) {
    return parsed.action->decode(Fields(*parsed.parameters), space);
}

std::string_view action_name(const Parsed& parsed) { return parsed.action->name; }

std::vector<std::string_view> action_names() {
    std::vector<std::string_view> names;
    for (const auto& row : table) names.push_back(row.name);
    return names;
}

std::string encode(const Parsed& parsed, const Call& call, const broker::Answer& answer,
                   const EncodeOptions& options) {
    const auto refused = [&](const WireError& error) {
        return encode_error({error, parsed.client_request_id}, options.request_id);
    };
    if (!answer.outcome) return refused(wire_error(answer.outcome.error()));
    if (std::holds_alternative<RouteQuery>(call.what) && options.tcp_addresses.empty())
        return refused(wire_error(Row::no_tcp));
    const auto* deleted = std::get_if<broker::Deleted>(&*answer.outcome);
    if (deleted && !deleted->failed.empty())
        return encode_deleted(parsed, *deleted, options.request_id);
    JsonWriter json;
    begin_envelope(json, parsed.client_request_id, {}, options.request_id);
    parsed.action->encode(json, answer, options);
    json.end_object();
    return json.take();
}

std::string encode_error(const Refused& refused, std::string_view request_id) {
    JsonWriter json;
    begin_envelope(json, refused.client_request_id, refused.error, request_id);
    json.end_object();
    return json.take();
}

}  // namespace cmq::protocol
