#include "net/tls_socket.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "net/tls_parts.h"

namespace cmq::net {
namespace {

using tcp = boost::asio::ip::tcp;

constexpr std::size_t piece_max = 1 << 20;  // OpenSSL counts in int

}  // namespace

TlsSocket::TlsSocket(tcp::socket socket, Session session)
    : socket_(std::move(socket)), session_(std::move(session)) {
    Failure ignored;  // without these it is slower, or fails at its first read
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(tcp::socket::keep_alive(true), ignored);
    socket_.non_blocking(true, ignored);
    CMQ_CHECK(SSL_set_fd(session_.get(), socket_.native_handle()) == 1);
}

TlsSocket::Outcome TlsSocket::after(int outcome) {
    if (outcome > 0) return {Wants::nothing, static_cast<std::size_t>(outcome)};
    const int error = SSL_get_error(session_.get(), outcome);
    if (error == SSL_ERROR_WANT_READ) return {Wants::read};
    if (error == SSL_ERROR_WANT_WRITE) return {Wants::write};
    failure_ = explain(error);
    return {Wants::end};
}

std::string TlsSocket::explain(int error) const {
    const auto system = errno;
    const auto verdict = SSL_get_verify_result(session_.get());
    const bool lost = error == SSL_ERROR_ZERO_RETURN ||
                      ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ||
                      (error == SSL_ERROR_SYSCALL && system == 0);
    if (lost) return "closed by the peer";
    if (error == SSL_ERROR_SYSCALL) return std::strerror(system);
    if (verdict != X509_V_OK)
        return std::string("its certificate: ") + X509_verify_cert_error_string(verdict);
    return "TLS: " + tls_failure();
}

TlsSocket::Outcome TlsSocket::shake_hands() {
    ERR_clear_error();
    return after(SSL_do_handshake(session_.get()));
}

TlsSocket::Outcome TlsSocket::read(std::span<char> room) {
    ERR_clear_error();
    const auto count = static_cast<int>(std::min(room.size(), piece_max));
    return after(SSL_read(session_.get(), room.data(), count));
}

TlsSocket::Outcome TlsSocket::write(std::string_view bytes) {
    ERR_clear_error();
    const auto count = static_cast<int>(std::min(bytes.size(), piece_max));
    return after(SSL_write(session_.get(), bytes.data(), count));
}

bool TlsSocket::renew_key() {
    ERR_clear_error();
    return SSL_version(session_.get()) >= TLS1_3_VERSION &&
           SSL_key_update(session_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1;
}

void TlsSocket::close() {
    // After a fatal failure OpenSSL must not be asked for anything.
    if (failure_.empty() && SSL_in_init(session_.get()) == 0) {
        ERR_clear_error();
        SSL_shutdown(session_.get());
    }
    Failure ignored;  // closed is closed
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace cmq::net
