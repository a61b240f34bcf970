#include "cmd/color.h"

namespace cmq::cmd {
namespace {

std::string_view code_of(Tint tint) {
    switch (tint) {
        case Tint::bold:
            return "1";
        case Tint::red:
            return "1;31";
        case Tint::green:
            return "32";
    }
    return "0";
}

}  // namespace

bool is_color_wish(std::string_view word) {
    return word == "auto" || word == "always" || word == "never";
}

Color choose_color(std::string_view wish, Reader reader, const config::Surroundings& surroundings) {
    if (wish == "always") return Color::on;
    if (wish == "never") return Color::off;
    const auto refused = surroundings.variable("NO_COLOR");
    if (refused && !refused->empty()) return Color::off;
    return can_rewrite_lines(reader, surroundings) ? Color::on : Color::off;
}

bool can_rewrite_lines(Reader reader, const config::Surroundings& surroundings) {
    return reader == Reader::terminal && surroundings.variable("TERM") != "dumb";
}

std::string tinted(Tint tint, std::string_view text, Color color) {
    if (color == Color::off || text.empty()) return std::string(text);
    return "\033[" + std::string(code_of(tint)) + 'm' + std::string(text) + "\033[0m";
}

}  // namespace cmq::cmd
