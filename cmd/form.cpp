#include "cmd/form.h"

#include <array>

namespace cmq::cmd {
namespace {

constexpr std::array formats{Format::table,  Format::plain, Format::json,
                             Format::ndjson, Format::raw,   Format::pattern};

}  // namespace

std::string_view name_of(Format format) {
    switch (format) {
        case Format::table:
            return "table";
        case Format::plain:
            return "plain";
        case Format::json:
            return "json";
        case Format::ndjson:
            return "ndjson";
        case Format::raw:
            return "raw";
        case Format::pattern:
            return "template=";
    }
    return "plain";
}

std::optional<Format> format_of(std::string_view name) {
    for (const auto format : formats)
        if (format == Format::pattern ? name.starts_with(name_of(format)) : name == name_of(format))
            return format;
    return {};
}

std::vector<std::string> format_names() {
    std::vector<std::string> names;
    for (const auto format : formats) names.emplace_back(name_of(format));
    return names;
}

}  // namespace cmq::cmd
