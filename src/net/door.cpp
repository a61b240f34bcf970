#include "net/door.h"

#include <algorithm>

#include "net/connection.h"

namespace cmq::net {
namespace {

constexpr std::chrono::seconds sweep_interval{1};

}  // namespace

std::string address_of(const std::string& remote) { return remote.substr(0, remote.rfind(':')); }

bool Door::enter(const std::string& address) {
    const std::lock_guard lock(mutex_);
    return !stopping && places_.take(address, {limits.connections, limits.connections_per_address});
}

void Door::leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    places_.give_back(address);
    if (places_.taken() == 0) empty_.notify_all();
}

bool Door::close() {
    const std::lock_guard lock(mutex_);
    return !stopping.exchange(true);
}

bool Door::wait_empty(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return empty_.wait_for(lock, patience, [this] { return places_.taken() == 0; });
}

std::size_t Door::open() {
    const std::lock_guard lock(mutex_);
    return places_.taken();
}

std::chrono::seconds Door::patience_with_strangers() {
    const bool crowded = open() > limits.connections / 4 * 3;
    return crowded ? std::min(limits.stranger_time, limits.idle_time) : limits.idle_time;
}

void Share::admit(boost::asio::ip::tcp::socket socket, std::string remote) {
    if (door->stopping) return door->leave(address_of(remote));
    const auto self = shared_from_this();
    const auto connection =
        door->tls
            ? make_tls_connection(self, std::move(socket), std::move(remote), door->tls->current())
            : make_plain_connection(self, std::move(socket), std::move(remote));
    connections_.emplace(connection.get(), connection);
    connection->start();
    if (!sweeping_) sweep();
}

void Share::remove(Connection& connection, const std::string& remote) {
    connections_.erase(&connection);
    door->leave(address_of(remote));
}

void Share::stop() {
    const auto present = connections_;
    for (const auto& [address, connection] : present) connection->end_when_idle();
}

/// Once a second, while there are connections: which of them are overdue?
void Share::sweep() {
    sweeping_ = !connections_.empty();
    if (!sweeping_) return;
    timer_.expires_after(sweep_interval);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code failure) {
        if (failure) return;
        const auto now = self->door->clock.steady();
        const auto patience = self->door->patience_with_strangers();
        const auto present = self->connections_;  // closing one takes it out of the table
        for (const auto& [address, connection] : present) connection->check_deadline(now, patience);
        self->sweep();
    });
}

}  // namespace cmq::net
