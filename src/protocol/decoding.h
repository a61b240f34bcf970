// protocol/decoding.h: what the decoders of several actions share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "broker/limits.h"
#include "protocol/action_table.h"

namespace cmq::protocol {

tl::unexpected<WireError> refuse(Row row, std::string_view parameter);
tl::unexpected<WireError> refuse(broker::Reason reason, std::string_view parameter);

Call call_of(broker::Namespace space, broker::Action action);
Call call_of(broker::Namespace space, broker::Question question);

/// errors  10390, 10020.
Decoded<std::string_view> queue_name(const Fields& fields);

/// `name` as a number within `range`; nothing when it is not given. errors  10350, 10360.
Decoded<std::optional<std::int64_t>> within(const Fields& fields, std::string_view name,
                                            broker::Range range);

/// 1, 0, true, false. errors  10360.
Decoded<std::optional<bool>> truth(const Fields& fields, std::string_view name);

/// Features of a later release: refused when they would change what happens. errors  10350.
Decoded<void> check_not_yet(const Fields& fields);

}  // namespace cmq::protocol
