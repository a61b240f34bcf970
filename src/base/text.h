// base/text.h: encodings of text that several rooms need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace cmq {

bool is_utf8(std::string_view bytes);               // RFC 3629: no surrogates, no overlong
std::string to_utf8_lossy(std::string_view bytes);  // U+FFFD in place of what is not UTF-8

std::string base64_encode(std::string_view bytes);         // RFC 4648 section 4, padded
Result<std::string> base64_decode(std::string_view text);  // padded; nothing but the alphabet
/// RFC 4648 section 5, without padding: no letter of it means anything to a shell or in a URL.
std::string base64url_encode(std::string_view bytes);
Result<std::string> base64url_decode(std::string_view text);
std::string hex_encode(std::string_view bytes);         // lower case
Result<std::string> hex_decode(std::string_view text);  // lower case only

/// All of `text` as a decimal number: digits only, no sign, no blank; nothing when it does not fit.
std::optional<std::uint64_t> parse_digits(std::string_view text);

std::string to_rfc3339(Stamp stamp);                 // 2026-11-23T10:00:00.123Z
Result<Stamp> parse_rfc3339(std::string_view text);  // with Z or an offset, fraction optional

std::string lower(std::string_view text);                          // ASCII only
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII only
std::string_view trimmed(std::string_view text);  // no blanks or tabs at either end

}  // namespace cmq
