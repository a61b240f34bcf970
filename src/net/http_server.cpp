#include "net/http_server.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "net/acceptor.h"
#include "net/connection.h"
#include "net/door.h"
#include "net/loops_parts.h"

namespace cmq::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

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

struct HttpServer::Parts {
    explicit Parts(Loops& loops) : acceptor(std::make_shared<Acceptor>(loops)) {}

    std::shared_ptr<Door> door = std::make_shared<Door>();
    std::vector<std::shared_ptr<Share>> shares;  // one a loop
    std::shared_ptr<Acceptor> acceptor;
    std::uint16_t port = 0;
    bool stopped = false;
};

namespace {

void take(Door& door, const std::shared_ptr<Share>& share, tcp::socket socket, std::string remote) {
    door.accepted.fetch_add(1, std::memory_order_relaxed);
    if (!door.enter(address_of(remote))) return;  // closes the socket
    asio::post(share->io,
               [share, socket = std::move(socket), remote = std::move(remote)]() mutable {
                   share->admit(std::move(socket), std::move(remote));
               });
}

}  // namespace

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::open(Loops& loops, Options options,
                                                     Handler handler) {
    auto parts = std::make_unique<Parts>(loops);
    auto& door = *parts->door;
    door.limits = options.limits;
    door.tls = std::move(options.tls);
    door.handle = [handler = std::move(handler)](Request request,
                                                 std::shared_ptr<Pending> pending) {
        handler(std::move(request), Answer(std::make_shared<Answer::Slot>(std::move(pending))));
    };
    for (const auto& loop : loops.parts().loops)
        parts->shares.push_back(std::make_shared<Share>(loop->io, parts->door));
    parts->port = CMQ_TRY(parts->acceptor->listen(options.address, options.port));
    parts->acceptor->accept([door_ = parts->door, shares = parts->shares](
                                std::size_t loop, tcp::socket socket, std::string remote) {
        take(*door_, shares[loop], std::move(socket), std::move(remote));
    });
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

std::uint16_t HttpServer::port() const { return parts_->port; }

void HttpServer::dismiss() {
    if (parts_->door->close()) parts_->acceptor->stop();
}

void HttpServer::stop() {
    dismiss();
    if (std::exchange(parts_->stopped, true)) return;
    for (const auto& share : parts_->shares) asio::post(share->io, [share] { share->stop(); });
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
