#include "client/answer.h"

#include "base/text.h"
#include "client/answer_parts.h"
#include "client/wire_errors.h"

namespace cmq::client {
namespace {

constexpr int partially_deleted = 6010;
constexpr int nothing_deleted = 6020;
constexpr std::string_view no_leader = "(10092)";
constexpr std::size_t error_bytes_max = 4096;  // what is longer is no error

/// The body, from base64 where the broker says that it is not UTF-8.
Result<std::string> body(const Json& object) {
    if (!object.contains("msgBodyBase64")) return text(object, "msgBody");
    const auto encoded = CMQ_TRY(text(object, "msgBodyBase64"));
    return base64_decode(encoded);
}

Result<KnownMessage> known_of(const Json& fields) {
    KnownMessage message;
    message.id = CMQ_TRY(text(fields, "msgId"));
    message.body = CMQ_TRY(body(fields));
    message.enqueued = CMQ_TRY(time(fields, "enqueueTime"));
    message.receives = CMQ_TRY(count(fields, "dequeueCount"));
    return message;
}

Result<Message> message_of(const Json& fields) {
    Message message{CMQ_TRY(known_of(fields)), {}, {}, {}};
    message.handle = CMQ_TRY(text(fields, "receiptHandle"));
    message.next_visible = CMQ_TRY(time(fields, "nextVisibleTime"));
    message.first_received = CMQ_TRY(time(fields, "firstDequeueTime"));
    return message;
}

Result<PeekedMessage> peeked_of(const Json& fields) {
    PeekedMessage message{CMQ_TRY(known_of(fields)), 0, {}, {}};
    message.sequence = CMQ_TRY(count(fields, "sequence"));
    message.phase = CMQ_TRY(text(fields, "phase"));
    if (fields.contains("visibleTime")) message.visible = CMQ_TRY(time(fields, "visibleTime"));
    return message;
}

Result<std::string> message_id_of(const Json& fields) { return text(fields, "msgId"); }

Result<QueueName> queue_name_of(const Json& fields) {
    auto id = CMQ_TRY(text(fields, "queueId"));
    auto name = CMQ_TRY(text(fields, "queueName"));
    return QueueName{std::move(id), std::move(name)};
}

Result<NotDeleted> not_deleted_of(const Json& fields) {
    const auto code = static_cast<int>(CMQ_TRY(number(fields, "code")));
    const auto message = CMQ_TRY(text(fields, "message"));
    return NotDeleted{CMQ_TRY(text(fields, "receiptHandle")), error_of(code, message)};
}

}  // namespace

bool says_no_leader(std::string_view answer) {
    if (answer.size() > error_bytes_max || answer.find(no_leader) == answer.npos) return false;
    const auto envelope = open_envelope(answer);
    return envelope && envelope->code != 0 && envelope->message.starts_with(no_leader);
}

Status decode_done(std::string_view answer) {
    CMQ_TRY(fields_of(answer));
    return {};
}

Result<std::string> decode_queue_id(std::string_view answer) {
    return text(CMQ_TRY(fields_of(answer)), "queueId");
}

Result<QueueList> decode_queue_list(std::string_view answer) {
    const auto fields = CMQ_TRY(fields_of(answer));
    QueueList queues;
    queues.total = CMQ_TRY(count(fields, "totalCount"));
    queues.queues = CMQ_TRY(all_of(fields, "queueList", queue_name_of));
    return queues;
}

Result<QueueDetails> decode_queue_details(std::string_view answer) {
    const auto fields = CMQ_TRY(fields_of(answer));
    QueueDetails queue;
    queue.id = CMQ_TRY(text(fields, "queueId"));
    queue.name = CMQ_TRY(text(fields, "queueName"));
    queue.max_messages = CMQ_TRY(number(fields, "maxMsgHeapNum"));
    queue.polling_wait = CMQ_TRY(number(fields, "pollingWaitSeconds"));
    queue.visibility_timeout = CMQ_TRY(number(fields, "visibilityTimeout"));
    queue.max_message_bytes = CMQ_TRY(number(fields, "maxMsgSize"));
    queue.retention = CMQ_TRY(number(fields, "msgRetentionSeconds"));
    queue.rewind = CMQ_TRY(number(fields, "rewindSeconds"));
    const auto trace = fields.find("trace");
    queue.trace = trace != fields.end() && trace->is_boolean() && trace->get<bool>();
    queue.created = CMQ_TRY(time(fields, "createTime"));
    queue.modified = CMQ_TRY(time(fields, "lastModifyTime"));
    queue.active = CMQ_TRY(count(fields, "activeMsgNum"));
    queue.inactive = CMQ_TRY(count(fields, "inactiveMsgNum"));
    queue.delayed = CMQ_TRY(count(fields, "delayMsgNum"));
    queue.rewindable = CMQ_TRY(count(fields, "rewindMsgNum"));
    queue.oldest = CMQ_TRY(time(fields, "minMsgTime"));
    return queue;
}

Result<std::vector<std::string>> decode_message_ids(std::string_view answer) {
    const auto fields = CMQ_TRY(fields_of(answer));
    if (!fields.contains("msgId")) return all_of(fields, "msgList", message_id_of);
    return std::vector{CMQ_TRY(message_id_of(fields))};
}

Result<std::vector<Message>> decode_messages(std::string_view answer) {
    return all_of(CMQ_TRY(fields_of(answer)), "msgInfoList", message_of);
}

Result<std::vector<NotDeleted>> decode_deleted(std::string_view answer) {
    const auto envelope = CMQ_TRY(open_envelope(answer));
    if (envelope.code == 0) return std::vector<NotDeleted>{};
    const bool of_batch = envelope.code == partially_deleted || envelope.code == nothing_deleted;
    if (!of_batch || !envelope.fields.contains("errorList"))
        return tl::unexpected(envelope.error());
    return all_of(envelope.fields, "errorList", not_deleted_of);
}

Result<Stamp> decode_next_visible(std::string_view answer) {
    return time(CMQ_TRY(fields_of(answer)), "nextVisibleTime");
}

Result<RewindPeeked> decode_rewind_peeked(std::string_view answer) {
    const auto fields = CMQ_TRY(fields_of(answer));
    const auto to = stamp_of(CMQ_TRY(number(fields, "startConsumeTime")));
    const auto messages = CMQ_TRY(count(fields, "rewindMsgNum"));
    return RewindPeeked{to, messages};
}

Result<Peeked> decode_peeked(std::string_view answer) {
    const auto fields = CMQ_TRY(fields_of(answer));
    Peeked peeked;
    peeked.messages = CMQ_TRY(all_of(fields, "msgInfoList", peeked_of));
    const auto next = fields.find("nextSequence");
    if (next != fields.end() && !next->is_null())
        peeked.next = CMQ_TRY(count(fields, "nextSequence"));
    return peeked;
}

}  // namespace cmq::client
