// Replies to JSON, one function a shape of answer.

#include <array>

#include "base/text.h"
#include "protocol/action_table.h"

namespace cmq::protocol {
namespace {

std::int64_t seconds_of(Stamp stamp) { return milliseconds_of(stamp) / 1'000; }

/// `queue-` and 8 lower-case alphanumerics: a bijection of the id modulo 36^8, so that neighbours
/// do not look alike. It is one because the factor shares no divisor, 2 or 3, with 36^8.
std::string queue_id_text(broker::QueueId id) {
    constexpr std::uint64_t space = 2'821'109'907'456;  // 36^8
    constexpr std::uint64_t factor = 1'469'598'103'933;
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    __extension__ using Wide = unsigned __int128;
    auto value = static_cast<std::uint64_t>(static_cast<Wide>(id.value % space) * factor % space);
    static_assert(factor % 2 != 0 && factor % 3 != 0);
    std::array<char, 8> text;
    for (auto& digit : text) {
        digit = digits[value % 36];
        value /= 36;
    }
    return "queue-" + std::string(text.data(), text.size());
}

void write_body(JsonWriter& json, std::string_view body) {
    if (is_utf8(body)) {
        json.text("msgBody", body);
    } else {
        json.text("msgBody", to_utf8_lossy(body)).text("msgBodyBase64", base64_encode(body));
    }
}

void write_delivery(JsonWriter& json, const broker::Delivery& delivery, const broker::Body& body) {
    write_body(json, body.text);
    json.text("msgId", std::to_string(delivery.id.value))
        .text("receiptHandle", std::to_string(delivery.handle.value))
        .number("enqueueTime", seconds_of(delivery.enqueued))
        .number("nextVisibleTime", seconds_of(delivery.next_visible))
        .number("firstDequeueTime", seconds_of(delivery.first_received))
        .number("dequeueCount", delivery.receives);
}

/// What the time until which a message stays in its phase means to a reader.
void write_until(JsonWriter& json, const broker::Peeked::Item& item) {
    switch (item.phase) {
        case broker::Phase::ready:
            return;
        case broker::Phase::in_flight:
        case broker::Phase::delayed:
            json.number("visibleTime", seconds_of(item.until));
            return;
        case broker::Phase::deleted:
            json.number("rewindableUntil", seconds_of(item.until));
            return;
    }
}

void write_peeked(JsonWriter& json, const broker::Peeked::Item& item, const broker::Body& body) {
    json.begin_object();
    write_body(json, body.text);
    json.text("msgId", std::to_string(item.id.value))
        .count("sequence", item.sequence.value)
        .text("phase", name_of(item.phase))
        .number("enqueueTime", seconds_of(item.enqueued))
        .number("dequeueCount", item.receives);
    write_until(json, item);
    json.end_object();
}

void write_settings(JsonWriter& json, broker::QueueId id, const broker::Attributes& given) {
    json.text("queueId", queue_id_text(id))
        .number("maxMsgHeapNum", given.max_messages)
        .number("pollingWaitSeconds", given.polling_wait)
        .number("visibilityTimeout", given.visibility_timeout)
        .number("maxMsgSize", given.max_message_bytes)
        .number("msgRetentionSeconds", given.retention)
        .number("rewindSeconds", given.rewind);
}

template <class T>
const T& reply(const broker::Answer& answer) {
    return std::get<T>(*answer.outcome);
}

}  // namespace

namespace encoders {

void nothing(JsonWriter&, const broker::Answer&, const EncodeOptions&) {}

void queue_id(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    json.text("queueId", queue_id_text(reply<broker::QueueCreated>(answer).id));
}

void attributes(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& view = reply<broker::QueueView>(answer);
    json.text("queueName", view.name);
    write_settings(json, view.id, view.attributes);
    json.number("createTime", seconds_of(view.created))
        .number("lastModifyTime", seconds_of(view.modified))
        .count("activeMsgNum", view.active)
        .count("inactiveMsgNum", view.inactive)
        .count("delayMsgNum", view.delayed)
        .count("rewindMsgNum", view.rewindable)
        .count("rewindmsgNum", view.rewindable)
        .number("minMsgTime", seconds_of(view.oldest))
        .number("createUin", 0)
        .number("Bps", 52'428'800)
        .number("qps", 5'000)
        .begin_list("tags")
        .end_list()
        .number("transaction", 0)
        .truth("trace", view.attributes.trace);
}

void settings(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& set = reply<broker::AttributesSet>(answer);
    write_settings(json, set.id, set.attributes);
}

void queue_list(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& list = reply<broker::QueueList>(answer);
    json.count("totalCount", list.total).begin_list("queueList");
    for (const auto& [id, name] : list.queues)
        json.begin_object().text("queueId", queue_id_text(id)).text("queueName", name).end_object();
    json.end_list();
}

void message_id(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    json.text("msgId", std::to_string(reply<broker::Sent>(answer).first.value));
}

void message_ids(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& sent = reply<broker::Sent>(answer);
    json.begin_list("msgList");
    for (std::uint64_t at = 0; at < sent.count; ++at)
        json.begin_object().text("msgId", std::to_string(sent.first.value + at)).end_object();
    json.end_list();
}

void message(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    write_delivery(json, reply<broker::Received>(answer).deliveries[0], answer.bodies[0]);
}

void messages(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& deliveries = reply<broker::Received>(answer).deliveries;
    json.begin_list("msgInfoList");
    for (std::size_t at = 0; at < deliveries.size(); ++at) {
        json.begin_object();
        write_delivery(json, deliveries[at], answer.bodies[at]);
        json.end_object();
    }
    json.end_list();
}

void next_visible_time(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    json.number("nextVisibleTime",
                seconds_of(reply<broker::VisibilityChanged>(answer).next_visible));
}

void peeked(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& reply_ = reply<broker::Peeked>(answer);
    json.begin_list("msgInfoList");
    for (std::size_t at = 0; at < reply_.items.size(); ++at)
        write_peeked(json, reply_.items[at], answer.bodies[at]);
    json.end_list();
    if (reply_.next) json.count("nextSequence", *reply_.next);
}

void rewind_peeked(JsonWriter& json, const broker::Answer& answer, const EncodeOptions&) {
    const auto& peeked = reply<broker::RewindPeeked>(answer);
    json.number("startConsumeTime", milliseconds_of(peeked.to)).count("rewindMsgNum", peeked.count);
}

void route(JsonWriter& json, const broker::Answer&, const EncodeOptions& options) {
    json.begin_list("addr");
    for (const auto& address : options.tcp_addresses) json.element(address);
    json.end_list();
}

}  // namespace encoders
}  // namespace cmq::protocol
