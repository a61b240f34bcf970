// The side that listens.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/log_throttle.h"
#include "net/acceptor.h"
#include "net/door.h"
#include "net/frame_connection.h"
#include "net/loops_parts.h"
#include "net/places.h"

namespace cmq::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using ConnectionPointer = std::shared_ptr<FrameConnection>;

namespace {

/// Lines about refused peers.
class Refusals {
public:
    void note(const std::string& remote, const PeerName& peer, const std::string& why) {
        const auto left_out = throttle_.pass(clock_.steady());
        if (!left_out) return;
        log::warn("peer_refused", {{"remote", remote},
                                   {"node", peer.node},
                                   {"cluster", peer.cluster},
                                   {"detail", why},
                                   {"left_out", *left_out}});
    }

private:
    SystemClock clock_;
    LogThrottle throttle_;
};

/// A place of a node on this server; the counters outlive its connections.
struct Seat {
    ConnectionPointer connection;
    std::shared_ptr<FrameCounters> counters = std::make_shared<FrameCounters>();
};
using SeatName = std::pair<PeerName, std::string>;  // and the protocol

}  // namespace

struct FrameServer::Parts : FrameOwner, std::enable_shared_from_this<Parts> {
    Parts(Loops& loops_, Options options_, Handlers handlers_)
        : loops(loops_.parts()),
          options(std::move(options_)),
          handlers(std::move(handlers_)),
          acceptor(std::make_shared<Acceptor>(loops_)) {}

    Status admit(FrameConnection& connection) override { return ask(connection.peer()); }
    FrameSink on_up(const ConnectionPointer& connection) override;
    void on_closed(FrameConnection& connection, const std::string& why) override;

    Status ask(const PeerName& peer);
    void take(std::size_t loop, tcp::socket socket, std::string remote);
    bool enter(const std::string& address);
    void begin(asio::io_context& io, tcp::socket socket, std::string remote);
    std::string leave_strangers(FrameConnection& connection);
    void recheck();
    void expel(const PeerName& peer, const std::string& why);
    void close();

    Loops::Parts& loops;
    const Options options;
    const Handlers handlers;
    const std::shared_ptr<Acceptor> acceptor;
    std::uint16_t port = 0;
    Refusals refusals;

    struct Stranger {
        ConnectionPointer connection;
        std::string remote;
    };
    std::mutex mutex;  // of all below
    std::unordered_map<FrameConnection*, Stranger> strangers;
    Places places;  // of strangers, and of those on their way
    std::map<SeatName, Seat> seats;
    bool closed = false;
};

void FrameServer::Parts::take(std::size_t loop, tcp::socket socket, std::string remote) {
    if (!enter(address_of(remote))) return;  // closes the socket
    auto& io = loops.loops[loop]->io;
    asio::post(io, [self = weak_from_this(), &io, socket = std::move(socket),
                    remote = std::move(remote)]() mutable {
        if (const auto present = self.lock())
            present->begin(io, std::move(socket), std::move(remote));
    });
}

bool FrameServer::Parts::enter(const std::string& address) {
    const std::lock_guard lock(mutex);
    return places.take(address, {options.limits.strangers, options.limits.strangers_per_address});
}

void FrameServer::Parts::begin(asio::io_context& io, tcp::socket socket, std::string remote) {
    const auto connection = std::make_shared<FrameConnection>(
        io, std::move(socket), *options.tls,
        FrameConnection::Options{FrameConnection::Side::accepting, options.protocols,
                                 options.limits, std::make_shared<FrameCounters>()},
        weak_from_this());
    {
        const std::lock_guard lock(mutex);
        if (closed) return;
        strangers.emplace(connection.get(), Stranger{connection, std::move(remote)});
    }
    connection->start();
}

/// Its address; "" when it was none.
std::string FrameServer::Parts::leave_strangers(FrameConnection& connection) {
    const auto here = strangers.find(&connection);
    if (here == strangers.end()) return {};
    auto remote = std::move(here->second.remote);
    strangers.erase(here);
    places.give_back(address_of(remote));
    return remote;
}

Status FrameServer::Parts::ask(const PeerName& peer) {
    Status admitted = fail(Code::unavailable, "the server is being closed");
    gate.pass([&] { admitted = handlers.admit(peer); });
    return admitted;
}

