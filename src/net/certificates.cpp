// A private CA and certificates of it: ECDSA P-256, version 3, PEM.

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"
#include "base/clock.h"
#include "net/tls.h"

namespace cmq::net {
namespace {

template <auto free>
struct Free {
    template <class T>
    void operator()(T* handle) const {
        free(handle);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

constexpr auto authority_life = std::chrono::days{3650};
constexpr auto certificate_life = std::chrono::days{825};
constexpr auto clock_slack = std::chrono::hours{1};  // clients' clocks may be behind

std::string text_of(const Memory& memory) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Identity to_pem(const Certificate& certificate, const Key& key, std::string chain) {
    const Memory certificate_text(BIO_new(BIO_s_mem()));
    const Memory key_text(BIO_new(BIO_s_mem()));
    CMQ_CHECK(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
    CMQ_CHECK(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) == 1);
    return {text_of(certificate_text) + chain, text_of(key_text)};
}

Certificate blank(const Key& key, const std::string& name, Stamp now, std::chrono::days life) {
    Certificate certificate(X509_new());
    CMQ_CHECK(certificate != nullptr);
    X509_set_version(certificate.get(), 2);
    const auto serial = random_number() >> 1;
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial | 1);
    const auto time = [](Stamp stamp) { return milliseconds_of(stamp) / 1'000; };
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), time(now - clock_slack));
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), time(now + life));
    X509_set_pubkey(certificate.get(), key.get());
    // Programs look at the alternative names; this one is for people, and X.520 allows it 64 bytes.
    const auto size = static_cast<int>(std::min<std::size_t>(name.size(), 64));
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()), size, -1, 0);
    return certificate;
}

Status extend(const Certificate& certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate.get(), nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    if (!extension || X509_add_ext(certificate.get(), extension.get(), -1) != 1)
        return fail(Code::invalid, "certificate: cannot be issued for " + value);
    return {};
}

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

}  // namespace

Result<Identity> make_authority(const std::string& name, Stamp now) {
    const Key key(EVP_EC_gen("P-256"));
    CMQ_CHECK(key != nullptr);
    const auto certificate = blank(key, name, now, authority_life);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    auto* self = certificate.get();
    CMQ_TRY(extend(certificate, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
    CMQ_TRY(extend(certificate, self, NID_key_usage, "critical,keyCertSign,cRLSign"));
    CMQ_TRY(extend(certificate, self, NID_subject_key_identifier, "hash"));
    CMQ_CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
    return to_pem(certificate, key, {});
}

Result<Identity> issue_certificate(const Identity& authority, const std::vector<std::string>& names,
                                   Stamp now) {
    if (names.empty()) return fail(Code::invalid, "certificate: no name to issue it for");
    for (const auto& name : names)
        if (!is_address(name) && !is_name(name))
            return fail(Code::invalid, "certificate: not a DNS name or IP address: " + name);
    const Memory issuer_text(BIO_new_mem_buf(authority.certificate.data(),
                                             static_cast<int>(authority.certificate.size())));
    const Memory key_text(
        BIO_new_mem_buf(authority.key.data(), static_cast<int>(authority.key.size())));
    const Certificate issuer(PEM_read_bio_X509(issuer_text.get(), nullptr, nullptr, nullptr));
    const Key issuer_key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    if (!issuer || !issuer_key)
        return fail(Code::invalid, "the CA is not a PEM certificate and key");
    const Key key(EVP_EC_gen("P-256"));
    CMQ_CHECK(key != nullptr);
    const auto certificate = blank(key, names.front(), now, certificate_life);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
    CMQ_TRY(extend(certificate, issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
    CMQ_TRY(extend(certificate, issuer.get(), NID_key_usage, "critical,digitalSignature"));
    CMQ_TRY(extend(certificate, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth"));
    CMQ_TRY(extend(certificate, issuer.get(), NID_authority_key_identifier, "keyid"));
    CMQ_TRY(extend(certificate, issuer.get(), NID_subject_alt_name, alternative_names(names)));
    CMQ_CHECK(X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) > 0);
    return to_pem(certificate, key, authority.certificate);
}

}  // namespace cmq::net
