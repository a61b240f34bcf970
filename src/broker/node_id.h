// broker/node_id.h: the number of a node, and which life of it.
//
// A node that lost its disk, or may have lost its vote, comes back under the same number with the
// next incarnation: to the others it is somebody new (D13).
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace cmq::broker {

using NodeId = Id<struct NodeTag>;  // number << 16 | incarnation, as in raft; 0: nobody

inline constexpr unsigned incarnation_bits = 16;
inline constexpr std::uint64_t incarnation_max = (1u << incarnation_bits) - 1;
inline constexpr std::uint64_t node_number_max = (1ull << 47) - 1;  // ids have 63 bits (D12)

constexpr NodeId node_id(std::uint64_t number, std::uint64_t incarnation) {
    return NodeId{number << incarnation_bits | incarnation};
}
constexpr std::uint64_t number_of(NodeId node) { return node.value >> incarnation_bits; }
constexpr std::uint64_t incarnation_of(NodeId node) { return node.value & incarnation_max; }
constexpr bool is_node_id(NodeId node) {
    return number_of(node) >= 1 && number_of(node) <= node_number_max && incarnation_of(node) >= 1;
}

}  // namespace cmq::broker
