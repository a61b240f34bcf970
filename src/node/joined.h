// node/joined.h: what a cluster gave a new node, in its data directory.
//
//     identity/  ca.pem, ca_key.pem       the cluster's CA
//                node.pem, node_key.pem   who this node is to the others
//                secret_id, secret_key    the first key of the clients; keys.yaml has them all
//                cluster.json             the secret and the nodes, for the time until the node has
//                                         the replicated state, which has both
//     node.db                             written last: from then on the directory is not new
//
// Everything has mode 0600. A certificate for the clients' door is made at the first start, as for
// any node (node/setup.h).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/join.h"
#include "store/files.h"

namespace cmq::node {

/// `key` is that of the request. What an earlier attempt left behind is replaced.
/// errors  exists: a node lives there already; io.
Status write_joined(store::Files& files, const std::filesystem::path& data, const std::string& key,
                    const cluster::JoinAnswer& answer);

struct Joined {
    std::string secret;
    std::vector<broker::NodeEntry> nodes;
};
/// Nothing: this node was not taken in by others. errors  corrupt, io.
Result<std::optional<Joined>> read_joined(store::Files& files, const std::filesystem::path& data);

/// The clients' keys that came with a join. Nothing: none came.
std::filesystem::path joined_keys_file(const std::filesystem::path& data);

}  // namespace cmq::node
