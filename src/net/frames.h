// net/frames.h: frames between nodes over mutual TLS; hides Asio and OpenSSL.
//
//     FrameLink (who has something to say)                         FrameServer (who listens)
//
//     resting ─► connecting ─► TLS, both show certificates ──────► admit? ──no──► closed, logged
//        ▲            │                                               │yes
//        │            ▼                                               ▼
//        └──────── failed, lost ◄──────────── up ◄──── welcome ────── up
//
// A frame is bytes with a length in front (net/frame_reader.h); both sides send them. An empty one
// is a sign of life, sent when there is nothing else to say: who is silent for `idle_time`, or does
// not read for as long, is given up.
//
// What a connection is for is its protocol, agreed in the handshake (ALPN): a name with a version,
// such as "cmq-calls/1". A node has one connection a protocol; a newer one ends the older.
//
// Callbacks run on event loops and must not block. Those of one connection come one after another,
// those of different ones may come at once. When the destructor of a server or link returns none
// of its own runs any more.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/frame_queue.h"
#include "net/loops.h"
#include "net/peer_tls.h"

namespace cmq::net {

struct FrameLimits {
    std::size_t frame_bytes = 16 << 20;            // a longer one ends the connection
    std::size_t queue_bytes = 64 << 20;            // of one connection, not written yet
    std::chrono::milliseconds connect_time{5000};  // TCP; then TLS and welcome once more
    std::chrono::milliseconds idle_time{3000};
    std::uint64_t key_records = 1 << 22;  // TLS 1.3 takes a new key after so many
    std::size_t strangers = 256;          // connections that are not admitted yet
    std::size_t strangers_per_address = 32;
};

/// Since the link or server was opened, over all connections. Signs of life do not count as frames.
struct FrameCounts {
    std::uint64_t frames_in = 0, frames_out = 0, bytes_in = 0, bytes_out = 0;
    std::uint64_t connects = 0;  // that were admitted
    bool connected = false;
};

struct FrameSink {
    std::function<void(std::string_view bytes)> on_frame;  // valid until it returns
    std::function<void(const std::string& why)> on_down;   // once; the last
};

class FrameConnection;

/// One connection from a peer, which it may outlive. Copyable, any thread.
class FrameStream {
public:
    explicit FrameStream(const std::shared_ptr<FrameConnection>& connection);

    /// As FrameLink::send.
    bool send(Pieces pieces, Room room = Room::usual) const;
    void close(std::string why) const;
    /// Runs `work` on the connection's loop, unless the loops stop first. False: it is gone.
    bool post(std::function<void()> work) const;

    const PeerName& peer() const { return peer_; }
    const std::string& protocol() const { return protocol_; }

private:
    PeerName peer_;
    std::string protocol_;
    std::weak_ptr<FrameConnection> connection_;
};

class FrameServer {
public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;  // 0: any free one
        std::shared_ptr<PeerTls> tls;
        std::vector<std::string> protocols;
        FrameLimits limits;
    };
    struct Handlers {
        /// May this node talk to us? Its certificate is good; the message of an error is logged.
        std::function<Status(const PeerName&)> admit;
        std::function<FrameSink(FrameStream)> on_up;
    };

    /// Listens when it returns. errors  busy: the port is taken; invalid: the address; io.
    static Result<std::unique_ptr<FrameServer>> open(Loops& loops, Options options,
                                                     Handlers handlers);
    ~FrameServer();

    std::uint16_t port() const;
    /// Asks `admit` about everybody again, and ends the connections of those whom it refuses now.
    void recheck();
    FrameCounts counts(const PeerName& peer, const std::string& protocol) const;

    struct Parts;

private:
    explicit FrameServer(std::shared_ptr<Parts> parts);
    std::shared_ptr<Parts> parts_;
};

struct PeerAddress {
    std::string host;  // name or address; IPv6 without brackets
    std::uint16_t port = 0;
    friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

/// Between attempts to connect: doubles from `first` to `longest` until a peer welcomes us. Each
/// rest is shortened by a random part, so that nodes do not come back in step.
struct Backoff {
    std::chrono::milliseconds first{20};
    std::chrono::milliseconds longest{2'000};
    unsigned jitter_percent = 50;  // at most so much shorter; 0 to 100
};

/// Keeps one connection to one peer, as far as there is one to be had.
class FrameLink {
public:
    struct Options {
        PeerAddress address;
        PeerName peer;  // whom the certificate there must name
        std::shared_ptr<PeerTls> tls;
        std::string protocol;
        FrameLimits limits;
        Backoff backoff;
    };
    struct Handlers {
        std::function<void()> on_up;
        FrameSink sink;
    };

    /// Begins to connect, and says in the log when it succeeds or fails.
    static std::unique_ptr<FrameLink> open(Loops& loops, Options options, Handlers handlers);
    ~FrameLink();

    /// One frame, whose bytes are not copied; 1 byte to `frame_bytes`. Any thread; frames of one
    /// thread arrive in its order. False: not connected, or `queue_bytes` are waiting. True says
    /// nothing about its arrival.
    bool send(Pieces pieces, Room room = Room::usual);

    FrameCounts counts() const;
    std::string failure() const;  // why there is no connection; "" while there is one

    struct Parts;

private:
    explicit FrameLink(std::shared_ptr<Parts> parts);
    std::shared_ptr<Parts> parts_;
};

}  // namespace cmq::net
