#include "tests/support/raw_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace cmq::support {

namespace {

constexpr std::string_view length_field = "Content-Length: ";

std::size_t body_bytes(std::string_view head) {
    const auto at = head.find(length_field);
    return at == head.npos ? 0 : std::stoul(std::string(head.substr(at + length_field.size(), 12)));
}

}  // namespace

RawConnection::RawConnection(RawConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), in_(std::move(other.in_)) {}

RawConnection::~RawConnection() {
    if (socket_ >= 0) ::close(socket_);
}

std::string RawConnection::read_request() {
    std::array<char, 4096> buffer;
    while (true) {
        const auto end = in_.find("\r\n\r\n");
        if (end != in_.npos) {
            const auto bytes = end + 4 + body_bytes(in_.substr(0, end));
            if (in_.size() >= bytes) {
                auto request = in_.substr(0, bytes);
                in_.erase(0, bytes);
                return request;
            }
        }
        const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (count <= 0) return "";
        in_.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

void RawConnection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;  // the client went away: the test sees it on its side
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

RawServer::RawServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, generic, size) == 0);
    REQUIRE(::listen(socket_, 16) == 0);
    REQUIRE(::getsockname(socket_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
}

RawServer::~RawServer() { ::close(socket_); }

RawConnection RawServer::accept() {
    const int accepted = ::accept(socket_, nullptr, nullptr);
    REQUIRE(accepted >= 0);
    return RawConnection(accepted);
}

std::string RawServer::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::string plain_answer(std::string_view body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + std::string(length_field) +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace cmq::support
