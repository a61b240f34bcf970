// net/http_types.h: a request, a response, and the limits of what is read.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cmq::net {

struct Request {
    std::string method;                                        // as sent
    std::string path;                                          // raw, up to '?'
    std::string query;                                         // raw, after '?'
    std::vector<std::pair<std::string, std::string>> headers;  // as sent, values trimmed
    std::string body;
    std::string remote;  // address:port of the client
    bool secure = false;

    std::string_view header(std::string_view name) const;  // any case; "" when absent
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    bool close = false;  // end the connection, when what came behind it is answered too
};

struct Limits {
    std::size_t request_line_bytes = 64 << 10;
    std::size_t header_bytes = 16 << 10;  // all fields together
    std::size_t header_fields = 100;
    std::size_t body_bytes = 4 << 20;       // counted as it arrives
    std::chrono::seconds request_time{30};  // from its first byte to its last
    std::chrono::seconds idle_time{75};
    std::chrono::seconds stranger_time{5};  // as idle_time, who asked nothing yet, in a crowd
    std::size_t connections = 60'000;
    std::size_t connections_per_address = 45'000;  // others find a place
    std::size_t pipelined = 64;                    // requests of one connection waiting for answers
    std::size_t unread_bytes = 256 << 10;  // of answers; with more, no further request is taken
};

}  // namespace cmq::net
