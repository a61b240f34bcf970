// The joining exchange as a stranger may send it, either way: read or refused, within its limits.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "broker/limits.h"
#include "cluster/join.h"

namespace {

using namespace cmq;

void require(bool holds) {
    if (!holds) std::abort();
}

void read_request(std::string_view bytes) {
    const auto request = cluster::decode_join_request(bytes);
    if (!request) return;
    require(request->token.size() <= auth::join_token_text_max);
    require(!request->peer_address.empty() && !request->endpoint.empty());
    require(request->zone.size() <= static_cast<std::size_t>(broker::zone_bytes_max));
    const auto again = cluster::decode_join_request(cluster::encode(*request));
    require(again && again->csr == request->csr && again->replaces == request->replaces &&
            again->knows == request->knows);
}

void read_answer(std::string_view bytes) {
    const auto answer = cluster::decode_join_answer(bytes);
    if (!answer) return;
    require(broker::is_node_id(answer->node) && answer->secret.size() == 32);
    require(answer->nodes.size() <= broker::nodes_max);
    require(cluster::decode_join_answer(cluster::encode(*answer)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_request(bytes);
    read_answer(bytes);
    return 0;
}
