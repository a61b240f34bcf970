// net/connection.h: one client connection: read, parse, hand over, answer in order. Inside of net.
//
//     reading ──(last request or fault answered)──► closed
//        ▲            └──(more bytes came behind it)──► lingering ──► closed
//        └── keep-alive
//
// Everything here runs on the connection's loop. It keeps reading while answers are awaited, so
// that a client that goes away is noticed at once.
#pragma once

#include <boost/system/error_code.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/door.h"
#include "net/http_parser.h"

namespace cmq::net {

class Connection;

/// A request that waits for its answer.
struct Pending {
    std::weak_ptr<Connection> connection;
    Response response;  // when ready
    std::function<void(bool)> written;
    std::function<void()> gone;
    bool ready = false;
    bool is_gone = false;
    bool keep_alive = true;
    bool http_1_0 = false;
    bool head_only = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(const std::shared_ptr<Share>& share, std::string remote);
    virtual ~Connection() = default;

    void start() { read(); }

    boost::asio::io_context& io() { return io_; }

    void complete(Pending& pending, Response response, std::function<void(bool)> written);
    void watch(Pending& pending, std::function<void()> gone);
    void check_deadline(Steady now, std::chrono::seconds patience_with_strangers);
    void end_when_idle();  // the listener stops

protected:
    using Failure = boost::system::error_code;

    void on_read(Failure failure, std::string_view bytes);
    void on_written(Failure failure);

    virtual void begin_read() = 0;                         // ends in on_read
    virtual void begin_write(std::string_view bytes) = 0;  // ends in on_written
    virtual void shut_down_send() = 0;                     // the client will read an end
    virtual void shut_down() = 0;
    virtual bool secure() const = 0;

private:
    void read();
    void use(std::string_view bytes);
    void process(std::string_view& in);
    void hand_over(Request request);
    void refuse(int status, std::string what);
    void invite_body();
    void take_no_more();
    void flush();
    void write();
    void end();
    void abandon();
    void close();
    bool idle() const { return pending_.empty() && !writing_; }
    /// It takes no more requests until answers are gone; the next one's may have any size.
    bool full() const {
        return pending_.size() >= door_->limits.pipelined ||
               out_.size() + ready_bytes_ > door_->limits.unread_bytes;
    }
    Steady now() const { return door_->clock.steady(); }

    const std::shared_ptr<Door> door_;
    const std::weak_ptr<Share> share_;
    boost::asio::io_context& io_;
    const std::string remote_;
    HttpParser parser_;
    std::string in_;               // read, and not used yet
    std::string out_;              // being written
    std::size_t ready_bytes_ = 0;  // of the answers in pending_
    std::deque<std::shared_ptr<Pending>> pending_;
    std::vector<std::function<void(bool)>> to_tell_;  // when out_ is written
    Steady request_since_, write_since_, idle_since_;
    bool reading_ = false, writing_ = false, processing_ = false, closed_ = false;
    bool stranger_ = true;    // has asked nothing yet
    bool last_ = false;       // takes no more requests
    bool ended_ = false;      // the last answer is written, or being written
    bool surplus_ = false;    // bytes came that nobody will use, or may come
    bool lingering_ = false;  // all is answered; the rest is read and dropped
};

std::shared_ptr<Connection> make_plain_connection(const std::shared_ptr<Share>& share,
                                                  boost::asio::ip::tcp::socket socket,
                                                  std::string remote);
/// `tls` is what new connections use now.
std::shared_ptr<Connection> make_tls_connection(const std::shared_ptr<Share>& share,
                                                boost::asio::ip::tcp::socket socket,
                                                std::string remote,
                                                const std::shared_ptr<Tls::Parts>& tls);

}  // namespace cmq::net
