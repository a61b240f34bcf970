// net/tls_socket.h: one end of TLS, straight on a socket that does not block. Inside of net.
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

    /// What must happen to the socket before the same is tried again. `end`: it never will be.
    enum class Wants { nothing, read, write, end };
    struct Outcome {
        Wants wants = Wants::nothing;
        std::size_t bytes = 0;
    };

    Outcome shake_hands();
    Outcome read(std::span<char> room);
    Outcome write(std::string_view bytes);  // some of them
    bool renew_key();                       // with the next write; false: TLS 1.2 has no such thing

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

    boost::asio::ip::tcp::socket socket_;
    Session session_;
    std::string failure_;
};

}  // namespace cmq::net
