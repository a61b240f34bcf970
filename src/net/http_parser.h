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
#include <tl/expected.hpp>

#include "net/http_types.h"

namespace cmq::net {

struct HttpFault {
    int status = 400;  // 400, 413, 414, 415, 431, 505
    std::string what;
};

class HttpParser {
public:
    explicit HttpParser(const Limits& limits) : limits_(&limits) {}

    enum class Need {
        more,    // bytes: `in` holds what was not used, and must be there at the next call
        nothing  // the request is whole: take() gives it, and the parser is ready for the next
    };

    /// Takes what it can use off the front of `in`. After a fault the parser is of no more use.
    tl::expected<Need, HttpFault> feed(std::string_view& in);
    Request take();

    bool begun() const { return begun_; }  // the first byte of a request came
    bool wants_continue();                 // true once: "Expect: 100-continue" and no body yet
    bool keep_alive() const { return keep_alive_; }  // of the request taken last
    bool http_1_0() const { return was_http_1_0_; }  // of the request taken last

private:
    enum class Stage { head, counted, chunk_size, chunk_data, chunk_end, trailer, whole };
    using Fault = std::optional<HttpFault>;

    Fault read_head(std::string_view& in);
    Fault check_head_size(std::string_view head, std::size_t slack) const;
    Fault parse_head(std::string_view head);
    Fault parse_request_line(std::string_view line);
    Fault parse_target(std::string_view target);
    Fault parse_field(std::string_view line);
    Fault check_fields();
    Fault begin_body(const struct BodyFields& fields);
    void read_counted(std::string_view& in);
    Fault read_chunks(std::string_view& in);
    Fault read_chunk_line(std::string_view& in);
    Fault read_chunk_end(std::string_view& in);
    Fault begin_chunk(std::string_view line);
    Fault read_trailer(std::string_view line);

    const Limits* limits_;
    Request request_;
    Stage stage_ = Stage::head;
    std::size_t scanned_ = 0;        // of the head: no end before here
    std::uint64_t left_ = 0;         // of the body or chunk
    std::size_t trailer_bytes_ = 0;  // chunk extensions too: bytes that nobody will see
    std::size_t fields_ = 0;
    bool begun_ = false;
    bool empty_line_ = false;  // stood before the request, and is forgiven once
    bool http_1_0_ = false;
    bool was_http_1_0_ = false;
    bool keep_alive_ = true;
    bool keep_alive_next_ = true;
    bool expects_continue_ = false;
};

}  // namespace cmq::net
