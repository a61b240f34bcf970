// cmd/form.h: how results are printed: what -o and --color chose.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/color.h"
#include "cmd/template.h"

namespace cmq::cmd {

enum class Format { table, plain, json, ndjson, raw, pattern };
std::string_view name_of(Format format);                 // as it is typed: "ndjson", "template="
std::optional<Format> format_of(std::string_view name);  // "template=..." is a pattern
std::vector<std::string> format_names();                 // of all there are

struct Form {
    Format format = Format::plain;
    Template pattern{};  // of Format::pattern
    Color color = Color::off;
};

}  // namespace cmq::cmd
