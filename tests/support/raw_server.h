// tests/support/raw_server.h: the other end of a connection, byte by byte, as a test wants it.
// Everything blocks: a test says what happens next, and nothing else does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cmq::support {

class RawConnection {
public:
    explicit RawConnection(int socket) : socket_(socket) {}
    RawConnection(RawConnection&& other) noexcept;
    RawConnection& operator=(RawConnection&&) = delete;
    ~RawConnection();  // closes

    /// The next request, head and body (Content-Length); "" at the end of the connection.
    std::string read_request();
    void write(std::string_view bytes);

private:
    int socket_;
    std::string in_;
};

/// Listens on a free port of 127.0.0.1.
class RawServer {
public:
    RawServer();
    ~RawServer();
    RawServer(const RawServer&) = delete;

    RawConnection accept();
    std::uint16_t port() const { return port_; }
    std::string url() const;

private:
    int socket_;
    std::uint16_t port_ = 0;
};

/// A 200 with `body`.
std::string plain_answer(std::string_view body);

}  // namespace cmq::support
