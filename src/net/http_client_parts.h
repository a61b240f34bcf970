// net/http_client_parts.h: one connection of an HttpClient, and a request on it. Inside of net.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/http_client.h"

namespace cmq::net {

using Moment = std::chrono::steady_clock::time_point;

/// A request on its way.
struct HttpPending {
    std::string bytes;
    Moment deadline;
    HttpClient::Answered answered;
};

/// One connection; replaced as a whole, so that what an old one still reports is recognised.
struct HttpLink {
    static constexpr std::size_t bytes_at_first = 64 << 10;

    explicit HttpLink(boost::asio::io_context& io)
        : resolver(io), socket(io), in(bytes_at_first, '\0') {}

    template <class Work>
    void with_stream(Work work) {
        if (tls) {
            work(*tls);
        } else {
            work(socket);
        }
    }
    void close() {
        boost::system::error_code ignored;  // it is being thrown away
        resolver.cancel();
        socket.close(ignored);
    }

    boost::asio::ip::tcp::resolver resolver;
    boost::asio::ip::tcp::socket socket;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls;
    std::string in, out;
    std::size_t begin = 0, end = 0;  // what of `in` is not consumed
    bool writing = false;
};
using HttpLinkPointer = std::shared_ptr<HttpLink>;

}  // namespace cmq::net
