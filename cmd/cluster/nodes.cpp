#include "cmd/cluster/nodes.h"

#include <algorithm>
#include <vector>

namespace cmq::cmd {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const auto& word : words) all.append(all.empty() ? "" : ", ").append(word);
    return all;
}

}  // namespace

Result<std::string> find_node(client::Client& client, const std::string& name) {
    const auto cluster = CMQ_TRY(client.cluster());
    std::vector<std::string> all, named;
    for (const auto& node : cluster.nodes) {
        if (node.id == name) return name;
        all.push_back(node.id);
        if (std::to_string(node.number) == name) named.push_back(node.id);
    }
    if (named.size() == 1) return named.front();
    if (named.empty())
        return fail(Code::not_found,
                    "the cluster has no node \"" + name + "\"; there are: " + joined(all));
    return fail(Code::invalid, "number " + name + " has more than one incarnation: " +
                                   joined(named) + "; give the id");
}

}  // namespace cmq::cmd
