// client/connection.h: one kept-alive HTTP connection to one endpoint; hides cpp-httplib.
//
// Redirects and decompression are off and answers are capped: a broker needs neither, and who
// stands in its place must not be able to use them. SIGPIPE must be ignored by the process.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "client/endpoint.h"

namespace cmq::client {

inline constexpr std::size_t answer_bytes_max = 32u << 20;

/// One request at a time; `cancel` may come from any thread.
class Connection {
public:
    struct Options {
        std::filesystem::path ca_file{};  // PEM; empty: the system's
        std::chrono::milliseconds connect_time{5000};
        /// SHA-256 of the only CA that counts, in hex, whatever the server is called; in place of
        /// `ca_file`. Empty: none.
        std::string ca_fingerprint{};
    };
    struct Answer {
        int status = 0;
        std::string body;
    };

    /// Does not connect yet. errors  invalid: the CA file cannot be read.
    static Result<Connection> open(Endpoint endpoint, Options options);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    /// Posts a form to the endpoint's path, or gets `path`; waits `limit` for the answer.
    /// errors  unreachable: no connection, TLS refused, or the request did not get out, so that
    ///         nothing was done; timed_out: no answer within `limit`; unknown_outcome: the
    ///         connection ended before the answer; internal: not an answer, or too large.
    Result<Answer> post(const std::string& form, std::chrono::milliseconds limit);
    Result<Answer> get(const std::string& path, std::chrono::milliseconds limit);
    /// The same for JSON, to `path`.
    Result<Answer> post_json(const std::string& path, std::string json,
                             std::chrono::milliseconds limit);

    /// For the next requests: to connect, and as much again for the TLS handshake and for writing.
    void set_connect_time(std::chrono::milliseconds connect_time);

    /// Ends the request that is under way, with unknown_outcome. May be called again.
    void cancel();

    const Endpoint& endpoint() const;

private:
    struct Parts;
    explicit Connection(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::client
