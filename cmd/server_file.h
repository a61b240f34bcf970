// cmd/server_file.h: a cmq.yaml to begin with.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cmq::cmd {

/// All that may be set, each with its help: `chosen` as it is given (YAML), the rest commented out
/// with what holds without it.
std::string server_file(const std::map<std::string_view, std::string>& chosen);

}  // namespace cmq::cmd
