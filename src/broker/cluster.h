// broker/cluster.h: what may be asked about the cluster itself, and what is answered.
//
// None of these is a command of the state machine: who votes is the log's configuration, who leads
// and who keeps up only the leader knows. The directory (broker/directory.h) adds where nodes are.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/format_version.h"
#include "broker/node_id.h"

namespace cmq::broker {

struct DescribeCluster {};
/// A word for one new node (auth/join_token.h).
struct CreateJoinToken {
    std::chrono::seconds lifetime{3600};  // 60 to 86400
};
/// Takes a node out for good. Without `force` not if all copies that are left would lie in one
/// zone.
struct RemoveNode {
    NodeId node;
    bool force = false;
};
/// Hands the lead to `node`, or (0) to whoever is best.
struct TransferLead {
    NodeId node;
};
/// Makes ready for `node` being stopped: it hands over the lead, and does not take it again before
/// it has started anew.
struct DrainNode {
    NodeId node;
};

enum class NodeRole : std::uint8_t { leader, voter, learner };
enum class NodeState : std::uint8_t { up, down, catching_up };
/// What a node that catches up gets: a whole state (D2), the bodies that its state wants, or
/// entries of the log.
enum class Catching : std::uint8_t { nothing, state, bodies, log };

struct NodeView {
    NodeId id;
    std::string address;   // of its listener for other nodes
    std::string endpoint;  // where clients find it
    std::string zone;
    NodeRole role = NodeRole::voter;
    NodeState state = NodeState::up;
    std::uint64_t lag = 0;  // committed entries that it does not have yet
    bool in_sync = false;   // counts as a synchronous copy (D9)
    Catching catching = Catching::nothing;
    unsigned percent = 0;  // of the state, that it has
    FormatVersion knows;   // the newest that its program knows; 0: it did not say yet
};
struct ClusterView {
    std::vector<NodeView> nodes;  // by id
    std::uint64_t copies_in_sync = 0;
    NodeId leader;  // 0: none is known
    std::uint64_t term = 0;
    std::uint64_t commit = 0;
    FormatVersion format;  // in force
};
struct JoinToken {
    std::string text;
};

/// Whether the voters of `cluster` would all lie in one zone without `removed`, and do not now.
bool would_leave_one_zone(const ClusterView& cluster, NodeId removed);

}  // namespace cmq::broker
