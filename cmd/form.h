// cmd/form.h: how results are printed: what -o and --color chose.
#pragma once

#include <string_view>

#include "cmd/color.h"
#include "cmd/template.h"

namespace cmq::cmd {

enum class Format { table, plain, json, ndjson, raw, pattern };
std::string_view name_of(Format format);  // as it is typed: "ndjson", "template="

struct Form {
    Format format = Format::plain;
    Template pattern{};  // of Format::pattern
    Color color = Color::off;
};

}  // namespace cmq::cmd
