// auth/signature.h: the legacy signature of the CMQ API, both ways. Pure.
//
//     text      = METHOD + host + path + "?" + k1=v1&k2=v2&...     sorted by raw name, '_' -> '.'
//     signature = base64(HMAC(secret key, text))
//
// Source: CMQ wire contract, section "Legacy signature".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cmq::auth {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // raw names, decoded values

enum class Digest { sha1, sha256 };

/// Values that begin with '@': the Python and PHP SDKs leave them out of what they sign.
enum class AtValues { kept, left_out };

/// "?k1=v1&k2=v2&...": the part of the text that follows the path. A parameter named "Signature"
/// is no part of it.
std::string query_to_sign(const Parameters& parameters, AtValues at_values = AtValues::kept);

/// Any order of `parameters`.
std::string text_to_sign(std::string_view method, std::string_view host, std::string_view path,
                         const Parameters& parameters);

/// base64, padded.
std::string sign(std::string_view secret_key, Digest digest, std::string_view text);

}  // namespace cmq::auth
