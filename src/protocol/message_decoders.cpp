// Parameters to commands on messages, one function an action.

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "protocol/decoding.h"

namespace cmq::protocol {
namespace {

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
    if (!std::ranges::all_of(bodies, is_utf8)) return refuse(Row::wrong_type, "msgBody");
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
    const auto queue = CMQ_TRY(queue_name(fields));
    const auto delay = CMQ_TRY(delay_of(fields));
    broker::Send send{queue, delay, fields.find("dedupId").value_or(""), std::move(bodies)};
    CMQ_TRY(check_not_yet(fields));
    if (send.dedup_id.size() > static_cast<std::size_t>(broker::dedup_id_bytes_max))
        return refuse(Row::out_of_range, "dedupId");
    CMQ_TRY(check_bodies(send.bodies));
    return call_of(space, broker::Action{std::move(send)});
}

Decoded<Call> receive(const Fields& fields, broker::Namespace space, std::uint32_t count) {
    const auto queue = CMQ_TRY(queue_name(fields));
    const auto wait = CMQ_TRY(within(fields, "pollingWaitSeconds", broker::polling_wait));
    auto call = call_of(space, broker::Action{broker::Receive{queue, count}});
    if (wait) call.polling_wait = std::chrono::seconds{*wait};
    return call;
}

Decoded<std::optional<broker::Phase>> phase_of(const Fields& fields) {
    using broker::Phase;
    const auto name = fields.find("phase");
    if (!name) return std::nullopt;
    for (const auto phase : {Phase::ready, Phase::in_flight, Phase::delayed, Phase::deleted})
        if (*name == name_of(phase)) return phase;
    return refuse(Row::out_of_range, "phase");
}

}  // namespace

std::string_view name_of(broker::Phase phase) {
    switch (phase) {
        case broker::Phase::ready:
            return "ready";
        case broker::Phase::in_flight:
            return "inflight";
        case broker::Phase::delayed:
            return "delayed";
        case broker::Phase::deleted:
            return "deleted";
    }
    return "ready";
}

std::uint64_t handle_of(std::string_view text) {
    if (text.starts_with('0')) return 0;
    const auto number = parse_digits(text).value_or(0);
    return number > INT64_MAX ? 0 : number;
}

namespace decoders {

Decoded<Call> send_message(const Fields& fields, broker::Namespace space) {
    if (!fields.names("msgBody")) return refuse(Row::missing, "msgBody");
    return send(fields, space, {fields.find("msgBody").value_or("")});
}

Decoded<Call> batch_send_message(const Fields& fields, broker::Namespace space) {
    auto bodies = CMQ_TRY(fields.list("msgBody"));
    if (bodies.empty() && !fields.names("msgBody")) return refuse(Row::missing, "msgBody");
    if (bodies.empty()) bodies.emplace_back();  // given, and empty: an error of its own
    return send(fields, space, std::move(bodies));
}

Decoded<Call> receive_message(const Fields& fields, broker::Namespace space) {
    return receive(fields, space, 1);
}

Decoded<Call> batch_receive_message(const Fields& fields, broker::Namespace space) {
    CMQ_TRY(fields.required("numOfMsg"));
    const auto count = *CMQ_TRY(within(fields, "numOfMsg", broker::batch));
    return receive(fields, space, static_cast<std::uint32_t>(count));
}

Decoded<Call> delete_message(const Fields& fields, broker::Namespace space) {
    const auto queue = CMQ_TRY(queue_name(fields));
    const auto handle = handle_of(CMQ_TRY(fields.required("receiptHandle")));
    return call_of(space, broker::Action{broker::DeleteMessages{queue, {handle}}});
}

Decoded<Call> batch_delete_message(const Fields& fields, broker::Namespace space) {
    broker::DeleteMessages command{CMQ_TRY(queue_name(fields)), {}};
    const auto texts = CMQ_TRY(fields.list("receiptHandle"));
    if (texts.empty()) return refuse(Row::missing, "receiptHandle");
    if (texts.size() > static_cast<std::size_t>(broker::batch.most))
        return refuse(broker::Reason::batch_size, "receiptHandle");
    std::ranges::transform(texts, std::back_inserter(command.handles), handle_of);
    return call_of(space, broker::Action{std::move(command)});
}

Decoded<Call> change_message_visibility(const Fields& fields, broker::Namespace space) {
    constexpr broker::Range timeouts{0, broker::visibility_timeout.most, 0};
    const auto queue = CMQ_TRY(queue_name(fields));
    const auto handle = handle_of(CMQ_TRY(fields.required("receiptHandle")));
    CMQ_TRY(fields.required("visibilityTimeout"));
    const auto timeout = *CMQ_TRY(within(fields, "visibilityTimeout", timeouts));
    return call_of(space, broker::Action{broker::ChangeVisibility{queue, handle, timeout}});
}

Decoded<Call> peek_message(const Fields& fields, broker::Namespace space) {
    broker::Peek peek{CMQ_TRY(queue_name(fields)), {}, 0, 1};
    peek.phase = CMQ_TRY(phase_of(fields));
    peek.from = static_cast<std::uint64_t>(CMQ_TRY(fields.number("startSequence")).value_or(0));
    peek.count = static_cast<std::uint32_t>(
        CMQ_TRY(within(fields, "numOfMsg", broker::peek)).value_or(broker::peek.usual));
    return call_of(space, broker::Question{peek});
}

}  // namespace decoders
}  // namespace cmq::protocol
