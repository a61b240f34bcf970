#include "broker/attributes.h"

#include <algorithm>
#include <array>

#include "broker/limits.h"

namespace cmq::broker {
namespace {

struct Setting {
    const char* name;  // on the wire
    Range range;
    std::optional<std::int64_t> AttributeChanges::*change;
    std::int64_t Attributes::*value;
};

constexpr std::array settings{
    Setting{"maxMsgHeapNum", max_messages, &AttributeChanges::max_messages,
            &Attributes::max_messages},
    Setting{"pollingWaitSeconds", polling_wait, &AttributeChanges::polling_wait,
            &Attributes::polling_wait},
    Setting{"visibilityTimeout", visibility_timeout, &AttributeChanges::visibility_timeout,
            &Attributes::visibility_timeout},
    Setting{"maxMsgSize", max_message_bytes, &AttributeChanges::max_message_bytes,
            &Attributes::max_message_bytes},
    Setting{"msgRetentionSeconds", retention, &AttributeChanges::retention, &Attributes::retention},
    Setting{"rewindSeconds", rewind, &AttributeChanges::rewind, &Attributes::rewind},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_character(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

Attributes usual_attributes() {
    Attributes attributes;
    for (const auto& setting : settings) attributes.*setting.value = setting.range.usual;
    return attributes;
}

tl::expected<Attributes, Refusal> changed(Attributes attributes, const AttributeChanges& changes) {
    for (const auto& setting : settings) {
        const auto& change = changes.*setting.change;
        if (!change) continue;
        if (!setting.range.holds(*change)) {
            return tl::unexpected(Refusal{Reason::out_of_range, setting.name});
        }
        attributes.*setting.value = *change;
    }
    if (attributes.rewind > attributes.retention) {
        return tl::unexpected(Refusal{Reason::rewind_beyond_retention, "rewindSeconds"});
    }
    attributes.trace = changes.trace.value_or(attributes.trace);
    return attributes;
}

bool is_queue_name(std::string_view name) {
    return !name.empty() && name.size() <= static_cast<std::size_t>(name_bytes_max) &&
           is_letter(name.front()) && std::all_of(name.begin(), name.end(), is_name_character);
}

void encode(const Attributes& attributes, Encoder& out) {
    for (const auto& setting : settings) out.zigzag(attributes.*setting.value);
    out.u8(attributes.trace ? 1 : 0);
}

Attributes decode_attributes(Decoder& in) {
    Attributes attributes;
    for (const auto& setting : settings) attributes.*setting.value = in.zigzag();
    attributes.trace = in.u8() != 0;
    return attributes;
}

}  // namespace cmq::broker
