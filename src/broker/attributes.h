// broker/attributes.h: a queue's settings: defaults, changes, ranges.
#pragma once

#include "base/bytes.h"
#include "broker/command.h"
#include "broker/reply.h"

namespace cmq::broker {

Attributes usual_attributes();

/// `attributes` with `changes` made.
/// errors  out_of_range with the wire name; rewind_beyond_retention.
tl::expected<Attributes, Refusal> changed(Attributes attributes, const AttributeChanges& changes);

bool is_queue_name(std::string_view name);  // a letter, then letters, digits, '-', '_'; at most 64

void encode(const Attributes& attributes, Encoder& out);
Attributes decode_attributes(Decoder& in);

}  // namespace cmq::broker
