// net/http_server.h: HTTP/1.1 and HTTPS requests in, answers out; hides Asio, Beast and TLS.
//
// Limits and framing rules are checked here, before anybody looks at a signature: see Limits.
// A request that waits for its answer costs an object, not a thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/loops.h"
#include "net/tls.h"

namespace cmq::net {

struct Request {
    std::string method;                                        // as sent
    std::string path;                                          // raw, up to '?'
    std::string query;                                         // raw, after '?'
    std::vector<std::pair<std::string, std::string>> headers;  // as sent, values trimmed
    std::string body;
    std::string remote;                                        // address:port of the client
    bool secure = false;

    std::string_view header(std::string_view name) const;  // any case; "" when absent
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    bool close = false;  // end the connection after this answer
};

/// The right to answer one request. Copyable, used from any thread; the first send counts. A
/// request that is dropped unanswered gets 500.
class Answer {
public:
    /// `written` is told on the connection's loop whether all bytes went to the kernel.
    void send(Response response, std::function<void(bool)> written = {}) const;
    /// `gone` runs (on the connection's loop, once) when the client goes away before the answer is
    /// sent; at once when it has gone already.
    void on_gone(std::function<void()> gone) const;

    struct Slot;
    explicit Answer(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}

private:
    std::shared_ptr<Slot> slot_;
};

struct Limits {
    std::size_t request_line_bytes = 64 << 10;
    std::size_t header_bytes = 16 << 10;  // all fields together
    std::size_t header_fields = 100;
    std::size_t body_bytes = 4 << 20;     // counted as it arrives
    std::chrono::seconds request_time{30};  // from its first byte to its last
    std::chrono::seconds idle_time{75};
    std::size_t connections = 60'000;
    std::size_t connections_per_address = 60'000;
    std::size_t pipelined = 64;           // requests of one connection waiting for answers
};

/// One listener. Handlers run on the loops.
class HttpServer {
public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;           // 0: any free one
        std::shared_ptr<Tls> tls;         // none: plain HTTP
        Limits limits;
    };
    using Handler = std::function<void(Request, Answer)>;

    /// Listens when it returns. errors  busy: the port is taken; io.
    static Result<std::unique_ptr<HttpServer>> open(Loops& loops, Options options, Handler handler);
    ~HttpServer();

    std::uint16_t port() const;

    /// No new connections; idle ones are closed, busy ones after their answer (which says
    /// `Connection: close`). Returns at once; `drained` tells when all are closed.
    void stop();
    bool drained() const;

    struct Counts {
        std::uint64_t connections = 0, accepted = 0, requests = 0, refused = 0;
        std::uint64_t bytes_in = 0, bytes_out = 0;
    };
    Counts counts() const;

private:
    struct Parts;
    explicit HttpServer(std::shared_ptr<Parts> parts);
    std::shared_ptr<Parts> parts_;
};

}  // namespace cmq::net
