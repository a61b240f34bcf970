#include "net/tls_socket.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "net/tls_parts.h"

namespace cmq::net {
namespace {

using tcp = boost::asio::ip::tcp;

constexpr std::size_t record_bytes = 16 << 10;

/// OpenSSL's view of a string that is written to its end.
int append(BIO* bio, const char* bytes, int count) {
    static_cast<std::string*>(BIO_get_data(bio))->append(bytes, static_cast<std::size_t>(count));
    return count;
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* appending_to(std::string& out) {
    static const std::unique_ptr<BIO_METHOD, Free<BIO_meth_free>> method = [] {
        std::unique_ptr<BIO_METHOD, Free<BIO_meth_free>> made(
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "string"));
        CMQ_CHECK(made != nullptr);
        BIO_meth_set_write(made.get(), append);
        BIO_meth_set_ctrl(made.get(), control);
        return made;
    }();
    auto* bio = BIO_new(method.get());
    CMQ_CHECK(bio != nullptr);
    BIO_set_data(bio, &out);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace

TlsSocket::TlsSocket(tcp::socket socket, Session session)
    : socket_(std::move(socket)), session_(std::move(session)) {
    Failure ignored;  // without these it is slower, or fails at its first read
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(tcp::socket::keep_alive(true), ignored);
    socket_.non_blocking(true, ignored);
    auto* in = BIO_new_socket(socket_.native_handle(), BIO_NOCLOSE);
    CMQ_CHECK(in != nullptr);
    SSL_set0_rbio(session_.get(), in);
    SSL_set0_wbio(session_.get(), appending_to(out_));
}

TlsSocket::Outcome TlsSocket::after(int outcome) {
    if (outcome > 0) return {Wants::nothing, static_cast<std::size_t>(outcome)};
    const int error = SSL_get_error(session_.get(), outcome);
    if (error == SSL_ERROR_WANT_READ) return {Wants::read};
    if (error == SSL_ERROR_WANT_WRITE) return {Wants::write};
    fail(explain(error));
    return {Wants::end};
}

/// The first failure is the cause of the others.
void TlsSocket::fail(std::string why) {
    if (failure_.empty()) failure_ = std::move(why);
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

/// What we have to say goes out before we wait for what the other end says to it.
TlsSocket::Outcome TlsSocket::shake_hands() {
    ERR_clear_error();
    const auto outcome = after(SSL_do_handshake(session_.get()));
    const auto flushed = flush();
    return outcome.wants == Wants::end || flushed.wants == Wants::nothing ? outcome : flushed;
}

TlsSocket::Outcome TlsSocket::read(std::span<char> room) {
    ERR_clear_error();
    const auto count = static_cast<int>(std::min(room.size(), record_bytes));
    const auto outcome = after(SSL_read(session_.get(), room.data(), count));
    if (outcome.wants == Wants::end) flush();  // an alert, if OpenSSL made one
    return outcome;
}

TlsSocket::Outcome TlsSocket::write(std::string_view bytes) {
    ERR_clear_error();
    const auto count = static_cast<int>(std::min(bytes.size(), record_bytes));
    return after(SSL_write(session_.get(), bytes.data(), count));
}

TlsSocket::Outcome TlsSocket::flush() {
    while (unsent() > 0) {
        Failure failure;
        const auto count =
            socket_.write_some(boost::asio::buffer(out_.data() + sent_, unsent()), failure);
        sent_ += count;
        if (failure == boost::asio::error::would_block) return {Wants::write};
        if (!failure) continue;
        fail(failure.message());
        return {Wants::end};
    }
    out_.clear();
    sent_ = 0;
    return {};
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
        flush();
    }
    Failure ignored;  // closed is closed
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace cmq::net
