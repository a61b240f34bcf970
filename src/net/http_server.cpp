#include "net/http_server.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "net/connection.h"
#include "net/door.h"
#include "net/loops_parts.h"

namespace cmq::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Failure = boost::system::error_code;

constexpr int backlog = 4'096;
constexpr std::chrono::milliseconds accept_rest{100};  // when the system has no descriptors left

std::string remote_of(const tcp::socket& socket) {
    Failure failure;
    const auto peer = socket.remote_endpoint(failure);
    if (failure) return "unknown:0";
    return peer.address().to_string() + ':' + std::to_string(peer.port());
}

/// Runs `work` on the loop of `connection`; false: the connection is gone.
template <class Work>
bool on_loop_of(const std::weak_ptr<Connection>& connection, Work work) {
    auto present = connection.lock();
    if (!present) return false;
    auto& io = present->io();
    asio::dispatch(
        io, [present = std::move(present), work = std::move(work)]() mutable { work(*present); });
    return true;
}

}  // namespace

struct Answer::Slot {
    explicit Slot(std::shared_ptr<Pending> pending_) : pending(std::move(pending_)) {}
    ~Slot() {
        send(
            [] {
                return Response{500, "application/json", "{\"error\":\"no answer\"}", true};
            },
            {});
    }

    void send(std::function<Response()> make, std::function<void(bool)> written) {
        if (sent.exchange(true)) return;
        const bool present = on_loop_of(
            pending->connection,
            [pending_ = pending, make = std::move(make), written](Connection& connection) mutable {
                auto response = pending_->is_gone ? Response{} : make();
                connection.complete(*pending_, std::move(response), std::move(written));
            });
        if (!present && written) written(false);
    }

    const std::shared_ptr<Pending> pending;
    std::atomic<bool> sent = false;
};

void Answer::send(Response response, std::function<void(bool)> written) const {
    slot_->send([response = std::move(response)]() mutable { return std::move(response); },
                std::move(written));
}

void Answer::send_made(std::function<Response()> make, std::function<void(bool)> written) const {
    slot_->send(std::move(make), std::move(written));
}

void Answer::on_gone(std::function<void()> gone) const {
    const bool present = on_loop_of(slot_->pending->connection,
                                    [pending = slot_->pending, gone](Connection& connection) {
                                        connection.watch(*pending, gone);
                                    });
    if (!present) gone();
}

namespace {

/// Accepts on the first loop, and deals the sockets out.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    Listener(std::shared_ptr<Door> door, std::vector<std::shared_ptr<Share>> shares)
        : door_(std::move(door)),
          shares_(std::move(shares)),
          acceptor_(shares_.front()->io),
          rest_(shares_.front()->io) {}

    Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
    void accept();
    void stop();

private:
    void on_accepted(Failure failure, tcp::socket socket, const std::shared_ptr<Share>& share);
    void rest(const Failure& why);

    const std::shared_ptr<Door> door_;
    const std::vector<std::shared_ptr<Share>> shares_;
    std::size_t turn_ = 0;
    tcp::acceptor acceptor_;
    asio::steady_timer rest_;
    bool complained_ = false;  // once for each time that the system runs out of something
};

Result<std::uint16_t> Listener::listen(const std::string& address, std::uint16_t port) {
    Failure failure;
    const auto parsed = asio::ip::make_address(address, failure);
    if (failure) return fail(Code::invalid, address + ": not an IP address to listen on");
    const tcp::endpoint endpoint(parsed, port);
    const auto where = address + ':' + std::to_string(port);
    acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(backlog, failure);
    if (failure == asio::error::address_in_use)
        return fail(Code::busy, where + ": the port is taken; choose another with --port");
    if (failure) return fail(Code::io, where + ": " + failure.message());
    return acceptor_.local_endpoint().port();
}

void Listener::accept() {
    const auto& share = shares_[turn_++ % shares_.size()];
    acceptor_.async_accept(
        share->io, [self = shared_from_this(), share](Failure failure, tcp::socket socket) {
            if (failure == asio::error::operation_aborted || !self->acceptor_.is_open()) return;
            self->on_accepted(failure, std::move(socket), share);
        });
}

void Listener::on_accepted(Failure failure, tcp::socket socket,
                           const std::shared_ptr<Share>& share) {
    // A client that was gone before we came is no reason to rest.
    if (failure && failure != asio::error::connection_aborted) return rest(failure);
    complained_ = false;
    accept();
    if (failure) return;
    door_->accepted.fetch_add(1, std::memory_order_relaxed);
    auto remote = remote_of(socket);
    if (!door_->enter(address_of(remote))) return;  // closes the socket
    Failure ignored;  // without these it is slower, or fails at its first read
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    asio::post(share->io,
               [share, socket = std::move(socket), remote = std::move(remote)]() mutable {
                   share->admit(std::move(socket), std::move(remote));
               });
}

void Listener::rest(const Failure& why) {
    if (!std::exchange(complained_, true)) log::warn("accept_failed", {{"detail", why.message()}});
    rest_.expires_after(accept_rest);
    rest_.async_wait([self = shared_from_this()](Failure stopped) {
        if (!stopped && self->acceptor_.is_open()) self->accept();
    });
}

void Listener::stop() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
        Failure ignored;  // closed is closed
        self->acceptor_.close(ignored);
        self->rest_.cancel();
    });
    for (const auto& share : shares_) asio::post(share->io, [share] { share->stop(); });
}

}  // namespace

struct HttpServer::Parts {
    std::shared_ptr<Door> door = std::make_shared<Door>();
    std::shared_ptr<Listener> listener;
    std::uint16_t port = 0;
};

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::open(Loops& loops, Options options,
                                                     Handler handler) {
    auto parts = std::make_unique<Parts>();
    auto& door = *parts->door;
    door.limits = options.limits;
    door.tls = std::move(options.tls);
    door.handle = [handler = std::move(handler)](Request request,
                                                 std::shared_ptr<Pending> pending) {
        handler(std::move(request), Answer(std::make_shared<Answer::Slot>(std::move(pending))));
    };
    std::vector<std::shared_ptr<Share>> shares;
    for (const auto& loop : loops.parts().loops)
        shares.push_back(std::make_shared<Share>(loop->io, parts->door));
    parts->listener = std::make_shared<Listener>(parts->door, std::move(shares));
    parts->port = CMQ_TRY(parts->listener->listen(options.address, options.port));
    parts->listener->accept();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

std::uint16_t HttpServer::port() const { return parts_->port; }

void HttpServer::stop() {
    if (parts_->door->close()) parts_->listener->stop();
}

bool HttpServer::wait_drained(std::chrono::milliseconds patience) const {
    return parts_->door->wait_empty(patience);
}

HttpServer::Counts HttpServer::counts() const {
    auto& door = *parts_->door;
    Counts counts;
    counts.connections = door.open();
    counts.accepted = door.accepted;
    counts.requests = door.requests;
    counts.refused = door.refused;
    counts.bytes_in = door.bytes_in;
    counts.bytes_out = door.bytes_out;
    return counts;
}

}  // namespace cmq::net
