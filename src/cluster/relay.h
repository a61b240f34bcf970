// cluster/relay.h: a client's request on its way to the node that leads, and what comes back. Pure.
//
//     request  u8 version | flags | remote | method | path | query | count, {name, value} | body
//     answer   u8 version | flags | status | content type | body | given
//     given    customer | queue | count, {handle}; empty when the answer gives no messages
//
// Texts and counts as in base/bytes.h. The request goes as it came, so that its signature still
// fits; whoever leads looks at it as if it had come there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_types.h"
#include "shard/request.h"

namespace cmq::cluster {

struct Relayed {
    bool leads_not = false;  // ask somebody else; nothing was done
    net::Response response;
    std::string given;  // messages, encoded: goes back when the client does not get the answer
};

/// errors of both decoders  corrupt.
std::string encode(const net::Request& request);
Result<net::Request> decode_request(std::string_view bytes);
std::string encode(const Relayed& relayed);
std::string encode(const shard::GiveBack& given);
Result<shard::GiveBack> decode_given(std::string_view bytes);

/// What was `given` is sent back in a call of its own.
std::string give_back_call(std::string_view given);
/// Of a call: what it gives back. Nothing: it is a request.
std::optional<std::string_view> given_back(std::string_view call);
Result<Relayed> decode_relayed(std::string_view bytes);

}  // namespace cmq::cluster
