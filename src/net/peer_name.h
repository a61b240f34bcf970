// net/peer_name.h: who a node is, as its certificate says it.
//
// A node's certificate carries one URI among its alternative names and nothing else that counts:
//
//     cmq://0123456789abcdef0123456789abcdef/node/65537
//           which cluster                        which node of it (and incarnation)
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cmq::net {

struct PeerName {
    std::string cluster;     // 32 hex digits, lower case
    std::uint64_t node = 0;  // never 0

    std::string uri() const;
    /// Takes what uri() gives and nothing else. errors  invalid.
    static Result<PeerName> parse(std::string_view uri);

    friend auto operator<=>(const PeerName&, const PeerName&) = default;
};

}  // namespace cmq::net
