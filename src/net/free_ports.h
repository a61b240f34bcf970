// net/free_ports.h: ports that nobody listens on, for who must tell its addresses before it serves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace cmq::net {

/// `count` different ones of `address`. They are free now; nothing keeps them so.
/// errors  invalid: not an IP address; io.
Result<std::vector<std::uint16_t>> free_ports(const std::string& address, std::size_t count);

}  // namespace cmq::net
