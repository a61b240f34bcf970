#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace cmq {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Eight bytes at a time: most bodies need no more.
bool is_ascii(std::string_view bytes) {
    constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
    std::uint64_t seen = 0;
    std::uint64_t word = 0;
    for (; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
        std::memcpy(&word, bytes.data(), sizeof word);
        seen |= word;
    }
    word = 0;
    if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
    return ((seen | word) & high_bits) == 0;
}

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Length of the UTF-8 sequence at the start of `text`; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto lead = byte_at(text, 0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
    for (std::size_t at = 1; at < length; ++at)
        if ((byte_at(text, at) & 0xc0) != 0x80) return 0;
    const auto second = byte_at(text, 1);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool surrogate = lead == 0xed && second >= 0xa0;
    const bool beyond = lead == 0xf4 && second >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

int value_of(char c) {
    const auto at = alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<int> number(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return {};
    const auto digits = parse_digits(text.substr(at, count));
    if (!digits) return {};
    return static_cast<int>(*digits);
}

/// Minutes east of UTC that `zone` ("Z", "+08:00") names.
std::optional<int> zone_minutes(std::string_view zone) {
    if (zone == "Z" || zone == "z") return 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return {};
    const auto hours = number(zone, 1, 2);
    const auto minutes = number(zone, 4, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return {};
    return (*hours * 60 + *minutes) * (zone[0] == '-' ? -1 : 1);
}

/// Takes ".123456" off the front of `rest`; whole milliseconds of it.
std::optional<int> take_fraction(std::string_view& rest) {
    if (rest.empty() || rest[0] != '.') return 0;
    std::size_t digits = 1;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
    if (digits == 1) return {};
    std::string three(rest.substr(1, std::min<std::size_t>(digits - 1, 3)));
    three.resize(3, '0');
    rest.remove_prefix(digits);
    return number(three, 0, 3);
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    if (is_ascii(bytes)) return true;
    while (!bytes.empty()) {
        const auto length = sequence_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string to_utf8_lossy(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const auto length = sequence_length(bytes);
        text += length == 0 ? std::string_view("\xef\xbf\xbd") : bytes.substr(0, length);
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto have = std::min<std::size_t>(bytes.size() - at, 3);
        unsigned group = byte_at(bytes, at) << 16;
        if (have > 1) group |= byte_at(bytes, at + 1) << 8;
        if (have > 2) group |= byte_at(bytes, at + 2);
        text += alphabet[group >> 18];
        text += alphabet[group >> 12 & 63];
        text += have > 1 ? alphabet[group >> 6 & 63] : '=';
        text += have > 2 ? alphabet[group & 63] : '=';
    }
    return text;
}

Result<std::string> base64_decode(std::string_view text) {
    const auto wrong = [] { return fail(Code::invalid, "not base64"); };
    if (text.size() % 4 != 0) return wrong();
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    std::string bytes;
    unsigned group = 0;
    for (std::size_t at = 0; at < text.size() - padding; ++at) {
        const int value = value_of(text[at]);
        if (value < 0) return wrong();
        group = group << 6 | static_cast<unsigned>(value);
        if (at % 4 == 1) bytes += static_cast<char>(group >> 4);
        if (at % 4 == 2) bytes += static_cast<char>(group >> 2);
        if (at % 4 == 3) bytes += static_cast<char>(group);
    }
    const unsigned unused = padding == 2 ? 15u : padding == 1 ? 3u : 0u;
    if ((group & unused) != 0) return wrong();
    return bytes;
}

std::string base64url_encode(std::string_view bytes) {
    auto text = base64_encode(bytes);
    while (text.ends_with('=')) text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

Result<std::string> base64url_decode(std::string_view text) {
    if (text.find_first_of("+/=") != text.npos) return fail(Code::invalid, "not base64url");
    std::string padded(text);
    padded.resize((text.size() + 3) / 4 * 4, '=');
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    return base64_decode(padded);
}

std::string hex_encode(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        text += digits[byte_at(bytes, at) >> 4];
        text += digits[byte_at(bytes, at) & 15];
    }
    return text;
}

Result<std::string> hex_decode(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string bytes;
    if (text.size() % 2 != 0) return fail(Code::invalid, "not hex");
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const auto high = digits.find(text[at]);
        const auto low = digits.find(text[at + 1]);
        if (high == digits.npos || low == digits.npos) return fail(Code::invalid, "not hex");
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::optional<std::uint64_t> parse_digits(std::string_view text) {
    std::uint64_t value = 0;
    if (text.empty() || text[0] < '0' || text[0] > '9') return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

std::string to_rfc3339(Stamp stamp) {
    const auto days = std::chrono::floor<std::chrono::days>(stamp);
    const std::chrono::year_month_day date{days};
    const std::chrono::hh_mm_ss time{stamp - days};
    std::array<char, 64> text;
    const int size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
        static_cast<int>(time.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

Result<Stamp> parse_rfc3339(std::string_view text) {
    const auto wrong = [&] {
        return fail(Code::invalid,
                    "\"" + std::string(text) + "\" is not a time like 2026-11-23T10:00:00Z");
    };
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
        return wrong();
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return wrong();
    const auto year = number(text, 0, 4), month = number(text, 5, 2), day = number(text, 8, 2);
    const auto hour = number(text, 11, 2), minute = number(text, 14, 2),
               second = number(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return wrong();
    auto rest = text.substr(19);
    const auto fraction = take_fraction(rest);
    const auto zone = zone_minutes(rest);
    if (!fraction || !zone || *hour > 23 || *minute > 59 || *second > 60) return wrong();
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return wrong();
    return Stamp{std::chrono::sys_days{date}} + std::chrono::hours{*hour} +
           std::chrono::minutes{*minute - *zone} + std::chrono::seconds{*second} +
           std::chrono::milliseconds{*fraction};
}

std::string lower(std::string_view text) {
    std::string small(text);
    for (auto& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && lower(a) == lower(b);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace cmq
