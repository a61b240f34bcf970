// A private CA and certificates of it: ECDSA P-256, version 3, PEM.

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "net/certificate_parts.h"

namespace cmq::net {
namespace {

constexpr auto authority_life = std::chrono::days{3650};

bool is_address(const std::string& name) {
    std::array<unsigned char, 16> raw;
    return inet_pton(AF_INET, name.c_str(), raw.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), raw.data()) == 1;
}

/// OpenSSL reads a list from our text: a comma in a name would make two of it.
bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._*").find(c) != std::string_view::npos;
    });
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string list;
    for (const auto& name : names) {
        if (!list.empty()) list += ',';
        list += (is_address(name) ? "IP:" : "DNS:") + name;
    }
    return list;
}

/// For people; which node of which cluster programs read from the URI.
std::string title_of(const PeerName& name) { return "cmq node " + std::to_string(name.node); }

/// The chain of a node's certificate. What cannot be parsed as a name must not be signed as one.
Result<std::string> sign_node(const Identity& authority, const EVP_PKEY* key, const PeerName& name,
                              Stamp now) {
    CMQ_TRY(PeerName::parse(name.uri()));
    const auto issuer = CMQ_TRY(read_issuer(authority));
    const auto leaf = CMQ_TRY(sign_leaf(issuer, key, title_of(name), "URI:" + name.uri(), now));
    return pem_of(leaf) + authority.certificate;
}

/// The key that a request proves to have. All else in it is the sender's wish, and not looked at.
Result<Key> requested_key(const std::string& request) {
    const auto text = memory_of(request);
    const CertificateRequest parsed(PEM_read_bio_X509_REQ(text.get(), nullptr, nullptr, nullptr));
    Key key(parsed ? X509_REQ_get_pubkey(parsed.get()) : nullptr);
    const bool proven = key && X509_REQ_verify(parsed.get(), key.get()) == 1;
    ERR_clear_error();  // what we say ourselves is enough
    if (!proven) return fail(Code::invalid, "not a PEM certificate request");
    if (!is_p256(key.get()))
        return fail(Code::invalid, "a certificate request with a key other than ECDSA P-256");
    return key;
}

}  // namespace

Result<Identity> make_authority(const std::string& name, Stamp now) {
    const auto key = draw_key();
    const auto certificate = blank(key.get(), name, now, authority_life);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    auto* self = certificate.get();
    CMQ_TRY(extend(certificate, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
    CMQ_TRY(extend(certificate, self, NID_key_usage, "critical,keyCertSign,cRLSign"));
    CMQ_TRY(extend(certificate, self, NID_subject_key_identifier, "hash"));
    CMQ_CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
    return Identity{pem_of(certificate), pem_of(key)};
}

Result<Identity> issue_certificate(const Identity& authority, const std::vector<std::string>& names,
                                   Stamp now) {
    if (names.empty()) return fail(Code::invalid, "certificate: no name to issue it for");
    for (const auto& name : names)
        if (!is_address(name) && !is_name(name))
            return fail(Code::invalid, "certificate: not a DNS name or IP address: " + name);
    const auto issuer = CMQ_TRY(read_issuer(authority));
    const auto key = draw_key();
    const auto leaf =
        CMQ_TRY(sign_leaf(issuer, key.get(), names.front(), alternative_names(names), now));
    return Identity{pem_of(leaf) + authority.certificate, pem_of(key)};
}

Result<Identity> issue_node_certificate(const Identity& authority, const PeerName& name,
                                        Stamp now) {
    const auto key = draw_key();
    auto chain = CMQ_TRY(sign_node(authority, key.get(), name, now));
    return Identity{std::move(chain), pem_of(key)};
}

std::string make_key() { return pem_of(draw_key()); }

Result<std::string> make_request(const std::string& key) {
    const auto own = CMQ_TRY(read_key(key));
    const CertificateRequest request(X509_REQ_new());
    CMQ_CHECK(request != nullptr);
    X509_REQ_set_pubkey(request.get(), own.get());
    if (X509_REQ_sign(request.get(), own.get(), EVP_sha256()) <= 0) {
        ERR_clear_error();
        return fail(Code::invalid, "not a key that can sign");
    }
    const auto text = memory();
    CMQ_CHECK(PEM_write_bio_X509_REQ(text.get(), request.get()) == 1);
    return text_of(text);
}

Result<std::string> key_digest(const std::string& request) {
    const auto key = CMQ_TRY(requested_key(request));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    unsigned char* der = nullptr;
    const auto bytes = i2d_PUBKEY(key.get(), &der);
    CMQ_CHECK(bytes > 0);
    const bool digested = EVP_Digest(der, static_cast<std::size_t>(bytes), digest.data(), &size,
                                     EVP_sha256(), nullptr) == 1;
    OPENSSL_free(der);
    CMQ_CHECK(digested);
    return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

Result<std::string> sign_request(const Identity& authority, const std::string& request,
                                 const PeerName& name, Stamp now) {
    const auto key = CMQ_TRY(requested_key(request));
    return sign_node(authority, key.get(), name, now);
}

Result<Validity> validity(const std::string& chain) {
    const auto parsed = CMQ_TRY(read_certificates(chain));
    return Validity{begin_of(parsed.front().get()), end_of(parsed.front().get())};
}

Result<std::string> fingerprint(const std::string& certificate) {
    const auto parsed = CMQ_TRY(read_certificates(certificate));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    CMQ_CHECK(X509_digest(parsed.front().get(), EVP_sha256(), digest.data(), &size) == 1);
    return hex_encode({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace cmq::net
