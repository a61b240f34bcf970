#include "net/http_server.h"

#include <array>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <unordered_set>

#include "base/log.h"
#include "net/connection.h"
#include "net/loops_parts.h"
#include "net/tls_parts.h"

namespace cmq::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Failure = boost::system::error_code;

constexpr int backlog = 4'096;
constexpr std::chrono::seconds sweep_interval{1};

std::string remote_of(const tcp::socket& socket) {
    Failure failure;
    const auto peer = socket.remote_endpoint(failure);
    if (failure) return "unknown";
    return peer.address().to_string() + ':' + std::to_string(peer.port());
}

std::string address_of(const std::string& remote) { return remote.substr(0, remote.rfind(':')); }

/// Plain TCP: waits without a buffer, then reads into one that the whole loop shares.
class PlainConnection final : public Connection {
public:
    PlainConnection(std::shared_ptr<Door> door, asio::io_context& loop, tcp::socket socket,
                    std::string remote)
        : Connection(std::move(door), loop, std::move(remote)), socket_(std::move(socket)) {}

    void start() override { read(); }

private:
    void begin_read() override {
        socket_.async_wait(tcp::socket::wait_read,
                           [this, self = shared_from_this()](Failure failure) {
                               static thread_local std::array<char, 64 << 10> scratch;
                               std::size_t count = 0;
                               if (!failure)
                                   count = socket_.read_some(asio::buffer(scratch), failure);
                               if (failure == asio::error::would_block) return begin_read();
                               on_read(failure, {scratch.data(), count});
                           });
    }
    void begin_write(std::string_view bytes) override {
        asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                          [this, self = shared_from_this()](Failure failure, std::size_t) {
                              on_written(failure);
                          });
    }
    void shut_down() override {
        Failure ignored;  // the peer may be gone already, which is all we want
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }
    bool secure() const override { return false; }

    tcp::socket socket_;
};

class TlsConnection final : public Connection {
public:
    TlsConnection(std::shared_ptr<Door> door, asio::io_context& loop, tcp::socket socket,
                  std::string remote, std::shared_ptr<Tls::Parts> tls)
        : Connection(std::move(door), loop, std::move(remote)),
          tls_(std::move(tls)),
          stream_(std::move(socket), tls_->context) {}

    void start() override {
        stream_.async_handshake(asio::ssl::stream_base::server,
                                [this, self = shared_from_this()](Failure failure) {
                                    if (failure) return close();
                                    read();
                                });
    }

private:
    void begin_read() override {
        stream_.async_read_some(asio::buffer(buffer_), [this, self = shared_from_this()](
                                                           Failure failure, std::size_t count) {
            on_read(failure, {buffer_.data(), count});
        });
    }
    void begin_write(std::string_view bytes) override {
        asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()),
                          [this, self = shared_from_this()](Failure failure, std::size_t) {
                              on_written(failure);
                          });
    }
    void shut_down() override {
        // A close_notify as far as the socket takes it at once: nobody waits for a peer here.
        Failure ignored;
        stream_.next_layer().non_blocking(true, ignored);
        SSL_shutdown(stream_.native_handle());
        stream_.next_layer().shutdown(tcp::socket::shutdown_both, ignored);
        stream_.next_layer().close(ignored);
    }
    bool secure() const override { return true; }

    std::shared_ptr<Tls::Parts> tls_;
    asio::ssl::stream<tcp::socket> stream_;
    std::array<char, 4 << 10> buffer_;
};

}  // namespace

struct Answer::Slot {
    explicit Slot(std::shared_ptr<Pending> pending_)
        : pending(std::move(pending_)), connection(pending->connection) {}
    ~Slot() {
        send(
            [] {
                return Response{500, "application/json", "{\"error\":\"no answer\"}", true};
            },
            {});
    }

    void send(std::function<Response()> make, std::function<void(bool)> written) {
        if (sent.exchange(true)) return;
        asio::dispatch(connection->io(), [connection_ = connection, pending_ = pending,
                                          make = std::move(make), written = std::move(written)] {
            if (pending_->is_gone) return connection_->complete(pending_, {}, written);
            connection_->complete(pending_, make(), written);
        });
    }

    std::shared_ptr<Pending> pending;
    std::shared_ptr<Connection> connection;
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
    asio::dispatch(
        slot_->connection->io(),
        [connection = slot_->connection, pending = slot_->pending,
         gone = std::move(gone)]() mutable { connection->watch(pending, std::move(gone)); });
}

struct HttpServer::Parts : std::enable_shared_from_this<Parts> {
    Parts(Loops& loops_, Options options_, Handler handler_)
        : loops(loops_.parts()),
          options(std::move(options_)),
          handler(std::move(handler_)),
          acceptor(loops.loops.front()->io) {}

    Status listen();
    void accept();
    void admit(asio::io_context& io, tcp::socket socket);
    void add(const std::shared_ptr<Connection>& connection);
    void remove(Connection& connection);
    void sweep(Loop& loop);

    Loops::Parts& loops;
    Options options;
    Handler handler;
    tcp::acceptor acceptor;
    std::uint16_t port = 0;
    std::shared_ptr<Door> door = std::make_shared<Door>();
    std::atomic<std::uint64_t> accepted = 0;

    mutable std::mutex mutex;
    mutable std::condition_variable none_left;
    std::unordered_map<Connection*, std::weak_ptr<Connection>> connections;
    std::map<std::string, std::size_t> by_address;
    std::vector<std::unique_ptr<asio::steady_timer>> timers;
};

