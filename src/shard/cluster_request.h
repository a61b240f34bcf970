// shard/cluster_request.h: what may be put to a group about its own members. Only a leader answers.
#pragma once

#include <string>
#include <variant>

#include "base/ids.h"
#include "broker/cluster.h"

namespace cmq::shard {

/// A new node whose token was checked. Answered with broker::NodeAdded once the directory has it
/// and it is a learner of the group.
struct AddNode {
    std::string token;  // its id, 16 bytes
    Stamp token_expires;
    std::string peer_address, endpoint, zone;
    broker::NodeId replaces;  // 0: nobody; else who goes when the new one has caught up
    broker::FormatVersion knows = broker::oldest_format;  // the newest that its program does
    std::string key = {};  // the digest of its public key; with the same one it may ask again
};

/// DescribeCluster is answered with broker::ClusterView, the others with Done when the change is
/// committed (TransferLead: when another leads).
using ClusterRequest = std::variant<broker::DescribeCluster, AddNode, broker::RemoveNode,
                                    broker::TransferLead, broker::DrainNode>;

}  // namespace cmq::shard
