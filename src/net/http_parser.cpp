#include "net/http_parser.h"

#include <algorithm>

#include "base/text.h"

namespace cmq::net {

/// What says how long the body is.
struct BodyFields {
    std::size_t lengths = 0, codings = 0;
    std::string_view length, coding;
};

namespace {

using Fault = std::optional<HttpFault>;

Fault fault(int status, std::string what) { return HttpFault{status, std::move(what)}; }

constexpr std::size_t chunk_line_max = 1'024;   // a size, and extensions that nobody needs
constexpr std::size_t body_reserve = 64 << 10;  // at once; more when it has really come

bool is_token_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// RFC 9110, 5.6.2: what a method or field name is made of.
bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

/// Not the grammar of RFC 3986, only what no host holds and what could be read as two.
bool is_host(std::string_view text) { return text.find_first_of(" \t,/\\?#@<>\"") == text.npos; }

/// A line feed at `from` or behind it that no carriage return stands before.
bool has_bare_line_end(std::string_view text, std::size_t from = 0) {
    for (auto at = text.find('\n', from); at != text.npos; at = text.find('\n', at + 1))
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

struct Field {
    std::string_view name, value;
};

tl::expected<Field, HttpFault> read_field(std::string_view line) {
    const auto refuse = [](const char* what) { return tl::unexpected(HttpFault{400, what}); };
    if (line.starts_with(' ') || line.starts_with('\t'))
        return refuse("folded header fields are not accepted");
    const auto colon = line.find(':');
    if (colon == line.npos) return refuse("a header field has no colon");
    const Field field{line.substr(0, colon), trimmed(line.substr(colon + 1))};
    if (!is_token(field.name)) return refuse("malformed header field name");
    if (has_control(field.value)) return refuse("a header field holds a control byte");
    return field;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
    for (const auto& [given, value] : headers)
        if (equal_ignoring_case(given, name)) return value;
    return {};
}

tl::expected<HttpParser::Need, HttpFault> HttpParser::feed(std::string_view& in) {
    if (stage_ == Stage::head) {
        if (auto wrong = read_head(in)) return tl::unexpected(*std::move(wrong));
        if (stage_ == Stage::head) return Need::more;
    }
    if (stage_ == Stage::counted) {
        read_counted(in);
    } else if (auto wrong = read_chunks(in)) {
        return tl::unexpected(*std::move(wrong));
    }
    return stage_ == Stage::whole ? Need::nothing : Need::more;
}

Request HttpParser::take() {
    auto request = std::exchange(request_, {});
    const auto keep_alive = keep_alive_next_;
    const auto http_1_0 = http_1_0_;
    *this = HttpParser(*limits_);
    keep_alive_ = keep_alive;
    was_http_1_0_ = http_1_0;
    return request;
}

bool HttpParser::wants_continue() {
    return stage_ != Stage::head && std::exchange(expects_continue_, false);
}

Fault HttpParser::read_head(std::string_view& in) {
    if (!begun_) {
        // One empty line before a request is forgiven: some clients send it after a POST.
        if (!empty_line_ && in == "\r") return {};
        if (!empty_line_ && in.starts_with("\r\n")) {
            empty_line_ = true;
            in.remove_prefix(2);
        }
        if (in.empty()) return {};
        // At once, for those who speak TLS to a plain port and wait for an answer.
        if (!is_token_byte(in.front())) return fault(400, "not an HTTP request");
        begun_ = true;
    }
    const auto end = in.find("\r\n\r\n", scanned_);
    const auto head = in.substr(0, end);
    // What is not whole may hold a part of its end, which does not count.
    if (auto wrong = check_head_size(head, end == in.npos ? 3 : 0)) return wrong;
    if (has_bare_line_end(head, scanned_)) return fault(400, "a line ends without CR");
    if (end == in.npos) {
        scanned_ = in.size() < 3 ? 0 : in.size() - 3;
        return {};
    }
    if (auto wrong = parse_head(head)) return wrong;
    in.remove_prefix(end + 4);
    return {};
}

Fault HttpParser::check_head_size(std::string_view head, std::size_t slack) const {
    const auto found = head.find("\r\n");
    const auto line = std::min(found, head.size());
    if (line > limits_->request_line_bytes + (found == head.npos ? 1 : 0))  // 1: its CR
        return fault(414, "the request line is longer than " +
                              std::to_string(limits_->request_line_bytes) + " bytes");
    if (head.size() - line > limits_->header_bytes + slack)
        return fault(431, "the header fields are longer than " +
                              std::to_string(limits_->header_bytes) + " bytes");
    return {};
}

Fault HttpParser::parse_head(std::string_view head) {
    auto end = std::min(head.find("\r\n"), head.size());
    if (auto wrong = parse_request_line(head.substr(0, end))) return wrong;
    head.remove_prefix(std::min(end + 2, head.size()));
    while (!head.empty()) {
        end = std::min(head.find("\r\n"), head.size());
        if (auto wrong = parse_field(head.substr(0, end))) return wrong;
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    return check_fields();
}

Fault HttpParser::parse_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == last) return fault(400, "not an HTTP request line");
    const auto version = line.substr(last + 1);
    if (!is_token(line.substr(0, first))) return fault(400, "malformed method");
    if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.')
        return fault(400, "malformed HTTP version");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return fault(505, "only HTTP/1.1 and 1.0 are spoken here");
    http_1_0_ = version == "HTTP/1.0";
    request_.method = line.substr(0, first);
    return parse_target(line.substr(first + 1, last - first - 1));
}

Fault HttpParser::parse_target(std::string_view target) {
    // A blank inside the target is what one SDK sends in a GET; a control byte never is.
    if (target.empty() || has_control(target) || target.find('\t') != target.npos ||
        target.starts_with(' ') || target.ends_with(' '))
        return fault(400, "malformed request target");
    if (target[0] != '/') {  // absolute form: the path begins behind the authority
        if (!target.starts_with("http://") && !target.starts_with("https://"))
            return fault(400, "malformed request target");
        target.remove_prefix(target.find("//") + 2);
        target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    }
    const auto question = std::min(target.find('?'), target.size());
    request_.path = question == 0 ? std::string_view("/") : target.substr(0, question);
    request_.query = target.substr(std::min(question + 1, target.size()));
    return {};
}

Fault HttpParser::parse_field(std::string_view line) {
    if (++fields_ > limits_->header_fields)
        return fault(431, "more than " + std::to_string(limits_->header_fields) + " header fields");
    const auto field = read_field(line);
    if (!field) return field.error();
    request_.headers.emplace_back(field->name, field->value);
    return {};
}

Fault HttpParser::check_fields() {
    BodyFields body;
    std::size_t hosts = 0;
    bool close = false, stay = false;
    for (const auto& field : request_.headers) {
        const auto& value = field.second;
        const auto is = [&field](std::string_view name) {
            return equal_ignoring_case(field.first, name);
        };
        if (is("content-length")) ++body.lengths, body.length = value;
        if (is("transfer-encoding")) ++body.codings, body.coding = value;
        if (is("host") && (++hosts > 1 || !is_host(value))) return fault(400, "malformed Host");
        if (is("expect")) expects_continue_ = equal_ignoring_case(value, "100-continue");
        if (is("connection")) close = close || lists(value, "close");
        if (is("connection")) stay = stay || lists(value, "keep-alive");
        if (is("content-encoding") && !value.empty() && !equal_ignoring_case(value, "identity"))
            return fault(415, "compressed requests are not accepted");
    }
    if (hosts == 0 && !http_1_0_) return fault(400, "a Host field is needed");
    keep_alive_next_ = !close && (stay || !http_1_0_);
    expects_continue_ = expects_continue_ && !http_1_0_;
    return begin_body(body);
}

Fault HttpParser::begin_body(const BodyFields& fields) {
    if (fields.lengths > 0 && fields.codings > 0)
        return fault(400, "both Content-Length and Transfer-Encoding");
    if (fields.lengths > 1 || fields.codings > 1)
        return fault(400, "the length of the body is given twice");
    if (fields.codings > 0) {
        if (http_1_0_ || !equal_ignoring_case(fields.coding, "chunked"))
            return fault(400, "the only transfer coding is chunked, in HTTP/1.1");
        stage_ = Stage::chunk_size;
        return {};
    }
    const auto bytes = fields.lengths > 0 ? parse_digits(fields.length) : 0;
    if (!bytes) return fault(400, "Content-Length is not a number");
    if (*bytes > limits_->body_bytes)
        return fault(413,
                     "the body is longer than " + std::to_string(limits_->body_bytes) + " bytes");
    left_ = *bytes;
    stage_ = Stage::counted;
    return {};
}

void HttpParser::read_counted(std::string_view& in) {
    const auto taken = std::min<std::size_t>(left_, in.size());
    if (request_.body.empty()) request_.body.reserve(std::min<std::size_t>(left_, body_reserve));
    request_.body.append(in, 0, taken);
    in.remove_prefix(taken);
    left_ -= taken;
    if (left_ == 0) stage_ = Stage::whole;
}

Fault HttpParser::read_chunks(std::string_view& in) {
    while (stage_ != Stage::whole) {
        const auto before = in.size();
        Fault wrong;
        if (stage_ == Stage::chunk_data) {
            const auto taken = std::min<std::size_t>(left_, in.size());
            request_.body.append(in, 0, taken);
            in.remove_prefix(taken);
            left_ -= taken;
            if (left_ == 0) stage_ = Stage::chunk_end;
        } else {
            wrong = stage_ == Stage::chunk_end ? read_chunk_end(in) : read_chunk_line(in);
        }
        if (wrong || in.size() == before) return wrong;
    }
    return {};
}

/// A chunk's size, or a line behind the last chunk; those are checked, counted and dropped.
Fault HttpParser::read_chunk_line(std::string_view& in) {
    const auto end = in.find("\r\n");
    const auto line = in.substr(0, end);
    if (has_bare_line_end(line)) return fault(400, "a line ends without CR");
    const std::size_t slack = end == in.npos ? 1 : 0;  // a part of its end
    if (stage_ == Stage::chunk_size && line.size() > chunk_line_max + slack)
        return fault(400, "the line of a chunk is too long");
    if (trailer_bytes_ + line.size() > limits_->header_bytes + slack)
        return fault(431, "the fields behind the body are too long");
    if (end == in.npos) return {};
    in.remove_prefix(end + 2);
    return stage_ == Stage::trailer ? read_trailer(line) : begin_chunk(line);
}

Fault HttpParser::begin_chunk(std::string_view line) {
    const auto extension = std::min(line.find(';'), line.size());
    if (has_control(line.substr(extension))) return fault(400, "malformed chunk extension");
    trailer_bytes_ += line.size() - extension;
    const auto size = parse_hex(line.substr(0, extension));
    if (!size) return fault(400, "the size of a chunk is not a number");
    if (*size + request_.body.size() > limits_->body_bytes)
        return fault(413,
                     "the body is longer than " + std::to_string(limits_->body_bytes) + " bytes");
    left_ = *size;
    stage_ = left_ == 0 ? Stage::trailer : Stage::chunk_data;
    return {};
}

Fault HttpParser::read_trailer(std::string_view line) {
    if (line.empty()) {
        stage_ = Stage::whole;
        return {};
    }
    trailer_bytes_ += line.size() + 2;
    if (++fields_ > limits_->header_fields)
        return fault(431, "more than " + std::to_string(limits_->header_fields) + " header fields");
    if (const auto field = read_field(line); !field) return field.error();
    return {};
}

Fault HttpParser::read_chunk_end(std::string_view& in) {
    constexpr std::string_view line_end = "\r\n";
    if (!line_end.starts_with(in.substr(0, 2)))
        return fault(400, "a chunk does not end where it says");
    if (in.size() < 2) return {};
    in.remove_prefix(2);
    stage_ = Stage::chunk_size;
    return {};
}

}  // namespace cmq::net
