// cmd/color.h: emphasis on terminals; never the only sign of anything.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"

namespace cmq::cmd {

enum class Color { off, on };
enum class Reader { terminal, other };

bool is_color_wish(std::string_view word);  // one of those that choose_color knows

/// `wish`: auto, always or never, "" for auto: on a terminal, unless NO_COLOR is set or TERM is
/// dumb. Source: no-color.org.
Color choose_color(std::string_view wish, Reader reader, const config::Surroundings& surroundings);

/// Whether lines can be taken back and written anew: on any terminal but a dumb one.
bool can_rewrite_lines(Reader reader, const config::Surroundings& surroundings);

enum class Tint { bold, red, green };
std::string tinted(Tint tint, std::string_view text, Color color);

}  // namespace cmq::cmd
