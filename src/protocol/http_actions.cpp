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
});

/// A number when it is all digits and fits: the official Go SDK decodes a uint64.
void write_client_request_id(JsonWriter& json, const Parsed& parsed) {
    if (parsed.client_request_id.empty()) return;
    if (const auto number = parse_digits(parsed.client_request_id)) {
        json.count("clientRequestId", *number);
    } else {
        json.text("clientRequestId", to_utf8_lossy(parsed.client_request_id));
    }
}

void begin_envelope(JsonWriter& json, const Parsed& parsed, const WireError& error,
                    std::string_view request_id) {
    json.begin_object().number("code", error.code);
    json.text("message", error.code == 0 ? "" : to_utf8_lossy(error.message()));
    json.text("requestId", request_id);
    write_client_request_id(json, parsed);
}

Decoded<void> fill_claim(const HttpRequest& request, const Fields& fields, Parsed& parsed) {
    auto& claim = parsed.claim;
    claim = {request.method, request.host, request.path, parsed.parameters.get(), {}, {}, {}, 0};
    for (const auto* name : {"Timestamp", "Nonce", "SecretId", "Signature"})
        if (const auto value = fields.required(name); !value) return tl::unexpected(value.error());
    const auto timestamp = fields.number("Timestamp");
    if (!timestamp) return tl::unexpected(timestamp.error());
    claim.timestamp = **timestamp;
    claim.secret_id = *fields.find("SecretId");
    claim.signature = *fields.find("Signature");
    claim.token = fields.find("Token").value_or("");
    return {};
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
        return encode_error(parsed, wire_error(broker::Refusal{broker::Reason::handle_invalid, {}}),
                            request_id);
    const auto asked =
        Fields(*parsed.parameters).list("receiptHandle").value_or(std::vector<std::string_view>{});
    JsonWriter json;
    begin_envelope(json, parsed, batch_delete_error(deleted, asked.size()), request_id);
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

Decoded<void> parse(const HttpRequest& request, Parsed& parsed) {
    if (request.method != "GET" && request.method != "POST")
        return tl::unexpected(wire_error(Row::method, request.method));
    const auto text = request.method == "GET" ? request.query : request.body;
    if (text.size() > form_bytes_max)
        return tl::unexpected(wire_error(Row::cannot_parse, "request"));
    auto parameters = parse_form(text);
    if (!parameters) return tl::unexpected(parameters.error());
    parsed.parameters = std::make_unique<auth::Parameters>(*std::move(parameters));
    const Fields fields(*parsed.parameters);
    parsed.client_request_id = fields.find("clientRequestId").value_or("");
    if (const auto once = fields.check_repeats(); !once) return once;
    if (!fields.names("Action")) return tl::unexpected(wire_error(Row::missing, "Action"));
    const auto name = fields.find("Action");
    if (!name) return tl::unexpected(wire_error(Row::empty_action));
    parsed.action = find_action(*name);
    if (!parsed.action) return tl::unexpected(wire_error(Row::unknown_action, *name));
    return fill_claim(request, fields, parsed);
}

Decoded<Call> decode(const Parsed& parsed, broker::Namespace space) {
    return parsed.action->decode(Fields(*parsed.parameters), space);
}

std::string_view action_name(const Parsed& parsed) {
    return parsed.action ? parsed.action->name : std::string_view{};
}

std::vector<std::string_view> action_names() {
    std::vector<std::string_view> names;
    for (const auto& row : table) names.push_back(row.name);
    return names;
}

std::string encode(const Parsed& parsed, const Call& call, const broker::Answer& answer,
                   const EncodeOptions& options) {
    if (!answer.outcome)
        return encode_error(parsed, wire_error(answer.outcome.error()), options.request_id);
    if (std::holds_alternative<RouteQuery>(call.what) && options.tcp_addresses.empty())
        return encode_error(parsed, wire_error(Row::no_tcp), options.request_id);
    const auto* deleted = std::get_if<broker::Deleted>(&*answer.outcome);
    if (deleted && !deleted->failed.empty())
        return encode_deleted(parsed, *deleted, options.request_id);
    JsonWriter json;
    begin_envelope(json, parsed, {}, options.request_id);
    parsed.action->encode(json, answer, options);
    json.end_object();
    return json.take();
}

std::string encode_error(const Parsed& parsed, const WireError& error,
                         std::string_view request_id) {
    JsonWriter json;
    begin_envelope(json, parsed, error, request_id);
    json.end_object();
    return json.take();
}

}  // namespace cmq::protocol
