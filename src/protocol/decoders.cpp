// Parameters to commands, one function an action.

#include "base/text.h"
#include "broker/attributes.h"
#include "broker/limits.h"
#include "protocol/action_table.h"
#include "protocol/plain.h"

namespace cmq::protocol {
namespace {

/// In a Decoded function: the value, or return its error.
template <class T>
T take(Decoded<T>& decoded) {
    return *std::move(decoded);
}

tl::unexpected<WireError> refuse(Row row, std::string_view parameter) {
    return tl::unexpected(wire_error(row, parameter));
}

Call call_of(broker::Namespace space, broker::Action action) {
    return Call{broker::Command{space, std::move(action)}, {}};
}
Call call_of(broker::Namespace space, broker::Question question) {
    return Call{broker::Query{space, std::move(question)}, {}};
}

Decoded<std::optional<bool>> truth(const Fields& fields, std::string_view name) {
    const auto text = fields.find(name);
    if (!text) return std::nullopt;
    if (*text == "1" || equal_ignoring_case(*text, "true")) return true;
    if (*text == "0" || equal_ignoring_case(*text, "false")) return false;
    return refuse(Row::wrong_type, name);
}

/// Features of a later release: refused when they would change what a queue does.
Decoded<void> check_not_yet(const Fields& fields) {
    for (const auto* name : {"deadLetterQueueName", "policy", "maxReceiveCount", "maxTimeToLive",
                             "transaction", "firstQueryInterval", "maxQueryCount", "fifo"}) {
        const auto value = fields.find(name);
        if (!value || *value == "0" || equal_ignoring_case(*value, "false")) continue;
        return tl::unexpected(WireError{
            4000, 10350, "parameter " + std::string(name) + " is not supported by this release"});
    }
    return {};
}

Decoded<broker::AttributeChanges> attributes_of(const Fields& fields) {
    broker::AttributeChanges changes;
    const std::pair<const char*, std::optional<std::int64_t>*> numbers[] = {
        {"maxMsgHeapNum", &changes.max_messages},
        {"pollingWaitSeconds", &changes.polling_wait},
        {"visibilityTimeout", &changes.visibility_timeout},
        {"maxMsgSize", &changes.max_message_bytes},
        {"msgRetentionSeconds", &changes.retention},
        {"rewindSeconds", &changes.rewind},
    };
    for (const auto& [name, target] : numbers) {
        const auto value = fields.number(name);
        if (!value) return tl::unexpected(value.error());
        *target = *value;
    }
    const auto trace = truth(fields, "trace");
    if (!trace) return tl::unexpected(trace.error());
    changes.trace = *trace;
    if (const auto checked = check_not_yet(fields); !checked)
        return tl::unexpected(checked.error());
    return changes;
}

/// `name` as a number within `range`; nothing when it is not given.
Decoded<std::optional<std::int64_t>> within(const Fields& fields, std::string_view name,
                                            broker::Range range) {
    auto value = fields.number(name);
    if (value && *value && !range.holds(**value)) return refuse(Row::out_of_range, name);
    return value;
}

Decoded<std::optional<std::chrono::seconds>> polling_wait(const Fields& fields) {
    const auto seconds = within(fields, "pollingWaitSeconds", broker::polling_wait);
    if (!seconds) return tl::unexpected(seconds.error());
    if (!*seconds) return std::nullopt;
    return std::chrono::seconds{**seconds};
}

tl::unexpected<WireError> refuse(broker::Reason reason, std::string_view field) {
    return tl::unexpected(wire_error(broker::Refusal{reason, std::string(field)}));
}

Decoded<std::string_view> queue_name(const Fields& fields) {
    const auto name = fields.required("queueName");
    if (name && !broker::is_queue_name(*name))
        return refuse(broker::Reason::queue_name_format, "queueName");
    return name;
}

/// The broker checks again, against the queue's own limits. What no queue would take must not get
/// as far as the log.
Decoded<void> check_bodies(const std::vector<std::string_view>& bodies) {
    using broker::Reason;
    constexpr auto most = static_cast<std::size_t>(broker::max_message_bytes.most);
    if (bodies.size() > static_cast<std::size_t>(broker::batch.most))
        return refuse(Reason::batch_size, "msgBody");
    std::size_t sum = 0;
    for (const auto body : bodies) {
        if (body.empty()) return refuse(Reason::body_empty, "msgBody");
        if (body.size() > most) return refuse(Reason::body_too_large, "msgBody");
        sum += body.size();
    }
    if (sum > static_cast<std::size_t>(broker::batch_bytes_max))
        return refuse(Reason::batch_too_large, "msgBody");
    for (const auto body : bodies)
        if (!is_body_text(body)) return refuse(Row::wrong_type, "msgBody");
    return {};
}

/// A delay out of range has an error of its own.
Decoded<std::int64_t> delay_of(const Fields& fields) {
    constexpr int out_of_range = 10350;
    const auto delay = within(fields, "delaySeconds", broker::delay);
    if (delay) return delay->value_or(broker::delay.usual);
    if (delay.error().module != out_of_range) return tl::unexpected(delay.error());
    return refuse(broker::Reason::delay_out_of_range, "delaySeconds");
}

Decoded<Call> send(const Fields& fields, broker::Namespace space,
                   std::vector<std::string_view> bodies) {
    const auto queue = queue_name(fields);
    if (!queue) return tl::unexpected(queue.error());
    const auto delay = delay_of(fields);
    if (!delay) return tl::unexpected(delay.error());
    if (const auto known = check_not_yet(fields); !known) return tl::unexpected(known.error());
    const auto dedup_id = fields.find("dedupId").value_or("");
    if (dedup_id.size() > static_cast<std::size_t>(broker::dedup_id_bytes_max))
        return refuse(Row::out_of_range, "dedupId");
    if (const auto good = check_bodies(bodies); !good) return tl::unexpected(good.error());
    return call_of(space,
                   broker::Action{broker::Send{*queue, *delay, dedup_id, std::move(bodies)}});
}

Decoded<Call> receive(const Fields& fields, broker::Namespace space, std::uint32_t count) {
    const auto queue = queue_name(fields);
    if (!queue) return tl::unexpected(queue.error());
    const auto wait = polling_wait(fields);
    if (!wait) return tl::unexpected(wait.error());
    auto call = call_of(space, broker::Action{broker::Receive{*queue, count}});
    call.polling_wait = *wait;
    return call;
}

template <class Make>
Decoded<Call> with_queue(const Fields& fields, Make make) {
    const auto queue = queue_name(fields);
    if (!queue) return tl::unexpected(queue.error());
    return make(*queue);
}

}  // namespace

std::uint64_t handle_of(std::string_view text) {
    if (text.starts_with('0')) return 0;
    const auto number = parse_digits(text).value_or(0);
    return number > INT64_MAX ? 0 : number;
}

namespace decoders {

Decoded<Call> create_queue(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        auto attributes = attributes_of(fields);
        if (!attributes) return tl::unexpected(attributes.error());
        return call_of(space, broker::Action{broker::CreateQueue{queue, take(attributes)}});
    });
}