FrameSink FrameServer::Parts::on_up(const ConnectionPointer& connection) {
    ConnectionPointer older;
    {
        const std::lock_guard lock(mutex);
        leave_strangers(*connection);
        if (closed) return {};
        auto& seat = seats[{connection->peer(), connection->protocol()}];
        older = std::exchange(seat.connection, connection);
        seat.counters->connects += 1;
        connection->count_in(seat.counters);
    }
    if (older) older->close("the peer connected anew");
    // A recheck between the first question and the seat did not see it.
    if (const auto still = ask(connection->peer()); !still)
        connection->close(still.error().message);
    FrameSink sink;
    gate.pass([&] { sink = handlers.on_up(FrameStream(connection)); });
    return sink;
}

void FrameServer::Parts::on_closed(FrameConnection& connection, const std::string& why) {
    std::string stranger;
    {
        const std::lock_guard lock(mutex);
        stranger = leave_strangers(connection);
        const auto seat = seats.find({connection.peer(), connection.protocol()});
        if (seat != seats.end() && seat->second.connection.get() == &connection)
            seat->second.connection.reset();
        if (closed) return;
    }
    if (!stranger.empty()) refusals.note(stranger, connection.peer(), why);
}

void FrameServer::Parts::recheck() {
    std::set<PeerName> peers;
    {
        const std::lock_guard lock(mutex);
        for (const auto& [name, seat] : seats) peers.insert(name.first);
    }
    for (const auto& peer : peers)
        if (const auto admitted = ask(peer); !admitted) expel(peer, admitted.error().message);
}

void FrameServer::Parts::expel(const PeerName& peer, const std::string& why) {
    log::info("peer_expelled", {{"node", peer.node}, {"detail", why}});
    const std::lock_guard lock(mutex);
    std::erase_if(seats, [&](const auto& entry) {
        const auto& [name, seat] = entry;
        if (name.first != peer) return false;
        if (seat.connection) seat.connection->close(why);
        return true;
    });
}

void FrameServer::Parts::close() {
    std::vector<ConnectionPointer> present;
    {
        const std::lock_guard lock(mutex);
        closed = true;
        for (auto& [pointer, stranger] : strangers)
            present.push_back(std::move(stranger.connection));
        for (auto& [name, seat] : seats)
            if (seat.connection) present.push_back(std::move(seat.connection));
        strangers.clear();
        seats.clear();
    }
    acceptor->stop();
    for (const auto& connection : present) connection->close("the server is closed");
}

FrameServer::FrameServer(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<FrameServer>> FrameServer::open(Loops& loops, Options options,
                                                       Handlers handlers) {
    CMQ_CHECK(options.tls != nullptr);
    auto parts = std::make_shared<Parts>(loops, std::move(options), std::move(handlers));
    parts->port = CMQ_TRY(parts->acceptor->listen(parts->options.address, parts->options.port));
    parts->acceptor->accept(
        [weak = std::weak_ptr(parts)](std::size_t loop, tcp::socket socket, std::string remote) {
            if (const auto present = weak.lock())
                present->take(loop, std::move(socket), std::move(remote));
        });
    return std::unique_ptr<FrameServer>(new FrameServer(std::move(parts)));
}

FrameServer::~FrameServer() {
    parts_->gate.close();
    parts_->close();
}

std::uint16_t FrameServer::port() const { return parts_->port; }
void FrameServer::recheck() { parts_->recheck(); }

FrameCounts FrameServer::counts(const PeerName& peer, const std::string& protocol) const {
    const std::lock_guard lock(parts_->mutex);
    const auto seat = parts_->seats.find({peer, protocol});
    if (seat == parts_->seats.end()) return {};
    return seat->second.counters->read(seat->second.connection != nullptr);
}

FrameStream::FrameStream(const ConnectionPointer& connection)
    : peer_(connection->peer()), protocol_(connection->protocol()), connection_(connection) {}

bool FrameStream::send(Pieces pieces, Room room) const {
    const auto connection = connection_.lock();
    return connection && connection->send(std::move(pieces), room);
}

void FrameStream::close(std::string why) const {
    if (const auto connection = connection_.lock()) connection->close(std::move(why));
}

bool FrameStream::post(std::function<void()> work) const {
    const auto connection = connection_.lock();
    if (connection) connection->post(std::move(work));
    return connection != nullptr;
}

}  // namespace cmq::net
