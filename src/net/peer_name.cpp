#include "net/peer_name.h"

#include <algorithm>

#include "base/text.h"

namespace cmq::net {
namespace {

constexpr std::string_view scheme = "cmq://";
constexpr std::string_view folder = "/node/";
constexpr std::size_t cluster_digits = 32;

bool is_cluster(std::string_view text) {
    return text.size() == cluster_digits && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace

std::string PeerName::uri() const {
    return std::string(scheme) + cluster + std::string(folder) + std::to_string(node);
}

Result<PeerName> PeerName::parse(std::string_view uri) {
    const auto wrong = [uri] {
        return fail(Code::invalid, "not the name of a node: " + std::string(uri));
    };
    constexpr auto node_begin = scheme.size() + cluster_digits + folder.size();
    if (uri.size() <= node_begin) return wrong();
    const auto node = parse_digits(uri.substr(node_begin));
    PeerName name{std::string(uri.substr(scheme.size(), cluster_digits)), node.value_or(0)};
    if (name.node == 0 || !is_cluster(name.cluster) || name.uri() != uri) return wrong();
    return name;
}

}  // namespace cmq::net
