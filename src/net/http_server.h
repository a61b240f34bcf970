// net/http_server.h: HTTP/1.1 and HTTPS requests in, answers out; hides Asio and OpenSSL.
//
// Limits and framing rules are checked here, before anybody looks at a signature: see Limits.
// A request that waits for its answer costs an object, not a thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "net/http_types.h"
#include "net/loops.h"
#include "net/tls.h"

namespace cmq::net {

/// The right to answer one request. Copyable, used from any thread; the first send counts. A
/// request that is dropped unanswered gets 500.
class Answer {
public:
    /// `written` is told once whether all bytes went to the kernel: on the connection's loop, or
    /// at once on this thread when the connection is gone.
    void send(Response response, std::function<void(bool)> written = {}) const;
    /// As send; `make` runs on the connection's loop, so that the caller need not do the work.
    void send_made(std::function<Response()> make, std::function<void(bool)> written = {}) const;
    /// `gone` runs (on the connection's loop, once) when the client goes away before the answer is
    /// sent, which includes that it ends its own side; on this thread when it has gone already.
    void on_gone(std::function<void()> gone) const;

    struct Slot;
    explicit Answer(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}

private:
    std::shared_ptr<Slot> slot_;
};

/// One listener. Handlers run on the loops; after stop() until the server is drained or the loops
/// stop, so that what a handler uses outlives both.
class HttpServer {
public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;    // 0: any free one
        std::shared_ptr<Tls> tls;  // none: plain HTTP
        Limits limits;
    };
    using Handler = std::function<void(Request, Answer)>;

    /// Listens when it returns. errors  busy: the port is taken; invalid: the address; io.
    static Result<std::unique_ptr<HttpServer>> open(Loops& loops, Options options, Handler handler);
    ~HttpServer();

    std::uint16_t port() const;

    /// No new connections; each that is there ends with the answer to its next request (which says
    /// `Connection: close`), so that no client writes into one that is being closed. Returns at
    /// once.
    void dismiss();
    /// No new connections; idle ones are closed, busy ones after the answer to their last request
    /// (which says `Connection: close`). Returns at once.
    void stop();
    /// Waits until all connections are closed; false: some were still open after `patience`.
    bool wait_drained(std::chrono::milliseconds patience) const;

    struct Counts {
        std::uint64_t connections = 0, accepted = 0, requests = 0, refused = 0;
        std::uint64_t bytes_in = 0, bytes_out = 0;
    };
    Counts counts() const;

private:
    struct Parts;
    explicit HttpServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::net
