// net/http_parser.h: HTTP/1.1 requests, strictly. Pure; fed piece by piece.
//
// What is ambiguous is refused, because two readers of an ambiguous request disagree about where
// the next one begins: both lengths, repeated or non-digit lengths, codings other than chunked,
// bare LF, blank before a colon, folding, control bytes. Source: RFC 9112.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_types.h"

namespace cmq::net {

struct HttpFault {
    int status = 400;  // 400, 413, 414, 415, 431, 501, 505
    std::string what;
};

class HttpParser {
public:
    explicit HttpParser(const Limits& limits) : limits_(&limits) {}

    enum class Need { more, nothing };  // nothing: the request is whole

    /// Takes bytes off the front of `in` (what it took is gone from it).
    /// After `nothing`, take() gives the request and the parser is ready for the next.
    std::optional<HttpFault> feed(std::string& in, Need& need);
    Request take();

    bool begun() const { return begun_; }  // the first byte of a request came
    bool wants_continue();                 // true once: "Expect: 100-continue" and no body yet
    bool keep_alive() const { return keep_alive_; }  // of the request taken last
    bool http_1_0() const { return was_http_1_0_; }  // of the request taken last

private:
    enum class Stage { head, counted, chunk_size, chunk_data, chunk_end, trailer };

    std::optional<HttpFault> read_head(std::string& in, bool& whole);
    std::optional<HttpFault> parse_head(std::string_view head);
    std::optional<HttpFault> parse_request_line(std::string_view line);
    std::optional<HttpFault> parse_field(std::string_view line);
    std::optional<HttpFault> check_fields();
    std::optional<HttpFault> read_counted(std::string& in, bool& whole);
    std::optional<HttpFault> read_chunks(std::string& in, bool& whole);
    std::optional<HttpFault> read_chunk_line(std::string& in, bool& more);
    std::optional<HttpFault> read_chunk_data(std::string& in, bool& more);
    std::optional<HttpFault> begin_chunk(std::string_view line);

    const Limits* limits_;
    Request request_;
    Stage stage_ = Stage::head;
    std::size_t scanned_ = 0;  // of the head: no end before here
    std::uint64_t left_ = 0;   // of the body or chunk
    std::size_t trailer_bytes_ = 0;
    std::size_t fields_ = 0;
    bool begun_ = false;
    bool http_1_0_ = false;
    bool was_http_1_0_ = false;
    bool keep_alive_ = true;
    bool keep_alive_next_ = true;
    bool expects_continue_ = false;
};

}  // namespace cmq::net
