// net/frame_connection.h: one connection that carries frames, either end of it. Inside of net.
//
//     shaking hands ──► admitted? ──► up ──► closed
//           │               │                  ▲
//           └───────────────┴──────────────────┘
//
// Who accepted it is up once it admits the peer, and says so with an empty frame; who connected is
// up when that frame has come. So a link that is up was welcomed, not merely connected.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "net/frame_reader.h"
#include "net/frames.h"
#include "net/gate.h"
#include "net/tls_socket.h"

namespace cmq::net {

struct FrameCounters {
    std::atomic<std::uint64_t> frames_in = 0, frames_out = 0, bytes_in = 0, bytes_out = 0;
    std::atomic<std::uint64_t> connects = 0;

    FrameCounts read(bool connected) const;
};

/// Told on the connection's loop.
class FrameOwner {
public:
    virtual ~FrameOwner() = default;
    /// The peer's certificate is good: is it one whom we want?
    virtual Status admit(FrameConnection& connection) = 0;
    virtual FrameSink on_up(const std::shared_ptr<FrameConnection>& connection) = 0;
    /// Once, unless the owner is gone; before the sink is told.
    virtual void on_closed(FrameConnection& connection, const std::string& why) = 0;

    Gate gate;  // the sink is told through it
};

class FrameConnection : public std::enable_shared_from_this<FrameConnection> {
public:
    enum class Side { connecting, accepting };

    struct Options {
        Side side;
        std::vector<std::string> protocols;  // offered or taken
        FrameLimits limits;
        std::shared_ptr<FrameCounters> counters;
    };

    /// `socket` belongs to `io`.
    FrameConnection(boost::asio::io_context& io, boost::asio::ip::tcp::socket socket,
                    const PeerTls& tls, Options options, std::weak_ptr<FrameOwner> owner);

    void start();  // on the loop

    bool send(Pieces pieces, Room room);    // any thread
    void close(std::string why);            // any thread; no frame is delivered after this one
    void post(std::function<void()> work);  // any thread; runs on the loop

    const PeerName& peer() const { return peer_; }  // since admit
    const std::string& protocol() const { return protocol_; }

    /// Where it counts from now on.
    void count_in(std::shared_ptr<FrameCounters> counters) { counters_ = std::move(counters); }

private:
    using Failure = boost::system::error_code;
    using Wants = TlsSocket::Wants;

    template <class Next>
    void wait(Wants what, Next next);
    std::string welcome_missing() const;
    void shake_hands();
    void shaken();
    void come_up();
    void read();
    void deliver();
    void take(std::string_view frame);
    bool push(Pieces pieces, Room room);
    void flush();
    void encrypt();
    std::size_t unsent() const { return queue_.bytes() + socket_.unsent(); }
    void count_written(std::size_t bytes);
    void limit_time();
    void tick_later();
    void tick();
    void watch(bool progress, unsigned& idle, const char* complaint);
    void shut(const std::string& why);

    boost::asio::io_context& io_;
    const Side side_;
    const std::vector<std::string> protocols_;
    const FrameLimits limits_;
    TlsSocket socket_;
    std::shared_ptr<FrameCounters> counters_;
    const std::weak_ptr<FrameOwner> owner_;
    PeerName peer_;
    std::string protocol_;
    FrameReader reader_;
    FrameQueue queue_;
    FrameSink sink_;
    boost::asio::steady_timer timer_;
    std::atomic<bool> ending_ = false;
    bool blocked_ = false;  // the socket takes no more for now, and flush waits for it
    bool shaken_ = false, up_ = false, closed_ = false;
    bool heard_ = false, wrote_ = false;  // since the last tick
    unsigned silent_ = 0, stuck_ = 0;     // ticks
    std::uint64_t key_records_ = 0;       // written with the present key
};

}  // namespace cmq::net
