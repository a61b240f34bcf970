// The side that connects, and connects again.

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <mutex>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/frame_connection.h"
#include "net/loops_parts.h"

namespace cmq::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Failure = boost::system::error_code;
using std::chrono::milliseconds;

namespace {

/// One attempt to make a TCP connection; what a given-up one still reports is not listened to.
struct Attempt {
    explicit Attempt(asio::io_context& io) : resolver(io), socket(io) {}
    void give_up() {
        Failure ignored;  // it is being thrown away
        resolver.cancel();
        socket.close(ignored);
    }
    tcp::resolver resolver;
    tcp::socket socket;
};
using AttemptPointer = std::shared_ptr<Attempt>;

}  // namespace

/// Everything runs on the link's loop, but for what FrameLink calls itself.
struct FrameLink::Parts : FrameOwner, std::enable_shared_from_this<Parts> {
    Parts(asio::io_context& io_, Options options_, Handlers handlers_)
        : io(io_),
          options(std::move(options_)),
          handlers(std::move(handlers_)),
          counters(std::make_shared<FrameCounters>()),
          timer(io_) {}

    Status admit(FrameConnection& connection) override;
    FrameSink on_up(const std::shared_ptr<FrameConnection>& connection) override;
    void on_closed(FrameConnection& connection, const std::string& why) override;

    void connect();
    void resolve();
    void resolved(Failure failure, const tcp::resolver::results_type& found);
    void connected(tcp::socket socket);
    void not_connected(const std::string& why);
    void rest();
    void note(const std::string& why);
    milliseconds jittered(milliseconds backoff) const;
    void close();
    std::shared_ptr<FrameConnection> present() const;

    asio::io_context& io;
    const Options options;
    const Handlers handlers;
    const std::shared_ptr<FrameCounters> counters;

    mutable std::mutex mutex;
    std::shared_ptr<FrameConnection> connection;  // under mutex
    std::string failure = "no connection yet";    // under mutex
    bool up = false;                              // under mutex

    AttemptPointer attempt;
    asio::steady_timer timer;  // the end of an attempt, or of a rest
    milliseconds backoff{0};
    std::string noted;  // the failure that stands in the log already
    bool closed = false;
};

std::shared_ptr<FrameConnection> FrameLink::Parts::present() const {
    const std::lock_guard lock(mutex);
    return connection;
}

void FrameLink::Parts::connect() {
    if (closed) return;
    attempt = std::make_shared<Attempt>(io);
    timer.expires_after(options.limits.connect_time);
    timer.async_wait([self = shared_from_this(), mine = attempt](Failure cancelled) {
        if (!cancelled && mine == self->attempt) self->not_connected("timed out");
    });
    resolve();
}

void FrameLink::Parts::resolve() {
    const auto& [host, port] = options.address;
    Failure name;
    const auto address = asio::ip::make_address(host, name);
    if (!name) return resolved({}, tcp::resolver::results_type::create({address, port}, host, ""));
    attempt->resolver.async_resolve(
        host, std::to_string(port), tcp::resolver::numeric_service,
        [self = shared_from_this(), mine = attempt](Failure failed, const auto& found) {
            if (mine == self->attempt) self->resolved(failed, found);
        });
}

void FrameLink::Parts::resolved(Failure failed, const tcp::resolver::results_type& found) {
    if (failed) return not_connected(failed.message());
    asio::async_connect(
        attempt->socket, found,
        [self = shared_from_this(), mine = attempt](Failure refused, const tcp::endpoint&) {
            if (mine != self->attempt) return;
            if (refused) return self->not_connected(refused.message());
            self->connected(std::move(mine->socket));
        });
}

void FrameLink::Parts::connected(tcp::socket socket) {
    attempt.reset();
    timer.cancel();
    auto fresh = std::make_shared<FrameConnection>(
        io, std::move(socket), *options.tls,
        FrameConnection::Options{
            FrameConnection::Side::connecting, {options.protocol}, options.limits, counters},
        weak_from_this());
    {
        const std::lock_guard lock(mutex);
        connection = fresh;
    }
    fresh->start();
}

Status FrameLink::Parts::admit(FrameConnection& candidate) {
    if (candidate.peer() == options.peer) return {};
    return fail(Code::unauthenticated, "somebody else is there: " + candidate.peer().uri());
}

FrameSink FrameLink::Parts::on_up(const std::shared_ptr<FrameConnection>&) {
    {
        const std::lock_guard lock(mutex);
        failure.clear();
        up = true;
    }
    backoff = milliseconds{0};
    noted.clear();
    log::info("link_up", {{"node", options.peer.node}, {"stream", options.protocol}});
    if (handlers.on_up) gate.pass(handlers.on_up);
    return handlers.sink;
}

void FrameLink::Parts::on_closed(FrameConnection&, const std::string& why) { not_connected(why); }

void FrameLink::Parts::not_connected(const std::string& why) {
    if (attempt) attempt->give_up();
    attempt.reset();
    {
        const std::lock_guard lock(mutex);
        connection.reset();
        failure = why;
        up = false;
    }
    if (closed) return;
    note(why);
    rest();
}

/// Once for each new reason.
void FrameLink::Parts::note(const std::string& why) {
    if (noted == why) return;
    noted = why;
    log::warn("link_down", {{"node", options.peer.node},
                            {"stream", options.protocol},
                            {"address", options.address.host},
                            {"port", options.address.port},
                            {"detail", why}});
}

void FrameLink::Parts::rest() {
    backoff = std::clamp(backoff * 2, options.backoff.first, options.backoff.longest);
    timer.expires_after(jittered(backoff));
    timer.async_wait([self = shared_from_this()](Failure cancelled) {
        if (!cancelled) self->connect();
    });
}

milliseconds FrameLink::Parts::jittered(milliseconds whole) const {
    const auto most = whole.count() * options.backoff.jitter_percent / 100;
    if (most <= 0) return whole;
    return whole - milliseconds(random_number() % static_cast<std::uint64_t>(most + 1));
}

void FrameLink::Parts::close() {
    closed = true;
    if (attempt) attempt->give_up();
    attempt.reset();
    timer.cancel();
    if (const auto last = present()) last->close("the link is given up");
}

FrameLink::FrameLink(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}

std::unique_ptr<FrameLink> FrameLink::open(Loops& loops, Options options, Handlers handlers) {
    CMQ_CHECK(options.tls != nullptr);
    CMQ_CHECK(options.backoff.jitter_percent <= 100);
    auto parts =
        std::make_shared<Parts>(loops.parts().next(), std::move(options), std::move(handlers));
    asio::post(parts->io, [parts] { parts->connect(); });
    return std::unique_ptr<FrameLink>(new FrameLink(std::move(parts)));
}

FrameLink::~FrameLink() {
    parts_->gate.close();
    asio::post(parts_->io, [parts = parts_] { parts->close(); });
}

bool FrameLink::send(Pieces pieces, Room room) {
    const auto connection = parts_->present();
    return connection && connection->send(std::move(pieces), room);
}

FrameCounts FrameLink::counts() const {
    const std::lock_guard lock(parts_->mutex);
    return parts_->counters->read(parts_->up);
}

std::string FrameLink::failure() const {
    const std::lock_guard lock(parts_->mutex);
    return parts_->failure;
}

}  // namespace cmq::net
