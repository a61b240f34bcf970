// Parameters to commands on queues, one function an action.

#include "protocol/decoding.h"

namespace cmq::protocol {
namespace {

/// Ranges are the broker's: one of them depends on what the queue has.
Decoded<broker::AttributeChanges> attributes_of(const Fields& fields) {
    broker::AttributeChanges changes;
    changes.max_messages = CMQ_TRY(fields.number("maxMsgHeapNum"));
    changes.polling_wait = CMQ_TRY(fields.number("pollingWaitSeconds"));
    changes.visibility_timeout = CMQ_TRY(fields.number("visibilityTimeout"));
    changes.max_message_bytes = CMQ_TRY(fields.number("maxMsgSize"));
    changes.retention = CMQ_TRY(fields.number("msgRetentionSeconds"));
    changes.rewind = CMQ_TRY(fields.number("rewindSeconds"));
    changes.trace = CMQ_TRY(truth(fields, "trace"));
    CMQ_TRY(check_not_yet(fields));
    return changes;
}

Decoded<Stamp> start_time(const Fields& fields) {
    constexpr std::int64_t milliseconds_from = 1'000'000'000'000;  // such a time is in ms
    CMQ_TRY(fields.required("startConsumeTime"));
    const auto time = *CMQ_TRY(fields.number("startConsumeTime"));
    if (time >= milliseconds_from * 1'000) return refuse(Row::out_of_range, "startConsumeTime");
    return stamp_of(time >= milliseconds_from ? time : time * 1'000);
}

}  // namespace

namespace decoders {

Decoded<Call> create_queue(const Fields& fields, broker::Namespace space) {
    const auto queue = CMQ_TRY(queue_name(fields));
    const auto attributes = CMQ_TRY(attributes_of(fields));
    return call_of(space, broker::Action{broker::CreateQueue{queue, attributes}});
}

Decoded<Call> set_queue_attributes(const Fields& fields, broker::Namespace space) {
    const auto queue = CMQ_TRY(queue_name(fields));
    const auto attributes = CMQ_TRY(attributes_of(fields));
    return call_of(space, broker::Action{broker::SetQueueAttributes{queue, attributes}});
}

Decoded<Call> get_queue_attributes(const Fields& fields, broker::Namespace space) {
    return call_of(space, broker::Question{broker::GetQueue{CMQ_TRY(queue_name(fields))}});
}

Decoded<Call> list_queue(const Fields& fields, broker::Namespace space) {
    const auto offset = CMQ_TRY(fields.number("offset")).value_or(0);
    const auto limit = CMQ_TRY(fields.number("limit")).value_or(20);
    if (limit == 0) return refuse(Row::out_of_range, "limit");
    return call_of(space,
                   broker::Question{broker::ListQueues{fields.find("searchWord").value_or(""),
                                                       static_cast<std::uint64_t>(offset),
                                                       static_cast<std::uint64_t>(limit)}});
}

Decoded<Call> delete_queue(const Fields& fields, broker::Namespace space) {
    return call_of(space, broker::Action{broker::DeleteQueue{CMQ_TRY(queue_name(fields))}});
}

Decoded<Call> clear_queue(const Fields& fields, broker::Namespace space) {
    return call_of(space, broker::Action{broker::ClearQueue{CMQ_TRY(queue_name(fields))}});
}

Decoded<Call> rewind_queue(const Fields& fields, broker::Namespace space) {
    const auto queue = CMQ_TRY(queue_name(fields));
    const auto to = CMQ_TRY(start_time(fields));
    return call_of(space, broker::Action{broker::RewindQueue{queue, to}});
}

Decoded<Call> peek_rewind(const Fields& fields, broker::Namespace space) {
    broker::PeekRewind question{CMQ_TRY(queue_name(fields)), {}};
    const auto message = CMQ_TRY(fields.number("startMessageId"));
    if (message) {
        question.to = broker::MessageId{static_cast<std::uint64_t>(*message)};
    } else {
        question.to = CMQ_TRY(start_time(fields));
    }
    return call_of(space, broker::Question{question});
}

Decoded<Call> query_queue_route(const Fields& fields, broker::Namespace) {
    CMQ_TRY(queue_name(fields));
    return Call{RouteQuery{}, {}};
}

}  // namespace decoders
}  // namespace cmq::protocol
