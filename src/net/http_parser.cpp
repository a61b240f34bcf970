#include "net/http_parser.h"

#include <algorithm>

#include "base/text.h"

namespace cmq::net {
namespace {

using Fault = std::optional<HttpFault>;

Fault fault(int status, std::string what) { return HttpFault{status, std::move(what)}; }

constexpr std::size_t chunk_line_max = 1'024;  // a size, and extensions that nobody needs

/// RFC 9110, 5.6.2: what a method or field name is made of.
bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

/// A line feed that no carriage return stands before.
bool has_bare_line_end(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
        if (at == 0 || text[at - 1] != '\r') return true;
    return false;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    if (text.empty() || text.size() > 8) return {};
    std::uint64_t value = 0;
    for (const char c : text) {
        const auto digit = std::string_view("0123456789abcdef").find(lower({&c, 1}));
        if (digit == std::string_view::npos) return {};
        value = value * 16 + digit;
    }
    return value;
}

/// Whether a comma-separated list names `word`, any case.
bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        if (equal_ignoring_case(trimmed(list.substr(0, end)), word)) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
    for (const auto& [given, value] : headers)
        if (equal_ignoring_case(given, name)) return value;
    return {};
}

Fault HttpParser::feed(std::string& in, Need& need) {
    need = Need::more;
    begun_ = begun_ || !in.empty();
    bool whole = false;
    if (stage_ == Stage::head) {
        bool head = false;
        if (auto wrong = read_head(in, head)) return wrong;
        if (!head) return {};
    }
    auto wrong = stage_ == Stage::counted ? read_counted(in, whole) : read_chunks(in, whole);
    if (whole) need = Need::nothing;
    return wrong;
}

Request HttpParser::take() {
    keep_alive_ = keep_alive_next_;
    was_http_1_0_ = http_1_0_;
    stage_ = Stage::head;
    scanned_ = left_ = trailer_bytes_ = fields_ = 0;
    begun_ = http_1_0_ = expects_continue_ = false;
    keep_alive_next_ = true;
    return std::exchange(request_, {});
}

bool HttpParser::wants_continue() {
    return stage_ != Stage::head && std::exchange(expects_continue_, false);
}

Fault HttpParser::read_head(std::string& in, bool& whole) {
    // One empty line before a request is forgiven: some clients send it after a POST.
    if (scanned_ == 0 && in.starts_with("\r\n")) in.erase(0, 2);
    const auto end = in.find("\r\n\r\n", scanned_);
    const std::string_view head = std::string_view(in).substr(0, end);
    const auto line_end = head.find("\r\n");
    if (std::min(line_end, head.size()) > limits_->request_line_bytes)
        return fault(414, "request line is too long");
    if (line_end != head.npos && head.size() - line_end > limits_->header_bytes)
        return fault(431, "header fields are too large");
    if (has_bare_line_end(head)) return fault(400, "a line ends without CR");
    if (end == in.npos) {
        scanned_ = in.size() < 3 ? 0 : in.size() - 3;
        return {};
    }
    if (auto wrong = parse_head(head)) return wrong;
    in.erase(0, end + 4);
    whole = true;
    return {};
}

Fault HttpParser::parse_head(std::string_view head) {
    auto end = std::min(head.find("\r\n"), head.size());
    if (auto wrong = parse_request_line(head.substr(0, end))) return wrong;
    head.remove_prefix(std::min(end + 2, head.size()));
    while (!head.empty()) {
        end = std::min(head.find("\r\n"), head.size());
        if (++fields_ > limits_->header_fields) return fault(431, "too many header fields");
        if (auto wrong = parse_field(head.substr(0, end))) return wrong;
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    return check_fields();
}

Fault HttpParser::parse_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == last) return fault(400, "not an HTTP request line");
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    const auto version = line.substr(last + 1);
    if (!is_token(method)) return fault(400, "malformed method");
    if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.')
        return fault(400, "malformed HTTP version");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return fault(505, "only HTTP/1.1 and 1.0 are spoken here");
    // A blank inside the target is what one SDK sends in a GET; a control byte never is.
    if (target.empty() || has_control(target) || target.find('\t') != target.npos)
        return fault(400, "malformed request target");
    if (target[0] != '/' && !target.starts_with("http://") && !target.starts_with("https://"))
        return fault(400, "malformed request target");
    http_1_0_ = version == "HTTP/1.0";
    auto path = target;
    if (target[0] != '/') {  // absolute form: the path begins behind the authority
        const auto authority = target.find("//") + 2;
        const auto slash = target.find('/', authority);
        path = slash == target.npos ? std::string_view("/") : target.substr(slash);
    }
    const auto question = std::min(path.find('?'), path.size());
    request_.method = method;
    request_.path = path.substr(0, question);
    request_.query = path.substr(std::min(question + 1, path.size()));
    return {};
}

Fault HttpParser::parse_field(std::string_view line) {
    if (line.starts_with(' ') || line.starts_with('\t'))
        return fault(400, "folded header fields are not accepted");
    const auto colon = line.find(':');
    if (colon == line.npos) return fault(400, "a header field has no colon");
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (!is_token(name)) return fault(400, "malformed header field name");
    if (has_control(value)) return fault(400, "a header field holds a control byte");
    request_.headers.emplace_back(name, value);
    return {};
}

