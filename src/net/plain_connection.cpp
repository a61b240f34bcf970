#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "net/connection.h"

namespace cmq::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// Waits without a buffer, then reads into one that the whole loop shares.
class PlainConnection final : public Connection {
public:
    PlainConnection(const std::shared_ptr<Share>& share, tcp::socket socket, std::string remote)
        : Connection(share, std::move(remote)), socket_(std::move(socket)) {}

private:
    void begin_read() override {
        socket_.async_wait(tcp::socket::wait_read,
                           [this, self = shared_from_this()](Failure failure) { take(failure); });
    }
    void take(Failure failure) {
        static thread_local std::array<char, 64 << 10> scratch;
        std::size_t count = 0;
        if (!failure) count = socket_.read_some(asio::buffer(scratch), failure);
        if (failure == asio::error::would_block) return begin_read();
        on_read(failure, {scratch.data(), count});
    }
    void begin_write(std::string_view bytes) override {
        asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                          [this, self = shared_from_this()](Failure failure, std::size_t) {
                              on_written(failure);
                          });
    }
    void shut_down_send() override {
        Failure ignored;  // the peer may be gone already, which is what we wait for
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    void shut_down() override {
        Failure ignored;  // closed is closed
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }
    bool secure() const override { return false; }

    tcp::socket socket_;
};

}  // namespace

std::shared_ptr<Connection> make_plain_connection(const std::shared_ptr<Share>& share,
                                                  tcp::socket socket, std::string remote) {
    return std::make_shared<PlainConnection>(share, std::move(socket), std::move(remote));
}

}  // namespace cmq::net
