// cmd/wrap.h: text in lines that fit a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cmq::cmd {

inline constexpr std::size_t line_width = 80;

/// Words of `text` in lines of line_width at most, where a word fits; all but the first line begin
/// with `indent` blanks, and that many are taken on the first one already. Empty lines stay, other
/// line breaks are blanks. Ends without a line break.
std::string wrapped(std::string_view text, std::size_t indent);

}  // namespace cmq::cmd
