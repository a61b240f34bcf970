#include <optional>

#include "base/text.h"
#include "net/http_client.h"

namespace cmq::net {

Result<Endpoint> Endpoint::parse(std::string_view url) {
    const auto wrong = [&](std::string_view what) {
        return fail(Code::invalid, "endpoint \"" + std::string(url) + "\": " + std::string(what));
    };
    Endpoint endpoint;
    auto rest = url;
    if (rest.rfind("https://", 0) == 0) {
        endpoint.scheme = Scheme::https;
        endpoint.port = 443;
        rest.remove_prefix(8);
    } else if (rest.rfind("http://", 0) == 0) {
        rest.remove_prefix(7);
    } else {
        return wrong("must begin with http:// or https://");
    }
    if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
    const auto bracket = rest.empty() || rest[0] != '[' ? rest.npos : rest.find(']');
    const auto colon = rest.find(':', bracket == rest.npos ? 0 : bracket);
    const auto host = rest.substr(0, colon);
    if (colon != rest.npos) {
        const auto port = parse_digits(rest.substr(colon + 1));
        if (!port || *port == 0 || *port > 65'535) return wrong("the port must be 1 to 65535");
        endpoint.port = static_cast<std::uint16_t>(*port);
    }
    endpoint.host = bracket == rest.npos ? host : host.substr(1, bracket - 1);
    if (endpoint.host.empty() || endpoint.host.find_first_of("/?#@[] \r\n") != std::string::npos)
        return wrong("a host, and nothing after the port");
    return endpoint;
}

std::string Endpoint::authority() const {
    const bool version_6 = host.find(':') != host.npos;
    return (version_6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Endpoint::url() const {
    return (scheme == Scheme::https ? "https://" : "http://") + authority();
}

namespace {

constexpr std::size_t head_bytes_max = 16 << 10;

struct Head {
    int status = 0;
    std::optional<std::uint64_t> length;
    std::string_view content_type;
    bool close = false;
};

Status read_field(std::string_view line, Head& head) {
    const auto colon = line.find(':');
    if (colon == line.npos) return fail(Code::invalid, "an answer's header line without a colon");
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (equal_ignoring_case(name, "content-length")) {
        const auto length = parse_digits(value);
        if (!length || (head.length && *head.length != *length))
            return fail(Code::invalid, "an answer's Content-Length is not one number");
        head.length = length;
    } else if (equal_ignoring_case(name, "transfer-encoding")) {
        return fail(Code::invalid, "an answer without Content-Length");
    } else if (equal_ignoring_case(name, "content-type")) {
        head.content_type = value;
    } else if (equal_ignoring_case(name, "connection")) {
        head.close = head.close || equal_ignoring_case(value, "close");
    }
    return {};
}

/// `text` up to and without the blank line.
Result<Head> read_head(std::string_view text) {
    Head head;
    if (text.size() < 12 || !text.starts_with("HTTP/1."))
        return fail(Code::invalid, "not an HTTP/1 answer");
    head.status = static_cast<int>(parse_digits(text.substr(9, 3)).value_or(0));
    if (head.status < 100) return fail(Code::invalid, "not an HTTP/1 answer");
    head.close = text[7] == '0';
    for (auto at = text.find("\r\n"); at != text.npos;) {
        const auto next = text.find("\r\n", at + 2);
        CMQ_TRY(read_field(text.substr(at + 2, next - at - 2), head));
        at = next;
    }
    return head;
}

}  // namespace

Result<std::optional<ParsedAnswer>> parse_answer(std::string_view bytes, std::size_t body_max) {
    const auto whole = bytes.size();
    while (true) {
        const auto end = bytes.substr(0, head_bytes_max).find("\r\n\r\n");
        if (end == bytes.npos) {
            if (bytes.size() >= head_bytes_max)
                return fail(Code::invalid, "an answer's header is longer than 16 KiB");
            return std::nullopt;
        }
        const auto head = CMQ_TRY(read_head(bytes.substr(0, end)));
        bytes.remove_prefix(end + 4);
        if (head.status < 200) continue;  // "100 Continue" and its like announce the real one
        const bool bare = head.status == 204 || head.status == 304;
        if (!bare && !head.length) return fail(Code::invalid, "an answer without Content-Length");
        const auto length = bare ? 0 : *head.length;
        if (length > body_max)
            return fail(Code::invalid, "an answer of " + std::to_string(length) +
                                           " bytes, more than " + std::to_string(body_max));
        if (bytes.size() < length) return std::nullopt;
        ParsedAnswer answer;
        answer.response = {head.status, std::string(head.content_type),
                           std::string(bytes.substr(0, length))};
        answer.bytes = whole - bytes.size() + length;
        answer.close = head.close;
        return answer;
    }
}

}  // namespace cmq::net
