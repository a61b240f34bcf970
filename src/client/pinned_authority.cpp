#include "client/pinned_authority.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "base/text.h"

namespace cmq::client {
namespace {

template <auto free>
struct Free {
    template <class T>
    void operator()(T* handle) const {
        free(handle);
    }
};
using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using Check = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
    return hex_encode({reinterpret_cast<const char*>(digest.data()), size});
}

X509* find(STACK_OF(X509) * shown, const std::string& fingerprint) {
    for (int at = 0; at < sk_X509_num(shown); ++at)
        if (auto* one = sk_X509_value(shown, at); fingerprint_of(one) == fingerprint) return one;
    return nullptr;
}

/// Empty: the chain that was shown leads to `authority`, which is part of it.
std::string why_not(X509_STORE_CTX* handshake, X509* authority) {
    const Store trusted(X509_STORE_new());
    const Check check(X509_STORE_CTX_new());
    if (!trusted || !check || X509_STORE_add_cert(trusted.get(), authority) != 1 ||
        X509_STORE_CTX_init(check.get(), trusted.get(), X509_STORE_CTX_get0_cert(handshake),
                            X509_STORE_CTX_get0_untrusted(handshake)) != 1 ||
        X509_STORE_CTX_set_default(check.get(), "ssl_server") != 1)
        return "out of memory";
    if (X509_check_ca(authority) == 0) return "what the token names is no CA";
    if (X509_verify_cert(check.get()) == 1) return {};
    return X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

int verify(X509_STORE_CTX* handshake, void* pinned_) {
    auto& pinned = *static_cast<PinnedAuthority*>(pinned_);
    auto* authority = find(X509_STORE_CTX_get0_untrusted(handshake), pinned.fingerprint);
    pinned.refusal = authority ? why_not(handshake, authority)
                               : "it shows no certificate of the CA that the token names";
    if (pinned.refusal.empty()) return 1;
    X509_STORE_CTX_set_error(handshake, X509_V_ERR_CERT_UNTRUSTED);
    return 0;
}

}  // namespace

void PinnedAuthority::pin(SSL_CTX* context) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify, this);
}

}  // namespace cmq::client
