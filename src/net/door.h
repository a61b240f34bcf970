// net/door.h: what the connections of one listener share. Inside of net.
//
// A Share and its connections are touched by one loop only; a Door by all of them. Handlers that
// wait in a loop hold nothing that belongs to a later destroyed one: see Loops.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "net/http_types.h"
#include "net/places.h"
#include "net/tls.h"

namespace cmq::net {

class Connection;
struct Pending;

struct Door {
    /// Counts one more connection from `address`. False: too many, or the door is closing.
    bool enter(const std::string& address);
    void leave(const std::string& address);
    bool close();  // nobody enters any more; false: it was closed before
    bool wait_empty(std::chrono::milliseconds patience);
    std::size_t open();
    /// How long who has asked nothing yet may be silent.
    std::chrono::seconds patience_with_strangers();

    std::function<void(Request, std::shared_ptr<Pending>)> handle;
    std::shared_ptr<Tls> tls;  // none: plain
    Limits limits;
    std::atomic<std::uint64_t> accepted = 0, requests = 0, refused = 0, bytes_in = 0, bytes_out = 0;
    std::atomic<bool> stopping = false;
    SystemClock clock;

private:
    std::mutex mutex_;
    std::condition_variable empty_;
    Places places_;
};

/// The connections of one door on one loop. They live until they are closed or the loop ends.
class Share : public std::enable_shared_from_this<Share> {
public:
    Share(boost::asio::io_context& loop, std::shared_ptr<Door> its_door)
        : io(loop), door(std::move(its_door)), timer_(loop) {}

    /// `remote` has entered the door already.
    void admit(boost::asio::ip::tcp::socket socket, std::string remote);
    void remove(Connection& connection, const std::string& remote);
    void stop();

    boost::asio::io_context& io;
    const std::shared_ptr<Door> door;

private:
    void sweep();

    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    boost::asio::steady_timer timer_;
    bool sweeping_ = false;
};

/// The address in "address:port".
std::string address_of(const std::string& remote);

}  // namespace cmq::net
