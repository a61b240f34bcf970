#include "net/certificate_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "base/check.h"
#include "base/clock.h"

namespace cmq::net {
namespace {

using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

constexpr auto certificate_life = std::chrono::days{825};
constexpr auto clock_slack = std::chrono::hours{1};  // others' clocks may be behind
constexpr std::string_view peer_scheme = "cmq://";

/// OpenSSL's own default asks at the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Stamp stamp_of(const ASN1_TIME* moment) {
    std::tm time{};
    if (ASN1_TIME_to_tm(moment, &time) != 1) return {};
    return Stamp{std::chrono::seconds{timegm(&time)}};
}

}  // namespace

Memory memory_of(const std::string& text) {
    return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Memory memory() { return Memory(BIO_new(BIO_s_mem())); }

std::string text_of(const Memory& memory) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Key draw_key() {
    Key key(EVP_EC_gen("P-256"));
    CMQ_CHECK(key != nullptr);
    return key;
}

bool is_p256(const EVP_PKEY* key) {
    char curve[32] = {};
    std::size_t size = 0;
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, curve, sizeof curve, &size) == 1 &&
           std::string_view(curve, size) == "prime256v1";
}

std::string pem_of(const Key& key) {
    const auto text = memory();
    CMQ_CHECK(PEM_write_bio_PKCS8PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) == 1);
    return text_of(text);
}

std::string pem_of(const Certificate& certificate) {
    const auto text = memory();
    CMQ_CHECK(PEM_write_bio_X509(text.get(), certificate.get()) == 1);
    return text_of(text);
}

Result<Key> read_key(const std::string& pem) {
    const auto text = memory_of(pem);
    Key key(PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();  // what we say ourselves is enough
    if (!key) return fail(Code::invalid, "not a PEM key without a passphrase");
    return key;
}

Result<std::vector<Certificate>> read_certificates(const std::string& pem) {
    const auto text = memory_of(pem);
    std::vector<Certificate> all;
    while (auto* one = PEM_read_bio_X509(text.get(), nullptr, no_passphrase, nullptr))
        all.emplace_back(one);
    const auto end = ERR_peek_last_error();
    ERR_clear_error();
    if (all.empty() || ERR_GET_REASON(end) != PEM_R_NO_START_LINE)
        return fail(Code::invalid, "not PEM certificates");
    return all;
}

Result<Issuer> read_issuer(const Identity& authority) {
    auto certificates = read_certificates(authority.certificate);
    auto key = read_key(authority.key);
    if (!certificates || !key ||
        X509_check_private_key(certificates->front().get(), key->get()) != 1) {
        ERR_clear_error();
        return fail(Code::invalid, "the CA is not a PEM certificate and its key");
    }
    return Issuer{std::move(certificates->front()), *std::move(key)};
}

Certificate blank(const EVP_PKEY* key, const std::string& name, Stamp now, std::chrono::days life) {
    Certificate certificate(X509_new());
    CMQ_CHECK(certificate != nullptr);
    X509_set_version(certificate.get(), 2);
    const auto serial = random_number() >> 1;
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial | 1);
    const auto time = [](Stamp stamp) { return milliseconds_of(stamp) / 1'000; };
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), time(now - clock_slack));
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), time(now + life));
    X509_set_pubkey(certificate.get(), const_cast<EVP_PKEY*>(key));  // only counts references
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

Result<Certificate> sign_leaf(const Issuer& issuer, const EVP_PKEY* key, const std::string& name,
                              const std::string& names, Stamp now) {
    auto certificate = blank(key, name, now, certificate_life);
    auto* above = issuer.certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(above));
    CMQ_TRY(extend(certificate, above, NID_basic_constraints, "critical,CA:FALSE"));
    CMQ_TRY(extend(certificate, above, NID_key_usage, "critical,digitalSignature"));
    CMQ_TRY(extend(certificate, above, NID_ext_key_usage, "serverAuth,clientAuth"));
    CMQ_TRY(extend(certificate, above, NID_authority_key_identifier, "keyid"));
    CMQ_TRY(extend(certificate, above, NID_subject_alt_name, names));
    CMQ_CHECK(X509_sign(certificate.get(), issuer.key.get(), EVP_sha256()) > 0);
    return certificate;
}

Result<PeerName> peer_name_of(const X509* certificate) {
    const Names names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::string found;
    for (int at = 0; at < sk_GENERAL_NAME_num(names.get()); ++at) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), at);
        if (name->type != GEN_URI) continue;
        const auto* uri = name->d.uniformResourceIdentifier;
        const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                    static_cast<std::size_t>(ASN1_STRING_length(uri)));
        if (!text.starts_with(peer_scheme)) continue;
        if (!found.empty()) return fail(Code::invalid, "a certificate that names two nodes");
        found = text;
    }
    if (found.empty()) return fail(Code::invalid, "a certificate that names no node");
    return PeerName::parse(found);
}

Stamp begin_of(const X509* certificate) { return stamp_of(X509_get0_notBefore(certificate)); }
Stamp end_of(const X509* certificate) { return stamp_of(X509_get0_notAfter(certificate)); }

}  // namespace cmq::net
