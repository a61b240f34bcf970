#include "protocol/form.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace cmq::protocol {
namespace {

/// Of a batch of 16 and its signature. Counting them would read every body once more.
constexpr std::size_t usual_parameters = 32;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

tl::unexpected<WireError> refuse(Row row, std::string_view parameter) {
    return tl::unexpected(wire_error(row, parameter));
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Whether the raw name `given` is `name` but for blanks around it. Most have none.
bool is_called(std::string_view given, std::string_view name) {
    if (given.size() == name.size()) return given == name;
    if (given.size() < name.size()) return false;
    return (is_blank(given.front()) || is_blank(given.back())) && trimmed(given) == name;
}

/// The N of "name.N" when `given` is an element of the array `name`.
std::optional<std::string_view> element_of(std::string_view given, std::string_view name) {
    if (given.size() <= name.size() + 1 || !given.starts_with(name) || given[name.size()] != '.')
        return {};
    return given.substr(name.size() + 1);
}

}  // namespace

std::string form_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += '%';
            encoded += digits[byte >> 4];
            encoded += digits[byte & 15];
        }
    }
    return encoded;
}

Decoded<std::string> form_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    auto escape = text.find('%');
    auto plus = text.find('+');
    std::size_t at = 0;
    // Whole runs between escapes are copied at once: most of a body is such runs.
    while (at < text.size()) {
        const auto special = std::min({escape, plus, text.size()});
        decoded.append(text.substr(at, special - at));
        at = special;
        if (special == plus) {
            decoded += ' ';
            plus = text.find('+', ++at);
        } else if (special == escape) {
            const int high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
            if (high < 0 || low < 0) return refuse(Row::cannot_parse, "request");
            decoded += static_cast<char>(high * 16 + low);
            at += 3;
            escape = text.find('%', at);
        }
    }
    return decoded;
}

Decoded<auth::Parameters> parse_form(std::string_view text) {
    auth::Parameters parameters;
    parameters.reserve(usual_parameters);
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        if (parameters.size() == parameters_max) return refuse(Row::cannot_parse, "request");
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = form_decode(pair.substr(0, equals));
        auto value = form_decode(pair.substr(std::min(equals + 1, pair.size())));
        if (!name) return tl::unexpected(name.error());
        if (!value) return refuse(Row::cannot_parse, trimmed(*name));
        parameters.emplace_back(*std::move(name), *std::move(value));
    }
    return parameters;
}

std::string to_form(const auth::Parameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        if (!text.empty()) text += '&';
        text.append(form_encode(name)).append("=").append(form_encode(value));
    }
    return text;
}

Decoded<void> Fields::check_repeats() const {
    std::vector<std::string_view> names;
    names.reserve(parameters_->size());
    for (const auto& parameter : *parameters_) names.push_back(trimmed(parameter.first));
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice == names.end()) return {};
    return refuse(Row::not_repeatable, *twice);
}

bool Fields::names(std::string_view name) const {
    return std::ranges::any_of(
        *parameters_, [name](const auto& parameter) { return is_called(parameter.first, name); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
    for (const auto& [given, value] : *parameters_)
        if (is_called(given, name) && !value.empty()) return value;
    return {};
}

Decoded<std::string_view> Fields::required(std::string_view name) const {
    if (const auto value = find(name)) return *value;
    return refuse(Row::missing, name);
}

Decoded<std::optional<std::int64_t>> Fields::number(std::string_view name) const {
    const auto text = find(name);
    if (!text) return std::nullopt;
    const auto digits = text->starts_with('-') ? text->substr(1) : *text;
    const bool all_digits =
        !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!all_digits) return refuse(Row::wrong_type, name);
    const auto value = parse_digits(*text);
    if (!value || *value > INT64_MAX) return refuse(Row::out_of_range, name);
    return static_cast<std::int64_t>(*value);
}

Decoded<std::vector<std::string_view>> Fields::list(std::string_view name) const {
    std::map<std::uint64_t, std::string_view> elements;
    for (const auto& [given, value] : *parameters_) {
        const auto element = element_of(trimmed(given), name);
        if (!element) continue;
        const auto number = parse_digits(*element);
        if (!number) return refuse(Row::parameter_format, trimmed(given));
        if (!elements.emplace(*number, value).second) return refuse(Row::not_repeatable, name);
    }
    std::vector<std::string_view> values;
    if (elements.empty()) {
        if (const auto bare = find(name)) values.push_back(*bare);
        return values;
    }
    auto expected = elements.begin()->first;
    if (expected > 1) return refuse(Row::not_consequent, name);
    for (const auto& [number, value] : elements) {
        if (number != expected++) return refuse(Row::not_consequent, name);
        values.push_back(value);
    }
    return values;
}

}  // namespace cmq::protocol
