// broker/codec.h: commands as bytes. The log keeps them for ever: a layout is never changed, a new
// one gets a new tag. A version byte comes first.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "broker/command.h"

namespace cmq::broker {

/// Appends `command` to `out`.
void encode(const Command& command, std::string& out);

/// All of `bytes` as one command, which points into them.
/// errors  corrupt: not what encode writes.
Result<Command> decode(std::string_view bytes);

}  // namespace cmq::broker
