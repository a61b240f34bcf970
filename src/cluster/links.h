// cluster/links.h: what nodes say to each other, over three streams to each peer:
//
//     consensus   messages, which may be lost: Raft sends again
//     calls       requests and answers: forwarded client requests, long polls among them
//     bulk        the same for what is long: bodies, chunks of snapshots
//
// Each is a connection of its own, so that bulk delays neither a heartbeat nor a call. A node
// connects to those it has something to say to, and answers on the connection that the request
// came on; between two nodes there are up to six.
//
//     call ──► sent ──► answered, or failed there (any code, from there)
//        │        ├──── time is up: timed_out, and the other side is told
//        │        ├──── abandoned: the other side is told; what is on its way is still taken
//        │        └──── the stream ends: unknown_outcome, at once
//        └── not connected: unreachable; queue or table full: throttled; too long: invalid
//
// Not for: deciding who is a member (the owner says so), retrying (the caller's question).
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/calls.h"
#include "cluster/served.h"
#include "net/alarm.h"
#include "net/frames.h"
#include "raft/types.h"

namespace cmq::cluster {

using CallId = Id<struct CallTag>;
inline constexpr std::size_t streams = 3;

struct StreamFigures {
    net::FrameCounts counts;  // both directions; connects and connected of the one that we hold
    std::string failure;      // why it is not connected; "" while it is
};
using PeerFigures = std::array<StreamFigures, streams>;  // by Stream

class Links {
public:
    struct Options {
        raft::NodeId self;
        std::string cluster;  // 32 hex digits
        net::PeerCredentials credentials;
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;          // 0: any free one
        std::size_t calls_max = 65'536;  // that wait on one stream, each way
        net::FrameLimits limits;         // of each connection; frame_bytes the same on all nodes
        net::Backoff backoff;
    };

    /// Run on event loops, and must not block nor destroy the links. Any may be left out. With
    /// `admit` they may run before open has returned.
    struct Handlers {
        std::function<void(raft::NodeId from, std::string_view bytes)> on_message;
        std::function<void(raft::NodeId from, std::string request, Reply reply)> on_call;
        std::function<void(raft::NodeId from, std::string request, Reply reply)> on_bulk;
        std::function<void(raft::NodeId peer)> on_here;  // consensus messages reach it from now on
        std::function<void(raft::NodeId peer)> on_gone;  // and from now on they do not
        /// May a node of this cluster talk to us? Left out: only who is in set_peers.
        std::function<bool(raft::NodeId peer)> admit;
    };

    /// Listens when it returns, and connects to nobody yet.
    /// errors  invalid: the credentials, or not of this node and cluster, the address; busy: the
    /// port is taken; io.
    static Result<std::unique_ptr<Links>> open(net::Loops& loops, Options options,
                                               Handlers handlers);
    /// No handler runs afterwards, and calls that wait are never answered.
    ~Links();

    /// Whom to connect to, from now on; this node itself is passed over. Who is left out loses its
    /// connections, those from it too unless `admit` says otherwise; on_gone does not run for it.
    /// Not from a handler.
    void set_peers(const std::map<raft::NodeId, net::PeerAddress>& peers);

    /// A consensus message, 1 byte to limits.frame_bytes; its bytes are not copied. False: it is
    /// not sent. True says nothing about its arrival.
    bool send(raft::NodeId to, net::Pieces pieces);

    /// `answered` runs once, on a loop, never from within this call; not at all after cancel.
    CallId call(raft::NodeId to, Stream stream, std::string request, Steady deadline,
                Answered answered);
    /// What runs already is not stopped. Nothing happens to a call that has ended.
    void cancel(CallId call);

    /// The other side is told that nobody waits any more. An answer that has crossed this on the
    /// way is still handed over; without one the call has timed_out at `deadline`.
    void abandon(CallId call, Steady deadline);

    /// No call to `to` that is under way waits longer than until `deadline`.
    void hurry(raft::NodeId to, Stream stream, Steady deadline);

    std::uint16_t port() const;
    std::map<raft::NodeId, PeerFigures> figures() const;

    /// For connections from now on. errors  as open.
    Status renew(const net::PeerCredentials& credentials);
    Stamp certificate_expires() const { return tls_->expires(); }

private:
    struct Peer {
        net::PeerAddress address;
        std::array<std::unique_ptr<net::FrameLink>, streams> links;
    };
    /// A call that failed before it was sent, and is told so by the alarm.
    struct Failed {
        std::uint64_t number = 0;
        Answered answered;
        Error error;
    };

    Links(net::Loops& loops, Options options, Handlers handlers, std::shared_ptr<net::PeerTls> tls);

    Status listen();
    Status admit(const net::PeerName& peer) const;
    net::FrameSink welcome(const net::FrameStream& stream);
    net::FrameSink serve(const net::FrameStream& stream);
    std::shared_ptr<Peer> connect(raft::NodeId to, const net::PeerAddress& address);
    net::FrameLink::Handlers handlers_of(const Route& route);
    std::shared_ptr<Peer> peer(raft::NodeId id) const;
    Status send_request(const Route& route, std::uint64_t number, std::string request) const;
    void send_cancel(const Route& route, std::uint64_t number) const;
    void on_answer(const Route& route, std::string_view bytes);
    void on_stream_down(const Route& route, const std::string& why);
    void drop_calls(const Route& route);
    void fail_later(Failed failed);
    std::optional<Failed> next_failed();
    void on_alarm();

    net::Loops& loops_;
    const Options options_;
    const Handlers handlers_;
    const std::shared_ptr<net::PeerTls> tls_;
    const SystemClock clock_;
    Calls calls_;

    mutable std::mutex mutex_;
    std::map<raft::NodeId, std::shared_ptr<Peer>> peers_;
    std::deque<Failed> failed_;

    net::Alarm alarm_;
    std::unique_ptr<net::FrameServer> server_;
};

}  // namespace cmq::cluster
