// client/endpoint.h: where a broker is. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cmq::client {

struct Endpoint {
    bool secure = true;
    std::string host;  // name or address; an IPv6 address without its brackets
    std::uint16_t port = 443;
    std::string path = "/v2/index.php";  // where actions are posted

    /// What stands in the Host header, and in the signed text.
    std::string authority() const;
    std::string url() const;  // without the path
};

/// `https://host:port`, `http://host:port`, with a path if the broker is behind one. The port may
/// be left out (443, 80).
/// errors  invalid: another scheme, no host, a port outside 1 to 65535, user name, query.
Result<Endpoint> parse_endpoint(std::string_view url);

/// One or more, separated by commas.
Result<std::vector<Endpoint>> parse_endpoints(std::string_view urls);

}  // namespace cmq::client
