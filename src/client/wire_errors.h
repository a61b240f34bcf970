// client/wire_errors.h: what the broker's error numbers mean to us.
#pragma once

#include <string_view>

#include "base/result.h"

namespace cmq::client {

/// `code` is the outer number (4440), `message` the text with its module number in front
/// ("(10100)queue is not existed, or deleted"). Ours keeps the module number at its end:
/// "queue does not exist (10100)". Source: CMQ wire contract, section "Error table".
Error error_of(int code, std::string_view message);

}  // namespace cmq::client
