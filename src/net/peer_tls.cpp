#include "net/peer_tls.h"

#include <openssl/err.h>

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "net/peer_tls_parts.h"
#include "net/tls_parts.h"

namespace cmq::net {
namespace {

constexpr std::size_t read_ahead_bytes = 128 << 10;  // of one system call: several records

using Protocols = std::vector<std::string>;
using Verification = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;

tl::unexpected<Error> wrong(const std::string& what) {
    return fail(Code::invalid, what + " (" + tls_failure() + ')');
}

int choose_protocol(SSL* session, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
    const auto& ours = *static_cast<const Protocols*>(SSL_get_app_data(session));
    for (const auto* at = offered; at < offered + offered_size; at += 1 + *at) {
        const std::string_view one(reinterpret_cast<const char*>(at + 1), *at);
        if (std::ranges::find(ours, one) == ours.end()) continue;
        *chosen = at + 1;
        *size = *at;
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_up(SSL_CTX* context) {
    set_up_tls(context);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_read_buffer_len(context, read_ahead_bytes);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

Status trust(SSL_CTX* context, const std::string& authority) {
    for (const auto& one : CMQ_TRY(read_certificates(authority)))
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) != 1)
            return wrong("the CA cannot be used");
    return {};
}

/// Our peers would refuse what our own CA did not sign; better to say so at home.
Status check_own(SSL_CTX* context, X509* own) {
    const Verification verification(X509_STORE_CTX_new());
    X509_STORE_CTX_init(verification.get(), SSL_CTX_get_cert_store(context), own, nullptr);
    X509_STORE_CTX_set_flags(verification.get(), X509_V_FLAG_NO_CHECK_TIME);
    if (X509_verify_cert(verification.get()) == 1) return {};
    const auto verdict = X509_STORE_CTX_get_error(verification.get());
    ERR_clear_error();
    return fail(Code::invalid, std::string("the node's certificate is not of this cluster's CA: ") +
                                   X509_verify_cert_error_string(verdict));
}

Status show(SSL_CTX* context, const PeerCredentials& credentials) {
    const auto chain = CMQ_TRY(read_certificates(credentials.certificate));
    const auto key = CMQ_TRY(read_key(credentials.key));
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1)
        return wrong("the node's certificate cannot be used");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
        return wrong("not the key of the node's certificate");
    return check_own(context, chain.front().get());
}

Result<std::shared_ptr<PeerTls::Parts>> prepare(const PeerCredentials& credentials) {
    auto fresh = std::make_shared<PeerTls::Parts>();
    auto* context = fresh->context.get();
    CMQ_CHECK(context != nullptr);
    set_up(context);
    CMQ_TRY(trust(context, credentials.authority));
    CMQ_TRY(show(context, credentials));
    const auto* own = SSL_CTX_get0_certificate(context);
    fresh->name = CMQ_TRY(peer_name_of(own));
    fresh->expires = end_of(own);
    return fresh;
}

std::string wire_form(const Protocols& protocols) {
    std::string wire;
    for (const auto& one : protocols) wire += static_cast<char>(one.size()) + one;
    return wire;
}

Session session_of(SSL_CTX* context, const Protocols& protocols) {
    Session session(SSL_new(context));
    CMQ_CHECK(session != nullptr);
    SSL_set_app_data(session.get(), const_cast<Protocols*>(&protocols));
    return session;
}

}  // namespace

Session PeerTls::Parts::connecting(const Protocols& protocols) const {
    auto session = session_of(context.get(), protocols);
    const auto wire = wire_form(protocols);
    CMQ_CHECK(SSL_set_alpn_protos(session.get(),
                                  reinterpret_cast<const unsigned char*>(wire.data()),
                                  static_cast<unsigned>(wire.size())) == 0);
    SSL_set_connect_state(session.get());
    return session;
}

Session PeerTls::Parts::accepting(const Protocols& protocols) const {
    auto session = session_of(context.get(), protocols);
    SSL_set_accept_state(session.get());
    return session;
}

Result<PeerName> peer_of(const SSL* session) {
    const auto* certificate = SSL_get0_peer_certificate(session);
    if (!certificate || SSL_get_verify_result(session) != X509_V_OK)
        return fail(Code::unauthenticated, "no certificate of this cluster's CA");
    return peer_name_of(certificate);
}

std::string protocol_of(const SSL* session) {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session, &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
}

struct PeerTls::Shared {
    mutable std::mutex mutex;
    std::shared_ptr<Parts> parts;
};

PeerTls::PeerTls(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
PeerTls::~PeerTls() = default;

Result<std::shared_ptr<PeerTls>> PeerTls::make(const PeerCredentials& credentials) {
    auto shared = std::make_unique<Shared>();
    shared->parts = CMQ_TRY(prepare(credentials));
    return std::shared_ptr<PeerTls>(new PeerTls(std::move(shared)));
}

Status PeerTls::replace(const PeerCredentials& credentials) {
    auto fresh = CMQ_TRY(prepare(credentials));
    const std::lock_guard lock(shared_->mutex);
    shared_->parts = std::move(fresh);
    return {};
}

PeerName PeerTls::name() const { return current()->name; }
Stamp PeerTls::expires() const { return current()->expires; }

std::shared_ptr<PeerTls::Parts> PeerTls::current() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->parts;
}

}  // namespace cmq::net
