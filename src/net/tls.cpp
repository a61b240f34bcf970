#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <mutex>

#include "net/certificate_parts.h"
#include "net/tls_parts.h"

namespace cmq::net {
namespace {

/// Forward secrecy and AEAD only.
constexpr auto suites_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

tl::unexpected<Error> wrong(const std::filesystem::path& file, std::string_view what) {
    return fail(Code::invalid,
                file.string() + ": " + std::string(what) + " (" + tls_failure() + ')');
}

int choose_http_1_1(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* match = nullptr;
    const int found =
        SSL_select_next_proto(&match, size, ours, sizeof ours - 1, offered, offered_size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

void set_up(SSL_CTX* context) {
    set_up_tls(context);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // a parked connection is small
    // No resumption: a ticket's key would outlive the sessions that it opens, and a client that
    // waits for its first answer wakes up once more for each ticket.
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_alpn_select_cb(context, choose_http_1_1, nullptr);
}

}  // namespace

std::string tls_failure() {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const auto* reason = ERR_reason_error_string(code);
    if (reason) return reason;
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

void set_up_tls(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, suites_1_2);
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);  // one system call a record instead of two
    // A key with a passphrase is refused; the default is to ask for it on the terminal.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
}

struct Tls::Shared {
    std::filesystem::path chain, key;
    mutable std::mutex mutex;
    std::shared_ptr<Parts> parts;

    Result<std::shared_ptr<Parts>> read() const {
        auto fresh = std::make_shared<Parts>();
        auto* context = fresh->context.get();
        CMQ_CHECK(context != nullptr);
        set_up(context);
        if (SSL_CTX_use_certificate_chain_file(context, chain.c_str()) != 1)
            return wrong(chain, "not a PEM certificate chain");
        if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
            return wrong(key, "not the PEM key of " + chain.string());
        if (SSL_CTX_check_private_key(context) != 1)
            return wrong(key, "not the key of " + chain.string());
        fresh->expires = end_of(SSL_CTX_get0_certificate(context));
        return fresh;
    }
};

Tls::Tls(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
Tls::~Tls() = default;

Result<std::shared_ptr<Tls>> Tls::load(const std::filesystem::path& chain,
                                       const std::filesystem::path& key) {
    auto shared = std::make_unique<Shared>();
    shared->chain = chain;
    shared->key = key;
    shared->parts = CMQ_TRY(shared->read());
    return std::shared_ptr<Tls>(new Tls(std::move(shared)));
}

Status Tls::reload() {
    auto fresh = CMQ_TRY(shared_->read());
    const std::lock_guard lock(shared_->mutex);
    shared_->parts = std::move(fresh);
    return {};
}

Stamp Tls::expires() const { return current()->expires; }

std::shared_ptr<Tls::Parts> Tls::current() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->parts;
}

}  // namespace cmq::net
