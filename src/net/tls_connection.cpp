// TLS straight on the socket, without Asio's stream: its buffers and those of its pair of BIOs are
// 70 KiB a connection, and each byte is copied twice more.

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "net/connection.h"
#include "net/tls_parts.h"

namespace cmq::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

class TlsConnection final : public Connection {
public:
    TlsConnection(const std::shared_ptr<Share>& share, tcp::socket socket, std::string remote,
                  const std::shared_ptr<Tls::Parts>& tls)
        : Connection(share, std::move(remote)),
          tls_(tls),
          socket_(std::move(socket)),
          session_(SSL_new(tls->context.get())) {
        CMQ_CHECK(session_ != nullptr);
        CMQ_CHECK(SSL_set_fd(session_.get(), socket_.native_handle()) == 1);
        SSL_set_accept_state(session_.get());  // the first read does the handshake
    }

private:
    struct Free {
        void operator()(SSL* session) const { SSL_free(session); }
    };

    /// What must happen to the socket before OpenSSL can go on.
    enum class Wait { read, write, never };

    Wait after(int outcome) {
        switch (SSL_get_error(session_.get(), outcome)) {
            case SSL_ERROR_WANT_READ:
                return Wait::read;
            case SSL_ERROR_WANT_WRITE:
                return Wait::write;
            default:
                broken_ = true;
                return Wait::never;
        }
    }

    template <class Next>
    void wait(Wait what, Next next) {
        socket_.async_wait(what == Wait::read ? tcp::socket::wait_read : tcp::socket::wait_write,
                           [self = shared_from_this(), next](Failure failure) { next(failure); });
    }

    void begin_read() override {
        const auto next = [this](Failure failure) { take(failure); };
        // Bytes that OpenSSL holds already make no socket readable.
        if (SSL_has_pending(session_.get()) == 0) return wait(Wait::read, next);
        asio::post(io(), [self = shared_from_this(), next] { next({}); });
    }

    void take(Failure failure) {
        if (failure || !socket_.is_open()) return on_read(asio::error::eof, {});
        static thread_local std::array<char, 64 << 10> scratch;
        ERR_clear_error();
        const int count =
            SSL_read(session_.get(), scratch.data(), static_cast<int>(scratch.size()));
        if (count > 0) return on_read({}, {scratch.data(), static_cast<std::size_t>(count)});
        const auto what = after(count);
        if (what == Wait::never) return on_read(asio::error::eof, {});
        wait(what, [this](Failure then) { take(then); });
    }

    void begin_write(std::string_view bytes) override {
        rest_ = bytes;
        // Not at once: on_written comes from the loop, never from within begin_write.
        asio::post(io(), [this, self = shared_from_this()] { put({}); });
    }

    void put(Failure failure) {
        if (!failure && !socket_.is_open()) failure = asio::error::operation_aborted;
        while (!failure && !rest_.empty()) {
            ERR_clear_error();
            const int count = SSL_write(session_.get(), rest_.data(),
                                        static_cast<int>(std::min(rest_.size(), write_max)));
            if (count > 0) {
                rest_.remove_prefix(static_cast<std::size_t>(count));
                continue;
            }
            const auto what = after(count);
            if (what != Wait::never) return wait(what, [this](Failure then) { put(then); });
            failure = asio::error::connection_reset;
        }
        on_written(failure);
    }

    void shut_down_send() override {
        say_goodbye();
        Failure ignored;  // the peer may be gone already, which is what we wait for
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    void shut_down() override {
        say_goodbye();
        Failure ignored;  // closed is closed
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }
    /// A close_notify as far as the socket takes it at once: nobody waits for a peer here.
    void say_goodbye() {
        if (broken_ || SSL_in_init(session_.get()) != 0 || said_goodbye_) return;
        said_goodbye_ = true;
        ERR_clear_error();
        SSL_shutdown(session_.get());
    }
    bool secure() const override { return true; }

    static constexpr std::size_t write_max = 1 << 20;  // OpenSSL counts in int

    const std::shared_ptr<Tls::Parts> tls_;
    tcp::socket socket_;
    std::unique_ptr<SSL, Free> session_;
    std::string_view rest_;  // of what is being written
    bool broken_ = false;    // after a fatal failure OpenSSL must not be asked for anything
    bool said_goodbye_ = false;
};

}  // namespace

std::shared_ptr<Connection> make_tls_connection(const std::shared_ptr<Share>& share,
                                                tcp::socket socket, std::string remote,
                                                const std::shared_ptr<Tls::Parts>& tls) {
    return std::make_shared<TlsConnection>(share, std::move(socket), std::move(remote), tls);
}

}  // namespace cmq::net
