#include "auth/hmac_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

#include "base/check.h"
#include "base/text.h"

namespace cmq::auth {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void HmacKey::Free::operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }

HmacKey::HmacKey(std::string_view secret_key, Digest digest) {
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    CMQ_CHECK(hmac != nullptr);
    keyed_.reset(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);  // the context holds on to it
    CMQ_CHECK(keyed_ != nullptr);
    std::string name = digest == Digest::sha1 ? "SHA1" : "SHA256";
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
        OSSL_PARAM_construct_end()};
    // OpenSSL takes a null key for "as before", also when it has no bytes.
    const std::string_view key = secret_key.empty() ? std::string_view("") : secret_key;
    CMQ_CHECK(EVP_MAC_init(keyed_.get(), bytes_of(key), key.size(), parameters.data()) == 1);
}

std::string HmacKey::sign(std::initializer_list<std::string_view> pieces) const {
    const Context context(EVP_MAC_CTX_dup(keyed_.get()));
    CMQ_CHECK(context != nullptr);
    for (const auto piece : pieces)
        CMQ_CHECK(EVP_MAC_update(context.get(), bytes_of(piece), piece.size()) == 1);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    std::size_t size = 0;
    CMQ_CHECK(EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) == 1);
    return base64_encode({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace cmq::auth