Decoded<Call> set_queue_attributes(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        auto attributes = attributes_of(fields);
        if (!attributes) return tl::unexpected(attributes.error());
        return call_of(space, broker::Action{broker::SetQueueAttributes{queue, take(attributes)}});
    });
}

Decoded<Call> get_queue_attributes(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        return call_of(space, broker::Question{broker::GetQueue{queue}});
    });
}

Decoded<Call> list_queue(const Fields& fields, broker::Namespace space) {
    const auto offset = fields.number("offset");
    if (!offset) return tl::unexpected(offset.error());
    const auto limit = fields.number("limit");
    if (!limit) return tl::unexpected(limit.error());
    if (*limit && **limit == 0) return refuse(Row::out_of_range, "limit");
    broker::ListQueues list{fields.find("searchWord").value_or(""),
                            static_cast<std::uint64_t>(offset->value_or(0)),
                            static_cast<std::uint64_t>(limit->value_or(20))};
    return call_of(space, broker::Question{list});
}

Decoded<Call> delete_queue(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        return call_of(space, broker::Action{broker::DeleteQueue{queue}});
    });
}

Decoded<Call> clear_queue(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        return call_of(space, broker::Action{broker::ClearQueue{queue}});
    });
}

Decoded<Call> rewind_queue(const Fields& fields, broker::Namespace space) {
    constexpr std::int64_t milliseconds_from = 1'000'000'000'000;  // such a time is in ms
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        const auto given = fields.required("startConsumeTime");
        if (!given) return tl::unexpected(given.error());
        const auto time = fields.number("startConsumeTime");
        if (!time) return tl::unexpected(time.error());
        const auto value = **time;
        if (value > milliseconds_from * 1'000) return refuse(Row::out_of_range, "startConsumeTime");
        const auto stamp = stamp_of(value >= milliseconds_from ? value : value * 1'000);
        return call_of(space, broker::Action{broker::RewindQueue{queue, stamp}});
    });
}

