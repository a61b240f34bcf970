#include "auth/signature.h"

#include <algorithm>

#include "auth/hmac_key.h"
#include "base/text.h"

namespace cmq::auth {
namespace {

using Sorted = std::vector<const Parameters::value_type*>;

Sorted sorted(const Parameters& parameters, AtValues at_values) {
    Sorted chosen;
    chosen.reserve(parameters.size());
    for (const auto& parameter : parameters) {
        if (trimmed(parameter.first) == "Signature") continue;
        if (at_values == AtValues::left_out && parameter.second.starts_with('@')) continue;
        chosen.push_back(&parameter);
    }
    std::ranges::stable_sort(
        chosen, {}, [](const auto* parameter) -> const std::string& { return parameter->first; });
    return chosen;
}

}  // namespace

std::string query_to_sign(const Parameters& parameters, AtValues at_values) {
    const auto chosen = sorted(parameters, at_values);
    std::size_t size = 0;
    for (const auto* parameter : chosen)
        size += parameter->first.size() + parameter->second.size() + 2;
    std::string text;
    text.reserve(size + 1);
    for (const auto* parameter : chosen) {
        text += text.empty() ? '?' : '&';
        for (const char c : parameter->first) text += c == '_' ? '.' : c;
        text += '=';
        text += parameter->second;
    }
    return text.empty() ? "?" : text;
}

std::string text_to_sign(std::string_view method, std::string_view host, std::string_view path,
                         const Parameters& parameters) {
    return std::string(method).append(host).append(path).append(query_to_sign(parameters));
}

std::string sign(std::string_view secret_key, Digest digest, std::string_view text) {
    return HmacKey(secret_key, digest).sign({text});
}

}  // namespace cmq::auth
