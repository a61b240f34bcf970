// cmd/print.h: results as tables, plain lines, JSON or by a template. Hides the JSON library.
//
// JSON has a fixed order of keys and a version; times are RFC 3339 UTC everywhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "cmd/arguments.h"

namespace cmq::cmd {

inline constexpr int output_version = 1;

/// Nothing is null in JSON and a dash in a table. Durations are whole seconds in JSON.
using Value = std::variant<std::monostate, std::string, std::uint64_t, std::int64_t, bool, Stamp,
                           std::chrono::seconds>;

struct Column {
    std::string key;    // in JSON
    std::string title;  // in a table
};
struct Table {
    std::string name;  // of the list in JSON
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows;
    std::size_t plain_columns = 1;  // plain lines have the first ones, tabs between
};
void print(std::ostream& out, const Table& table, const Form& form);

/// One thing: "key  value" lines, or one JSON object.
struct Record {
    std::vector<std::pair<Column, Value>> fields;
};
void print(std::ostream& out, const Record& record, const Form& form);
/// The same where `sentence` says it all to people, and to plain readers.
void print(std::ostream& out, const std::string& sentence, const Record& record, const Form& form);

/// For templates.
std::vector<std::string> keys_of(const Record& record);
std::vector<std::string> keys_of(const std::vector<Column>& columns);
std::string filled(const Template& pattern, const Record& record);  // without an end of line

/// One JSON object on one line, for streams; with a version when it stands alone.
enum class Standing { alone, in_list };
std::string json_line(const Record& record, Standing standing);

/// For terminals and one-line forms: control characters and what is not UTF-8 as escapes.
std::string printable(std::string_view text);
std::string to_text(const Value& value);

}  // namespace cmq::cmd
