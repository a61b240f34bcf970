#include "client/load_body.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"

namespace cmq::client {
namespace {

constexpr std::string_view magic = "cmq1";
constexpr std::string_view alphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t crc_at = 44;
static_assert(alphabet.size() == 64);
static_assert(crc_at + 9 == load_body_bytes_min);

const std::string& pattern() {
    static const auto text = [] {
        std::string made;
        for (int times = 0; times < 33; ++times) made += alphabet;
        return made;
    }();
    return text;
}

void put_hex(char* at, std::size_t digits, std::uint64_t value) {
    for (std::size_t digit = digits; digit-- > 0; value >>= 4) at[digit] = hex_digits[value & 15];
    at[digits] = '-';
}

std::optional<std::uint64_t> get_hex(std::string_view text, std::size_t at, std::size_t digits) {
    std::uint64_t value = 0;
    for (const char digit : text.substr(at, digits)) {
        const auto found = hex_digits.find(digit);
        if (found == hex_digits.npos) return {};
        value = value << 4 | found;
    }
    if (text[at + digits] != '-') return {};
    return value;
}

/// Of all but the checksum itself.
std::uint32_t checksum(std::string_view text) {
    return crc32c(text.substr(crc_at + 8), crc32c(text.substr(0, crc_at)));
}

}  // namespace

std::string write_load_body(const LoadBody& body, std::size_t bytes) {
    CMQ_CHECK(bytes >= load_body_bytes_min);
    std::string text(load_body_bytes_min, '-');
    magic.copy(text.data(), magic.size());
    put_hex(text.data() + 4, 8, body.run);
    put_hex(text.data() + 13, 4, body.sender);
    put_hex(text.data() + 18, 12, body.sequence);
    put_hex(text.data() + 31, 12, static_cast<std::uint64_t>(body.started.count()));
    text.reserve(bytes);
    // Begins elsewhere in each message, so that bytes of another one do not fit.
    const auto begin = body.sequence % alphabet.size();
    while (text.size() < bytes)
        text.append(pattern(), begin, std::min<std::size_t>(2048, bytes - text.size()));
    put_hex(text.data() + crc_at, 8, checksum(text));
    return text;
}

std::optional<LoadBody> read_load_body(std::string_view text) {
    if (text.size() < load_body_bytes_min || text.substr(0, 4) != magic) return {};
    const auto run = get_hex(text, 4, 8), sender = get_hex(text, 13, 4);
    const auto sequence = get_hex(text, 18, 12), started = get_hex(text, 31, 12);
    const auto crc = get_hex(text, crc_at, 8);
    if (!run || !sender || !sequence || !started || !crc || *crc != checksum(text)) return {};
    return LoadBody{static_cast<std::uint32_t>(*run), static_cast<std::uint16_t>(*sender),
                    *sequence, std::chrono::microseconds{*started}};
}

}  // namespace cmq::client
