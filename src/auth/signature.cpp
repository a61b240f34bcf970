#include "auth/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"

namespace cmq::auth {

std::string text_to_sign(std::string_view method, std::string_view host, std::string_view path,
                         const Parameters& parameters) {
    std::vector<const Parameters::value_type*> sorted;
    sorted.reserve(parameters.size());
    for (const auto& parameter : parameters) sorted.push_back(&parameter);
    std::ranges::stable_sort(
        sorted, {}, [](const auto* parameter) -> const std::string& { return parameter->first; });
    std::string text(method);
    text.append(host).append(path);
    char separator = '?';
    for (const auto* parameter : sorted) {
        text += separator;
        separator = '&';
        const auto begin = text.size();
        text += parameter->first;
        std::replace(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), '_', '.');
        text += '=';
        text += parameter->second;
    }
    return text;
}

std::string sign(std::string_view secret_key, Digest digest, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    unsigned size = 0;
    const auto* algorithm = digest == Digest::sha1 ? EVP_sha1() : EVP_sha256();
    const auto* done =
        HMAC(algorithm, secret_key.data(), static_cast<int>(secret_key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
    CMQ_CHECK(done != nullptr);
    return base64_encode({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace cmq::auth