Fault HttpParser::check_fields() {
    std::size_t lengths = 0, codings = 0, hosts = 0;
    std::string_view length, coding, expect, connection, encoding;
    for (const auto& [name, value] : request_.headers) {
        if (equal_ignoring_case(name, "content-length")) ++lengths, length = value;
        if (equal_ignoring_case(name, "transfer-encoding")) ++codings, coding = value;
        if (equal_ignoring_case(name, "host")) ++hosts;
        if (equal_ignoring_case(name, "expect")) expect = value;
        if (equal_ignoring_case(name, "connection")) connection = value;
        if (equal_ignoring_case(name, "content-encoding")) encoding = value;
    }
    if (hosts > 1 || (hosts == 0 && !http_1_0_)) return fault(400, "one Host field is needed");
    if (lengths > 0 && codings > 0) return fault(400, "both Content-Length and Transfer-Encoding");
    if (lengths > 1 || codings > 1) return fault(400, "the length of the body is given twice");
    if (!encoding.empty() && !equal_ignoring_case(encoding, "identity"))
        return fault(415, "compressed requests are not accepted");
    keep_alive_next_ = http_1_0_ ? lists(connection, "keep-alive") : !lists(connection, "close");
    expects_continue_ = equal_ignoring_case(expect, "100-continue") && !http_1_0_;
    if (codings > 0) {
        if (http_1_0_ || !equal_ignoring_case(coding, "chunked"))
            return fault(400, "the only transfer coding is chunked");
        stage_ = Stage::chunk_size;
        return {};
    }
    const auto bytes = lengths > 0 ? parse_digits(length) : std::optional<std::uint64_t>(0);
    if (!bytes) return fault(400, "Content-Length is not a number");
    if (*bytes > limits_->body_bytes) return fault(413, "the body is too large");
    left_ = *bytes;
    stage_ = Stage::counted;
    return {};
}

Fault HttpParser::read_counted(std::string& in, bool& whole) {
    if (request_.body.empty() && left_ <= in.size()) {
        request_.body.assign(in, 0, left_);
        in.erase(0, left_);
        left_ = 0;
    } else {
        const auto taken = std::min<std::size_t>(left_, in.size());
        if (request_.body.empty()) request_.body.reserve(left_);
        request_.body.append(in, 0, taken);
        in.erase(0, taken);
        left_ -= taken;
    }
    whole = left_ == 0;
    return {};
}

Fault HttpParser::read_chunks(std::string& in, bool& whole) {
    for (bool more = true; more;) {
        more = false;
        auto wrong = stage_ == Stage::chunk_data || stage_ == Stage::chunk_end
                         ? read_chunk_data(in, more)
                         : read_chunk_line(in, more);
        if (wrong) return wrong;
        if (stage_ == Stage::head) {
            whole = true;
            return {};
        }
    }
    return {};
}

/// A chunk's size, or a line behind the last chunk; those are counted and dropped.
Fault HttpParser::read_chunk_line(std::string& in, bool& more) {
    const auto end = in.find("\r\n");
    const auto line = std::string_view(in).substr(0, end);
    if (has_bare_line_end(line)) return fault(400, "a line ends without CR");
    if (line.size() > chunk_line_max) return fault(400, "a chunk's line is too long");
    if (end == in.npos) return {};
    if (stage_ == Stage::trailer) {
        trailer_bytes_ += line.size() + 2;
        if (trailer_bytes_ > limits_->header_bytes) return fault(431, "trailer is too large");
        if (line.empty()) stage_ = Stage::head;
    } else if (auto wrong = begin_chunk(line)) {
        return wrong;
    }
    in.erase(0, end + 2);
    more = true;
    return {};
}

Fault HttpParser::begin_chunk(std::string_view line) {
    const auto extension = std::min(line.find(';'), line.size());
    if (has_control(line.substr(extension))) return fault(400, "malformed chunk extension");
    const auto size = parse_hex(line.substr(0, extension));
    if (!size) return fault(400, "a chunk's size is not a number");
    if (*size + request_.body.size() > limits_->body_bytes)
        return fault(413, "the body is too large");
    left_ = *size;
    stage_ = *size == 0 ? Stage::trailer : Stage::chunk_data;
    return {};
}

Fault HttpParser::read_chunk_data(std::string& in, bool& more) {
    if (stage_ == Stage::chunk_data) {
        const auto taken = std::min<std::size_t>(left_, in.size());
        request_.body.append(in, 0, taken);
        in.erase(0, taken);
        left_ -= taken;
        if (left_ > 0) return {};
        stage_ = Stage::chunk_end;
    }
    if (in.size() < 2) return in == "" || in == "\r" ? Fault{} : fault(400, "a chunk does not end");
    if (!in.starts_with("\r\n")) return fault(400, "a chunk does not end where it says");
    in.erase(0, 2);
    stage_ = Stage::chunk_size;
    more = true;
    return {};
}

}  // namespace cmq::net
