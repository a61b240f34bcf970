// `cmq cluster replace` joins in the place of a node that lost its disk.
#include "base/text.h"
#include "cmd/cluster/joining.h"
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

struct ClusterReplace final : Command {
    ClusterReplace()
        : Command("cluster replace", "Join in the place of a node that lost its data") {}
    std::string node;
    Joining joining;

    void describe(Arguments& arguments) override {
        arguments.about(
            "A node whose disk is lost or damaged may have lost its vote, so it never comes back\n"
            "as itself: it joins anew, under the same number and the next incarnation. The old\n"
            "one leaves when the new one has caught up. Wants an empty data directory.");
        arguments.required("node", node, "id of the lost node, as `cmq cluster status` prints it");
        joining.describe(arguments);
        arguments.example(
            "cmq cluster replace 131073 https://10.0.0.1:7800 --token $TOKEN --data data",
            "node 2 with a new disk");
    }

    Status run(Context& context) override {
        joining.replaces = broker::NodeId{parse_digits(node).value_or(0)};
        if (!broker::is_node_id(joining.replaces))
            return fail(Code::invalid,
                        "\"" + node + "\" is not the id of a node; see: cmq cluster status");
        return joining.run(context);
    }
};

}  // namespace

MadeCommand make_cluster_replace() { return std::make_unique<ClusterReplace>(); }

}  // namespace cmq::cmd
