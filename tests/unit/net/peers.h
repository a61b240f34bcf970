// unit/net/peers.h: a cluster's certificates, servers and links that write down what they are told,
// and a peer of our own making that keeps no rules.
#pragma once

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "net/frames.h"
#include "net/tls.h"

namespace cmq::net {

inline Stamp now() { return SystemClock().wall(); }

/// A cluster: its CA, its id, and a certificate for whoever asks.
class Certificates {
public:
    explicit Certificates(char digit = '0') : cluster(32, digit) {
        const auto made = make_authority("cluster CA", now());
        REQUIRE(made);
        authority = *made;
    }
    PeerName name(std::uint64_t node) const { return {cluster, node}; }
    PeerCredentials credentials(const PeerName& who) const {
        const auto issued = issue_node_certificate(authority, who, now());
        REQUIRE(issued);
        return {authority.certificate, issued->certificate, issued->key};
    }
    std::shared_ptr<PeerTls> tls(const PeerName& who) const {
        const auto made = PeerTls::make(credentials(who));
        REQUIRE(made);
        return *made;
    }
    std::shared_ptr<PeerTls> tls(std::uint64_t node) const { return tls(name(node)); }

    std::string cluster;
    Identity authority;
};

/// What happened, in order, as text.
class Diary {
public:
    void write(std::string line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
        written_.notify_all();
    }
    /// The next line, when it is there.
    std::string next() {
        std::unique_lock lock(mutex_);
        if (!written_.wait_for(lock, patience, [this] { return !lines_.empty(); }))
            return "(nothing happens)";
        auto line = std::move(lines_.front());
        lines_.pop_front();
        return line;
    }
    bool empty() const {
        const std::lock_guard lock(mutex_);
        return lines_.empty();
    }

    static constexpr std::chrono::seconds patience{60};

private:
    mutable std::mutex mutex_;
    std::condition_variable written_;
    std::deque<std::string> lines_;
};

inline const std::string protocol = "cmq-test/1";

inline Pieces frame(std::string bytes) { return {make_blob(std::move(bytes))}; }

/// Node 1, to whom nodes below 100 may talk. Lines: "up 2", "2: bytes", "down 2: why". A frame
/// "echo x" is answered with "x".
class Listening {
public:
    explicit Listening(Loops& loops, const Certificates& certificates, FrameLimits limits = {},
                       std::uint16_t port = 0);
    Diary diary;
    std::uint64_t admitted_below = 100;  // change it before a recheck only
    FrameServer& server() { return *server_; }
    std::uint16_t port() const { return server_->port(); }
    FrameStream stream(std::uint64_t node);  // the newest
    void stop() { server_.reset(); }

private:
    FrameSink welcome(const FrameStream& stream);

    std::mutex mutex_;
    std::map<std::uint64_t, FrameStream> streams_;
    std::unique_ptr<FrameServer> server_;
};

/// A link to node 1. Lines: "up", "bytes", "down: why".
class Linked {
public:
    Linked(Loops& loops, const Certificates& certificates, std::uint64_t node, std::uint16_t port,
           FrameLimits limits = {});
    Linked(Loops& loops, FrameLink::Options options);
    Diary diary;
    FrameLink& link() { return *link_; }
    void stop() { link_.reset(); }
    static FrameLink::Options options(const Certificates& certificates, std::uint64_t node,
                                      std::uint16_t port);

private:
    std::unique_ptr<FrameLink> link_;
};

/// Waits until `condition` holds; the loops do the work meanwhile.
template <class Condition>
bool eventually(Condition condition) {
    const SystemClock clock;
    const auto end = clock.steady() + Diary::patience;
    while (!condition()) {
        if (clock.steady() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

/// One end of a connection, blocking, with OpenSSL as it comes.
class RawPeer {
public:
    /// Connects. No credentials: it shows no certificate.
    RawPeer(std::uint16_t port, const std::optional<PeerCredentials>& credentials,
            const std::string& offer = protocol, int newest = TLS1_3_VERSION);
    /// Accepts.
    RawPeer(const class RawListener& listener, const PeerCredentials& credentials);
    ~RawPeer();

    bool connected() const { return connected_; }
    void write(std::string_view bytes);
    void write_frame(std::string_view bytes);
    std::string read_frame();  // "(end)" at the end
    std::string version() const { return SSL_get_version(ssl_.get()); }

private:
    static void ignore_broken_pipes();
    void show(const PeerCredentials& credentials);
    bool fill(std::size_t count);

    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
    std::string in_;
    int socket_;
    bool connected_ = false;
};

/// A socket without TLS.
class RawSocket {
public:
    explicit RawSocket(std::uint16_t port);  // connects
    RawSocket(RawSocket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
    RawSocket& operator=(RawSocket&&) = delete;
    ~RawSocket();

    void write(std::string_view bytes);
    bool ends();  // waits: the next thing to be read is the end

private:
    int socket_;
};

/// A socket that listens on a free port of 127.0.0.1, for RawPeer.
class RawListener {
public:
    RawListener();
    ~RawListener();
    int socket() const { return socket_; }
    std::uint16_t port() const { return port_; }

private:
    int socket_;
    std::uint16_t port_ = 0;
};

}  // namespace cmq::net
