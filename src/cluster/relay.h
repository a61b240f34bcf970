// cluster/relay.h: a client's request on its way to the node that leads, and what comes back. Pure.
//
//     request  u8 version | flags | remote | method | path | query | count, {name, value} | body
//     answer   u8 version | flags | status | content type | body
//
// Texts and counts as in base/bytes.h. The request goes as it came, so that its signature still
// fits; whoever leads looks at it as if it had come there.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_types.h"

namespace cmq::cluster {

struct Relayed {
    bool leads_not = false;  // ask somebody else; nothing was done
    net::Response response;
};

/// errors of both decoders  corrupt.
std::string encode(const net::Request& request);
Result<net::Request> decode_request(std::string_view bytes);
std::string encode(const Relayed& relayed);
Result<Relayed> decode_relayed(std::string_view bytes);

}  // namespace cmq::cluster
