// net/certificate_parts.h: keys, certificates and their PEM. Inside of net.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/tls.h"

namespace cmq::net {

template <auto free>
struct Free {
    template <class T>
    void operator()(T* handle) const {
        free(handle);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using CertificateRequest = std::unique_ptr<X509_REQ, Free<X509_REQ_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;

Memory memory_of(const std::string& text);  // reads `text`, which must outlive it
Memory memory();
std::string text_of(const Memory& memory);

Key draw_key();                      // ECDSA P-256
bool is_p256(const EVP_PKEY* key);   // what we draw, and the only kind that we sign
std::string pem_of(const Key& key);  // not encrypted
std::string pem_of(const Certificate& certificate);
/// errors  invalid: not one. A key with a passphrase is not one: nobody is asked for it.
Result<Key> read_key(const std::string& pem);
Result<std::vector<Certificate>> read_certificates(const std::string& pem);  // one or more

/// A CA, ready to sign.
struct Issuer {
    Certificate certificate;
    Key key;
};
/// errors  invalid: not a certificate and its key.
Result<Issuer> read_issuer(const Identity& authority);

/// A certificate without issuer, extensions and signature. `name` is for people only.
Certificate blank(const EVP_PKEY* key, const std::string& name, Stamp now, std::chrono::days life);
/// errors  invalid: OpenSSL does not take `value` (its own notation) for an extension of `kind`.
Status extend(const Certificate& certificate, X509* issuer, int kind, const std::string& value);
/// One that signs nothing, for both ends of a connection. `names` in OpenSSL's notation.
Result<Certificate> sign_leaf(const Issuer& issuer, const EVP_PKEY* key, const std::string& name,
                              const std::string& names, Stamp now);

/// The one node that `certificate` names. errors  invalid: none, or more than one.
Result<PeerName> peer_name_of(const X509* certificate);
Stamp begin_of(const X509* certificate);
Stamp end_of(const X509* certificate);

}  // namespace cmq::net
