#include "raft/types.h"

#include <algorithm>

#include "base/hash.h"

namespace cmq::raft {
namespace {

constexpr std::uint8_t configuration_version = 1;

void put(Encoder& out, const std::vector<NodeId>& nodes) {
    out.varint(nodes.size());
    for (const auto node : nodes) out.varint(node.value);
}

std::vector<NodeId> nodes_in(Decoder& in) {
    std::vector<NodeId> nodes;
    for (auto left = in.varint(); left > 0 && in.ok(); --left) nodes.push_back({in.varint()});
    return nodes;
}

bool rising(const std::vector<NodeId>& nodes) {
    return std::ranges::adjacent_find(nodes, std::greater_equal<>{}) == nodes.end();
}

}  // namespace

std::uint64_t chain_of(Kind kind, std::string_view payload, std::uint64_t previous) {
    return xxh3(payload, previous ^ (static_cast<std::uint64_t>(kind) << 56));
}

bool is_voter(const Configuration& configuration, NodeId node) {
    return std::ranges::find(configuration.voters, node) != configuration.voters.end();
}

bool is_member(const Configuration& configuration, NodeId node) {
    return is_voter(configuration, node) ||
           std::ranges::find(configuration.learners, node) != configuration.learners.end();
}

std::size_t majority_of(const Configuration& configuration) {
    return configuration.voters.size() / 2 + 1;
}

Status check(const Configuration& configuration) {
    const auto& [voters, learners] = configuration;
    if (voters.empty()) return fail(Code::invalid, "a group needs a voter");
    if (voters.size() > voters_max) return fail(Code::invalid, "too many voters");
    if (voters.size() + learners.size() > members_max) return fail(Code::invalid, "too many nodes");
    if (!rising(voters) || !rising(learners))
        return fail(Code::invalid, "voters and learners are given in rising order");
    if (is_member(configuration, NodeId{})) return fail(Code::invalid, "no node has the number 0");
    for (const auto learner : learners)
        if (is_voter(configuration, learner))
            return fail(Code::invalid, "a node is voter or learner, not both");
    return {};
}

std::string encode(const Configuration& configuration) {
    std::string payload;
    Encoder out(payload);
    out.u8(configuration_version);
    put(out, configuration.voters);
    put(out, configuration.learners);
    return payload;
}

Result<Configuration> decode_configuration(std::string_view payload) {
    Decoder in(payload);
    if (in.u8() != configuration_version)
        return fail(Code::corrupt, "configuration: written by another version");
    Configuration configuration;
    configuration.voters = nodes_in(in);
    configuration.learners = nodes_in(in);
    if (!in.done()) return fail(Code::corrupt, "configuration: does not end where it should");
    if (const auto good = check(configuration); !good)
        return fail(Code::corrupt, "configuration: " + good.error().message);
    return configuration;
}

}  // namespace cmq::raft