Status HttpServer::Parts::listen() {
    Failure failure;
    const auto address = asio::ip::make_address(options.address, failure);
    if (failure) return fail(Code::invalid, options.address + ": not an IP address to listen on");
    const tcp::endpoint endpoint(address, options.port);
    const auto where = options.address + ':' + std::to_string(options.port);
    acceptor.open(endpoint.protocol(), failure);
    if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor.bind(endpoint, failure);
    if (!failure) acceptor.listen(backlog, failure);
    if (failure == asio::error::address_in_use)
        return fail(Code::busy, where + ": the port is taken; choose another with --port");
    if (failure) return fail(Code::io, where + ": " + failure.message());
    port = acceptor.local_endpoint().port();
    return {};
}

void HttpServer::Parts::accept() {
    auto& io = loops.next();
    acceptor.async_accept(
        io, [this, self = shared_from_this(), &io](Failure failure, tcp::socket socket) {
            if (failure == asio::error::operation_aborted || !acceptor.is_open()) return;
            if (failure) {
                log::warn("accept_failed", {{"detail", failure.message()}});
            } else {
                asio::post(io, [this, self, &io, socket = std::move(socket)]() mutable {
                    admit(io, std::move(socket));
                });
            }
            accept();
        });
}

void HttpServer::Parts::admit(asio::io_context& io, tcp::socket socket) {
    Failure ignored;  // options are a matter of speed only
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    auto remote = remote_of(socket);
    ++accepted;
    {
        const std::lock_guard lock(mutex);
        auto& here = by_address[address_of(remote)];
        if (door->stopping || connections.size() >= options.limits.connections ||
            here >= options.limits.connections_per_address)
            return;  // closes it
        ++here;
    }
    std::shared_ptr<Connection> connection;
    if (options.tls) {
        connection = std::make_shared<TlsConnection>(door, io, std::move(socket), std::move(remote),
                                                     options.tls->current());
    } else {
        connection =
            std::make_shared<PlainConnection>(door, io, std::move(socket), std::move(remote));
    }
    add(connection);
    connection->start();
}

void HttpServer::Parts::add(const std::shared_ptr<Connection>& connection) {
    const std::lock_guard lock(mutex);
    connections.emplace(connection.get(), connection);
}

void HttpServer::Parts::remove(Connection& connection) {
    const std::lock_guard lock(mutex);
    connections.erase(&connection);
    const auto here = by_address.find(address_of(connection.remote()));
    if (here != by_address.end() && --here->second == 0) by_address.erase(here);
    if (connections.empty()) none_left.notify_all();
}

/// Once a second each loop looks which of its connections are overdue.
void HttpServer::Parts::sweep(Loop& loop) {
    auto& timer = *timers.emplace_back(std::make_unique<asio::steady_timer>(loop.io));
    const auto again = [this, &loop, &timer](auto&& next) -> void {
        timer.expires_after(sweep_interval);
        timer.async_wait([this, self = shared_from_this(), &loop, next](Failure failure) {
            if (failure) return;
            std::vector<std::shared_ptr<Connection>> here;
            {
                const std::lock_guard lock(mutex);
                for (const auto& [address, weak] : connections)
                    if (auto connection = weak.lock(); connection && &connection->io() == &loop.io)
                        here.push_back(std::move(connection));
            }
            const auto now = door->clock.steady();
            for (const auto& connection : here) connection->check_deadline(now);
            next(next);
        });
    };
    again(again);
}

HttpServer::HttpServer(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::open(Loops& loops, Options options,
                                                     Handler handler) {
    auto parts = std::make_shared<Parts>(loops, std::move(options), std::move(handler));
    parts->door->limits = parts->options.limits;
    parts->door->handle = [raw = parts.get()](Request request, std::shared_ptr<Pending> pending) {
        raw->handler(std::move(request),
                     Answer(std::make_shared<Answer::Slot>(std::move(pending))));
    };
    parts->door->closed = [weak = std::weak_ptr(parts)](Connection& connection) {
        if (const auto alive = weak.lock()) alive->remove(connection);
    };
    CMQ_TRY(parts->listen());
    for (auto& loop : parts->loops.loops) parts->sweep(*loop);
    parts->accept();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

std::uint16_t HttpServer::port() const { return parts_->port; }

void HttpServer::stop() {
    if (parts_->door->stopping.exchange(true)) return;
    asio::post(parts_->acceptor.get_executor(), [parts = parts_] {
        Failure ignored;  // closed is closed
        parts->acceptor.close(ignored);
        for (auto& timer : parts->timers) timer->cancel();
    });
    const std::lock_guard lock(parts_->mutex);
    for (const auto& [address, weak] : parts_->connections)
        if (const auto connection = weak.lock())
            asio::post(connection->io(), [connection] { connection->end_when_idle(); });
}

bool HttpServer::wait_drained(std::chrono::milliseconds patience) const {
    std::unique_lock lock(parts_->mutex);
    return parts_->none_left.wait_for(lock, patience,
                                      [this] { return parts_->connections.empty(); });
}

HttpServer::Counts HttpServer::counts() const {
    const auto& door = *parts_->door;
    Counts counts;
    {
        const std::lock_guard lock(parts_->mutex);
        counts.connections = parts_->connections.size();
    }
    counts.accepted = parts_->accepted;
    counts.requests = door.requests;
    counts.refused = door.refused;
    counts.bytes_in = door.bytes_in;
    counts.bytes_out = door.bytes_out;
    return counts;
}

}  // namespace cmq::net
