// protocol/plain.h: the quick answer to "is it UTF-8?" that most bodies allow.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/text.h"

namespace cmq::protocol {

inline bool is_ascii(std::string_view bytes) {
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

/// As is_utf8, and some ten times as fast for ASCII.
inline bool is_body_text(std::string_view body) { return is_ascii(body) || is_utf8(body); }

}  // namespace cmq::protocol