Decoded<Call> send_message(const Fields& fields, broker::Namespace space) {
    if (!fields.names("msgBody")) return refuse(Row::missing, "msgBody");
    return send(fields, space, {fields.find("msgBody").value_or("")});
}

Decoded<Call> batch_send_message(const Fields& fields, broker::Namespace space) {
    auto bodies = fields.list("msgBody");
    if (!bodies) return tl::unexpected(bodies.error());
    if (bodies->empty() && !fields.names("msgBody")) return refuse(Row::missing, "msgBody");
    if (bodies->empty()) bodies->emplace_back();  // given, and empty: an error of its own
    return send(fields, space, take(bodies));
}

Decoded<Call> receive_message(const Fields& fields, broker::Namespace space) {
    return receive(fields, space, 1);
}

Decoded<Call> batch_receive_message(const Fields& fields, broker::Namespace space) {
    const auto given = fields.required("numOfMsg");
    if (!given) return tl::unexpected(given.error());
    const auto count = within(fields, "numOfMsg", broker::batch);
    if (!count) return tl::unexpected(count.error());
    return receive(fields, space, static_cast<std::uint32_t>(**count));
}

Decoded<Call> delete_message(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        const auto handle = fields.required("receiptHandle");
        if (!handle) return tl::unexpected(handle.error());
        return call_of(space, broker::Action{broker::DeleteMessages{queue, {handle_of(*handle)}}});
    });
}

Decoded<Call> batch_delete_message(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        const auto texts = fields.list("receiptHandle");
        if (!texts) return tl::unexpected(texts.error());
        if (texts->empty()) return refuse(Row::missing, "receiptHandle");
        if (texts->size() > static_cast<std::size_t>(broker::batch.most))
            return refuse(broker::Reason::batch_size, "receiptHandle");
        broker::DeleteMessages command{queue, {}};
        for (const auto text : *texts) command.handles.push_back(handle_of(text));
        return call_of(space, broker::Action{std::move(command)});
    });
}

Decoded<Call> change_message_visibility(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        const auto handle = fields.required("receiptHandle");
        if (!handle) return tl::unexpected(handle.error());
        const auto given = fields.required("visibilityTimeout");
        if (!given) return tl::unexpected(given.error());
        const auto timeout =
            within(fields, "visibilityTimeout", {0, broker::visibility_timeout.most, 0});
        if (!timeout) return tl::unexpected(timeout.error());
        return call_of(
            space, broker::Action{broker::ChangeVisibility{queue, handle_of(*handle), **timeout}});
    });
}

Decoded<Call> peek_message(const Fields& fields, broker::Namespace space) {
    return with_queue(fields, [&](std::string_view queue) -> Decoded<Call> {
        const auto count = within(fields, "numOfMsg", broker::peek);
        if (!count) return tl::unexpected(count.error());
        const auto from = fields.number("startSequence");
        if (!from) return tl::unexpected(from.error());
        broker::Peek peek{queue,
                          {},
                          static_cast<std::uint64_t>(from->value_or(0)),
                          static_cast<std::uint32_t>(count->value_or(broker::peek.usual))};
        if (const auto phase = fields.find("phase")) {
            if (*phase == "ready")
                peek.phase = broker::Phase::ready;
            else if (*phase == "inflight")
                peek.phase = broker::Phase::in_flight;
            else if (*phase == "delayed")
                peek.phase = broker::Phase::delayed;
            else if (*phase == "deleted")
                peek.phase = broker::Phase::deleted;
            else
                return refuse(Row::out_of_range, "phase");
        }
        return call_of(space, broker::Question{peek});
    });
}

Decoded<Call> query_queue_route(const Fields& fields, broker::Namespace) {
    return with_queue(fields, [](std::string_view) -> Decoded<Call> {
        return Call{RouteQuery{}, {}};
    });
}

}  // namespace decoders
}  // namespace cmq::protocol
