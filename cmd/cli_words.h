// cmd/cli_words.h: the words behind a command to its arguments. Hides CLI11.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/arguments.h"

namespace cmq::cmd {

using Words = std::vector<std::string>;

/// Assigns what is given, by the command line or the environment, and checks what is not.
/// errors  invalid: what is wrong with them, with what was probably meant.
Status parse(Arguments& arguments, const Words& words);

inline std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

}  // namespace cmq::cmd
