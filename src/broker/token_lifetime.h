// broker/token_lifetime.h: how long a join token may be good.
#pragma once

#include "broker/limits.h"

namespace cmq::broker {

inline constexpr Range token_lifetime{60, 86'400, 3'600};  // s

}  // namespace cmq::broker
