// net/tls_socket.h: one end of TLS on a socket that does not block. Inside of net.
//
// It reads straight from the socket, and gathers what it has encrypted: one system call, and one
// time that the other end wakes up, for many records.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <span>
#include <string>
#include <string_view>

#include "net/peer_tls_parts.h"

namespace cmq::net {

/// Used by one loop.
class TlsSocket {
public:
    using Failure = boost::system::error_code;

    TlsSocket(boost::asio::ip::tcp::socket socket, Session session);
    TlsSocket(const TlsSocket&) = delete;

    /// What must happen to the socket before the same is tried again. `end`: it never will be.
    enum class Wants { nothing, read, write, end };
    struct Outcome {
        Wants wants = Wants::nothing;
        std::size_t bytes = 0;
    };

    Outcome shake_hands();
    Outcome read(std::span<char> room);
    Outcome write(std::string_view bytes);  // encrypts some of them, one record
    Outcome flush();                        // sends what is encrypted
    std::size_t unsent() const { return out_.size() - sent_; }
    bool renew_key();  // with the next write; false: TLS 1.2 has no such thing

    template <class Next>
    void wait(Wants what, Next next) {
        using tcp = boost::asio::ip::tcp;
        socket_.async_wait(what == Wants::read ? tcp::socket::wait_read : tcp::socket::wait_write,
                           std::move(next));
    }

    void close();  // with a goodbye, as far as the socket takes it at once

    const SSL* session() const { return session_.get(); }
    const std::string& failure() const { return failure_; }  // why it came to `end`

private:
    Outcome after(int outcome);
    std::string explain(int error) const;

    void fail(std::string why);

    boost::asio::ip::tcp::socket socket_;
    std::string out_;  // encrypted, and sent up to sent_
    std::size_t sent_ = 0;
    Session session_;
    std::string failure_;
};

}  // namespace cmq::net
