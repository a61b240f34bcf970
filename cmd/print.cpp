#include "cmd/print.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "config/values.h"

namespace cmq::cmd {
namespace {

using Json = nlohmann::ordered_json;

struct ToText {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(const std::string& text) const { return printable(text); }
    std::string operator()(std::uint64_t number) const { return std::to_string(number); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(Stamp stamp) const { return to_rfc3339(stamp); }
    std::string operator()(std::chrono::seconds duration) const {
        return config::format_duration(duration);
    }
};

struct ToJson {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(const std::string& text) const { return to_utf8_lossy(text); }
    Json operator()(std::uint64_t number) const { return number; }
    Json operator()(std::int64_t number) const { return number; }
    Json operator()(bool truth) const { return truth; }
    Json operator()(Stamp stamp) const { return to_rfc3339(stamp); }
    Json operator()(std::chrono::seconds duration) const { return duration.count(); }
};

Json to_json(const Value& value) { return std::visit(ToJson{}, value); }

Json versioned() { return Json{{"version", output_version}}; }

Json object_of(Json object, const Record& record) {
    for (const auto& [column, value] : record.fields) object[column.key] = to_json(value);
    return object;
}

/// Letters on the terminal, near enough: code points.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

enum class Emphasis { first_line, first_column };

void print_aligned(std::ostream& out, const std::vector<std::vector<std::string>>& lines,
                   Emphasis emphasis, Color color) {
    std::vector<std::size_t> widths;
    for (const auto& line : lines) {
        widths.resize(std::max(widths.size(), line.size()));
        for (std::size_t at = 0; at < line.size(); ++at)
            widths[at] = std::max(widths[at], width(line[at]));
    }
    for (const auto& line : lines) {
        for (std::size_t at = 0; at < line.size(); ++at) {
            const bool is_strong = emphasis == Emphasis::first_line ? &line == &lines[0] : at == 0;
            out << (is_strong ? tinted(Tint::bold, line[at], color) : line[at]);
            if (at + 1 < line.size()) out << std::string(widths[at] - width(line[at]) + 2, ' ');
        }
        out << '\n';
    }
}

void print_table(std::ostream& out, const Table& table, Color color) {
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& column : table.columns) lines[0].push_back(column.title);
    for (const auto& row : table.rows) {
        auto& line = lines.emplace_back();
        for (const auto& value : row) line.push_back(to_text(value));
    }
    print_aligned(out, lines, Emphasis::first_line, color);
}

void print_fields(std::ostream& out, const Record& record, Color color) {
    std::vector<std::vector<std::string>> lines;
    for (const auto& [column, value] : record.fields)
        lines.push_back({column.title, to_text(value)});
    print_aligned(out, lines, Emphasis::first_column, color);
}

void print_plain(std::ostream& out, const Table& table) {
    for (const auto& row : table.rows) {
        const auto count = std::min(table.plain_columns, row.size());
        for (std::size_t at = 0; at < count; ++at) out << (at == 0 ? "" : "\t") << to_text(row[at]);
        out << '\n';
    }
}

Record record_of(const Table& table, const std::vector<Value>& row) {
    Record record;
    for (std::size_t at = 0; at < row.size(); ++at)
        record.fields.emplace_back(table.columns[at], row[at]);
    return record;
}

void print_json(std::ostream& out, const Table& table) {
    auto list = Json::array();
    for (const auto& row : table.rows)
        list.push_back(object_of(Json::object(), record_of(table, row)));
    auto whole = versioned();
    whole[table.name] = std::move(list);
    out << whole.dump() << '\n';
}

}  // namespace

std::string to_text(const Value& value) { return std::visit(ToText{}, value); }

std::string printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : is_utf8(text) ? std::string(text) : to_utf8_lossy(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out;
}

std::vector<std::string> keys_of(const std::vector<Column>& columns) {
    std::vector<std::string> keys;
    for (const auto& column : columns) keys.push_back(column.key);
    return keys;
}

std::vector<std::string> keys_of(const Record& record) {
    std::vector<std::string> keys;
    for (const auto& [column, value] : record.fields) keys.push_back(column.key);
    return keys;
}

std::string filled(const Template& pattern, const Record& record) {
    return pattern.fill([&](const std::string& key, Template::Shape shape) -> std::string {
        for (const auto& [column, value] : record.fields) {
            if (column.key != key) continue;
            if (shape == Template::Shape::json) return to_json(value).dump();
            const auto* text = std::get_if<std::string>(&value);
            return text ? *text : to_text(value);
        }
        return shape == Template::Shape::json ? "null" : "-";
    });
}

std::string json_line(const Record& record, Standing standing) {
    return object_of(standing == Standing::alone ? versioned() : Json::object(), record).dump();
}

void print(std::ostream& out, const Table& table, const Form& form) {
    switch (form.format) {
        case Format::table:
            return print_table(out, table, form.color);
        case Format::plain:
        case Format::raw:
            return print_plain(out, table);
        case Format::json:
            return print_json(out, table);
        case Format::ndjson:
        case Format::pattern:
            for (const auto& row : table.rows) print(out, record_of(table, row), form);
            return;
    }
}

void print(std::ostream& out, const Record& record, const Form& form) {
    switch (form.format) {
        case Format::json:
        case Format::ndjson:
            out << json_line(record, Standing::alone) << '\n';
            return;
        case Format::pattern:
            out << filled(form.pattern, record) << form.pattern.end();
            return;
        case Format::table:
            return print_fields(out, record, form.color);
        case Format::plain:
        case Format::raw:
            for (const auto& [column, value] : record.fields)
                out << column.key << '\t' << to_text(value) << '\n';
            return;
    }
}

void print(std::ostream& out, const std::string& sentence, const Record& record, const Form& form) {
    const bool is_for_people = form.format == Format::table || form.format == Format::plain;
    if (!is_for_people) return print(out, record, form);
    out << sentence << '\n';
}

}  // namespace cmq::cmd
