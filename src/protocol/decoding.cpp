#include "protocol/decoding.h"

#include "base/text.h"
#include "broker/attributes.h"

namespace cmq::protocol {

tl::unexpected<WireError> refuse(Row row, std::string_view parameter) {
    return tl::unexpected(wire_error(row, parameter));
}

tl::unexpected<WireError> refuse(broker::Reason reason, std::string_view parameter) {
    return tl::unexpected(wire_error(broker::Refusal{reason, std::string(parameter)}));
}

Call call_of(broker::Namespace space, broker::Action action) {
    return Call{broker::Command{space, std::move(action)}, {}};
}

Call call_of(broker::Namespace space, broker::Question question) {
    return Call{broker::Query{space, question}, {}};
}

Decoded<std::string_view> queue_name(const Fields& fields) {
    const auto name = CMQ_TRY(fields.required("queueName"));
    if (!broker::is_queue_name(name)) return refuse(broker::Reason::queue_name_format, "queueName");
    return name;
}

Decoded<std::optional<std::int64_t>> within(const Fields& fields, std::string_view name,
                                            broker::Range range) {
    const auto value = CMQ_TRY(fields.number(name));
    if (value && !range.holds(*value)) return refuse(Row::out_of_range, name);
    return value;
}

Decoded<std::optional<bool>> truth(const Fields& fields, std::string_view name) {
    const auto text = fields.find(name);
    if (!text) return std::nullopt;
    if (*text == "1" || equal_ignoring_case(*text, "true")) return true;
    if (*text == "0" || equal_ignoring_case(*text, "false")) return false;
    return refuse(Row::wrong_type, name);
}

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

}  // namespace cmq::protocol
