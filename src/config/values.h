// config/values.h: durations, sizes and numbers as people write them, the same on the command line
// and in files.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cmq::config {

/// `500ms`, `5s`, `2m`, `1h30m`, `4d`; 0 needs no unit. At most 10 years.
/// errors  invalid: anything else; a number without a unit is told so.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The same in whole seconds. errors  invalid: a part of a second.
Result<std::chrono::seconds> parse_seconds(std::string_view text);
/// Bytes: `512B`, `64KiB`, `1MiB`, `2GiB`, `1TiB`, or a number of them.
Result<std::uint64_t> parse_size(std::string_view text);
/// Decimal digits. errors  invalid: a leading zero too, since some would read it as octal.
Result<std::uint64_t> parse_whole(std::string_view text);
/// `true` or `false`.
Result<bool> parse_truth(std::string_view text);

std::string format_duration(std::chrono::milliseconds duration);  // 1h30m, 500ms, 0s
std::string format_size(std::uint64_t bytes);                     // 64KiB, 1000B

}  // namespace cmq::config
