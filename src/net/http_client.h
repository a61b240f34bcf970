// net/http_client.h: asynchronous HTTP/1.1 requests over one kept connection; hides Asio and TLS.
//
//     send ──► waiting ──(connected, window free)──► written ──► answered
//                 ▲ │                                   │
//                 │ └─ time is up: unreachable          ├─ connection or time lost: unknown_outcome
//                 └── the server said `close` before ───┘
//
// Requests are pipelined: up to `window` are written before the first is answered, and answers are
// matched in order. A request is not written again after a failure: what became of it is the
// caller's question. Requests that were certainly not looked at go out on the next connection:
// those never written, and those behind an answer with `Connection: close` (RFC 9112, 9.6).
//
// Not for: redirects, compression, chunked answers, proxies.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/loops.h"

namespace cmq::net {

enum class Scheme { http, https };

struct Endpoint {
    Scheme scheme = Scheme::http;
    std::string host;  // name or address; IPv6 without brackets
    std::uint16_t port = 80;

    /// "https://broker:9443", "http://[::1]:8080/". errors  invalid: anything but a scheme, a host,
    /// a port and a slash.
    static Result<Endpoint> parse(std::string_view url);
    std::string authority() const;  // host:port, as in the Host header; brackets around IPv6
    std::string url() const;
};

class HttpClient {
public:
    /// What becomes of waiting requests when no connection can be made.
    enum class Unreachable {
        keep_trying,  // they wait for one until their own time is up
        fail_fast     // they fail with the first failure
    };

    struct Options {
        std::filesystem::path ca_file;     // PEM; none: the system's. The host is always verified
        std::size_t window = 64;           // written requests without an answer
        std::size_t waiting_max = 10'000;  // beyond it: throttled
        std::size_t answer_bytes = 32 << 20;  // a longer answer ends the connection
        std::chrono::milliseconds connect_time{5'000};
        std::chrono::milliseconds backoff_first{10};  // doubles with each failure
        std::chrono::milliseconds backoff_max{1'000};
        Unreachable unreachable = Unreachable::keep_trying;
    };

    struct Request {
        std::string method = "GET";
        std::string target = "/";                                  // path and query, encoded
        std::vector<std::pair<std::string, std::string>> headers;  // besides Host, Content-Length
        std::string body;
        std::chrono::milliseconds timeout{30'000};  // from send to the last byte of the answer
    };

    struct Response {
        int status = 0;
        std::string content_type;
        std::string body;
    };

    /// errors of an answer
    ///   unreachable      never looked at: no connection in time, or TLS refused (says why)
    ///   unknown_outcome  written, and the connection or the time ended before the answer
    ///   throttled        more than waiting_max are waiting
    using Answered = std::function<void(Result<Response>)>;

    /// Connects with the first request. errors  invalid: the CA file (names it).
    static Result<HttpClient> open(Loops& loops, Endpoint endpoint, Options options);

    /// Any thread; requests of one thread go out in its order. `answered` runs once, on the
    /// client's loop; requests that it sends go out in one write.
    void send(Request request, Answered answered);

    /// Runs `task` on the client's loop.
    void post(std::function<void()> task);

    /// Closes the connection and drops what is not answered, without calling it back; a callback
    /// that is running now may still finish afterwards.
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    const Endpoint& endpoint() const;

    struct Parts;

private:
    explicit HttpClient(std::shared_ptr<Parts> parts);
    std::shared_ptr<Parts> parts_;
};

/// The first answer in `bytes`, for tests and fuzzers.
struct ParsedAnswer {
    HttpClient::Response response;
    std::size_t bytes = 0;  // how long it was
    bool close = false;     // the server will end the connection
};
/// Nothing: it is not complete yet. Skips answers of 1xx. A `Content-Length` is required but for
/// 204 and 304. errors  invalid: not an answer, or longer than `body_max`.
Result<std::optional<ParsedAnswer>> parse_answer(std::string_view bytes, std::size_t body_max);

}  // namespace cmq::net
