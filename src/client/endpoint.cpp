#include "client/endpoint.h"

#include <algorithm>

#include "base/text.h"

namespace cmq::client {
namespace {

tl::unexpected<Error> wrong(std::string_view url, std::string_view why) {
    return fail(Code::invalid, "endpoint \"" + std::string(url) + "\": " + std::string(why) +
                                   "; it looks like https://host:port");
}

std::uint16_t usual_port(bool secure) { return secure ? 443 : 80; }

struct Authority {
    std::string_view host;
    std::string_view port;  // with its colon; empty when not given
};

Authority split_authority(std::string_view authority) {
    const auto from = authority.starts_with('[') ? authority.find(']') : 0;
    if (from == authority.npos) return {authority, {}};
    const auto colon = authority.find(':', from);
    if (colon == authority.npos) return {authority, {}};
    return {authority.substr(0, colon), authority.substr(colon)};
}

bool is_host(std::string_view host) {
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
    };
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), fits);
}

bool is_path(std::string_view path) {
    return std::none_of(path.begin(), path.end(),
                        [](char c) { return c <= ' ' || c == '\x7f' || c == '?' || c == '#'; });
}

}  // namespace

std::string Endpoint::authority() const {
    auto text = host.find(':') == host.npos ? host : '[' + host + ']';
    if (port != usual_port(secure)) text += ':' + std::to_string(port);
    return text;
}

std::string Endpoint::url() const { return (secure ? "https://" : "http://") + authority(); }

Result<Endpoint> parse_endpoint(std::string_view url) {
    Endpoint endpoint;
    auto rest = url;
    if (rest.starts_with("https://")) {
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
        endpoint.secure = false;
    } else {
        return wrong(url, "the scheme must be https:// or http://");
    }
    endpoint.port = usual_port(endpoint.secure);
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto path = rest.substr(slash);
    if (!is_path(path)) return wrong(url, "a path without blanks, query or fragment is needed");
    if (path.size() > 1) endpoint.path = path;
    const auto [host, port] = split_authority(rest.substr(0, slash));
    const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
    endpoint.host = bracketed ? host.substr(1, host.size() - 2) : host;
    if (!is_host(endpoint.host)) return wrong(url, "the host name is not one");
    if (!port.empty()) {
        const auto number = parse_digits(port.substr(1));
        if (!number || *number == 0 || *number > 65535)
            return wrong(url, "the port must be 1 to 65535");
        endpoint.port = static_cast<std::uint16_t>(*number);
    }
    return endpoint;
}

Result<std::vector<Endpoint>> parse_endpoints(std::string_view urls) {
    std::vector<Endpoint> endpoints;
    for (std::size_t at = 0; at <= urls.size();) {
        const auto comma = std::min(urls.find(',', at), urls.size());
        endpoints.push_back(CMQ_TRY(parse_endpoint(trimmed(urls.substr(at, comma - at)))));
        at = comma + 1;
    }
    return endpoints;
}

}  // namespace cmq::client
