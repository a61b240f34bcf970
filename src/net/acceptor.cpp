#include "net/acceptor.h"

#include <boost/asio/post.hpp>

#include "base/log.h"
#include "net/loops_parts.h"

namespace cmq::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr int backlog = 4'096;
constexpr std::chrono::milliseconds accept_rest{100};  // when the system has no descriptors left

std::string remote_of(const tcp::socket& socket) {
    boost::system::error_code failure;
    const auto peer = socket.remote_endpoint(failure);
    if (failure) return "unknown:0";
    return peer.address().to_string() + ':' + std::to_string(peer.port());
}

}  // namespace

Acceptor::Acceptor(Loops& loops)
    : loops_(loops.parts()), acceptor_(loops_.loops.front()->io), rest_(loops_.loops.front()->io) {}

Result<std::uint16_t> Acceptor::listen(const std::string& address, std::uint16_t port) {
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

void Acceptor::accept(Take take) {
    take_ = std::move(take);
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
        if (self->acceptor_.is_open()) self->next();
    });
}

void Acceptor::next() {
    const auto loop = turn_++ % loops_.loops.size();
    acceptor_.async_accept(loops_.loops[loop]->io, [self = shared_from_this(), loop](
                                                       Failure failure, tcp::socket socket) {
        if (failure == asio::error::operation_aborted || !self->acceptor_.is_open()) return;
        self->on_accepted(failure, loop, std::move(socket));
    });
}

void Acceptor::on_accepted(Failure failure, std::size_t loop, tcp::socket socket) {
    // A client that was gone before we came is no reason to rest.
    if (failure && failure != asio::error::connection_aborted) return rest(failure);
    complained_ = false;
    next();
    if (failure) return;
    auto remote = remote_of(socket);
    Failure ignored;  // without these it is slower, or fails at its first read
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    take_(loop, std::move(socket), std::move(remote));
}

void Acceptor::rest(const Failure& why) {
    if (!std::exchange(complained_, true)) log::warn("accept_failed", {{"detail", why.message()}});
    rest_.expires_after(accept_rest);
    rest_.async_wait([self = shared_from_this()](Failure stopped) {
        if (!stopped && self->acceptor_.is_open()) self->next();
    });
}

void Acceptor::stop() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
        Failure ignored;  // closed is closed
        self->acceptor_.close(ignored);
        self->rest_.cancel();
        self->take_ = {};
    });
}

}  // namespace cmq::net
