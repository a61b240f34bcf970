#include "tests/unit/net/raw_client.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace cmq::net {

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), in_(std::move(other.in_)) {}

RawClient::~RawClient() {
    if (socket_ >= 0) ::close(socket_);
}

void RawClient::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

bool RawClient::read_more() {
    std::array<char, 16 << 10> buffer;
    const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count > 0) in_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

RawAnswer RawClient::read_answer() {
    while (true) {
        auto answer = take_answer(in_);
        if (answer.status != 0 || !read_more()) return answer;
    }
}

std::string RawClient::read_all() {
    while (read_more()) continue;
    return std::exchange(in_, {});
}

void RawClient::end_writing() { ::shutdown(socket_, SHUT_WR); }

void RawClient::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(socket_, -1));
}

RawAnswer take_answer(std::string& in) {
    constexpr std::string_view length_field = "\r\nContent-Length: ";
    const auto end = in.find("\r\n\r\n");
    if (end == in.npos) return {};
    RawAnswer answer{std::stoi(in.substr(9, 3)), in.substr(0, end + 2), {}};
    const auto field = answer.head.find(length_field);
    const auto bytes =
        field == in.npos ? 0 : std::stoul(answer.head.substr(field + length_field.size()));
    if (in.size() < end + 4 + bytes) return {};
    answer.body = in.substr(end + 4, bytes);
    in.erase(0, end + 4 + bytes);
    return answer;
}

std::string get(std::string_view target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string post(std::string_view target, std::string_view body) {
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

}  // namespace cmq::net
