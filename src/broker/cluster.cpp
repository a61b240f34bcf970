#include "broker/cluster.h"

#include <set>
#include <string_view>

namespace cmq::broker {

bool would_leave_one_zone(const ClusterView& cluster, NodeId removed) {
    std::set<std::string_view> now, then;
    for (const auto& node : cluster.nodes) {
        if (node.role == NodeRole::learner) continue;
        now.insert(node.zone);
        if (node.id != removed) then.insert(node.zone);
    }
    return now.size() > 1 && then.size() == 1;
}

}  // namespace cmq::broker
