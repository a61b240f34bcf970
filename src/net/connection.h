// net/connection.h: one client connection: read, parse, hand over, answer in order. Inside of net.
//
// Everything here runs on the connection's loop. It keeps reading while answers are awaited, so
// that a client that goes away is noticed at once.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/http_parser.h"
#include "net/http_types.h"

namespace cmq::net {

class Connection;

/// A request that waits for its answer.
struct Pending {
    std::shared_ptr<Connection> connection;
    std::string bytes;  // the answer, when ready
    std::function<void(bool)> written;
    std::function<void()> gone;
    bool ready = false;
    bool is_gone = false;
    bool keep_alive = true;
    bool http_1_0 = false;
    bool head_only = false;
};

/// What a connection needs of its listener.
struct Door {
    std::function<void(Request, std::shared_ptr<Pending>)> handle;
    std::function<void(Connection&)> closed;
    Limits limits;
    std::atomic<std::uint64_t> requests = 0, refused = 0, bytes_in = 0, bytes_out = 0;
    std::atomic<bool> stopping = false;
    SystemClock clock;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Door> door, boost::asio::io_context& io, std::string remote);
    virtual ~Connection() = default;

    virtual void start() = 0;

    boost::asio::io_context& io() { return io_; }
    const std::string& remote() const { return remote_; }

    void complete(const std::shared_ptr<Pending>& pending, Response response,
                  std::function<void(bool)> written);
    void watch(const std::shared_ptr<Pending>& pending, std::function<void()> gone);
    void check_deadline(Steady now);
    void end_when_idle();  // the listener stops

protected:
    using Failure = boost::system::error_code;

    void read();
    void on_read(Failure failure, std::string_view bytes);
    void on_written(Failure failure);
    void close();

    virtual void begin_read() = 0;                         // ends in on_read
    virtual void begin_write(std::string_view bytes) = 0;  // ends in on_written
    virtual void shut_down() = 0;
    virtual bool secure() const = 0;

private:
    void process();
    void hand_over(Request request);
    void refuse(int status, std::string_view what);
    void flush();
    void set_deadline();
    bool idle() const { return pending_.empty() && !writing_; }

    std::shared_ptr<Door> door_;
    boost::asio::io_context& io_;
    std::string remote_;
    HttpParser parser_;
    std::string in_, out_;
    std::deque<std::shared_ptr<Pending>> pending_;
    std::vector<std::function<void(bool)>> to_tell_;  // when out_ is written
    Steady deadline_ = Steady::max();
    bool reading_ = false, writing_ = false, closed_ = false;
    bool last_ = false;  // takes no more requests
};

}  // namespace cmq::net
