#include "cmd/wrap.h"

#include <algorithm>

namespace cmq::cmd {
namespace {

constexpr std::string_view gap = "\n\n";  // between paragraphs

std::string wrapped_paragraph(std::string_view text, std::size_t indent) {
    std::string out;
    auto column = indent;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        const auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        const bool fits = column + 1 + word.size() <= line_width;
        if (!out.empty()) out += fits ? " " : '\n' + std::string(indent, ' ');
        column = out.empty() || !fits ? indent + word.size() : column + 1 + word.size();
        out += word;
    }
    return out;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent) {
    const auto end = text.find(gap);
    if (end == text.npos) return wrapped_paragraph(text, indent);
    return wrapped_paragraph(text.substr(0, end), indent) + std::string(gap) +
           std::string(indent, ' ') + wrapped(text.substr(end + gap.size()), indent);
}

}  // namespace cmq::cmd
