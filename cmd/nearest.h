// cmd/nearest.h: "did you mean".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cmq::cmd {

/// The candidate that `word` most likely meant: the shortest that begins with it, else the one with
/// the fewest slips; nothing when none is close.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace cmq::cmd
