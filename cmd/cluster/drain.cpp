// `cmq cluster drain` makes a node ready for being stopped.
#include "cmd/cluster/nodes.h"
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

struct ClusterDrain final : Command {
    ClusterDrain() : Command("cluster drain", "Make a node ready for being stopped") {}
    std::string node;

    void describe(Arguments& arguments) override {
        arguments.about(
            "It hands over the lead if it has it, and does not take it again before it has been\n"
            "started anew. A node that is stopped with SIGTERM hands over by itself; this is for\n"
            "maintenance that has to be certain beforehand.");
        arguments.required("node", node, "its id or number, as `cmq cluster status` prints them");
        arguments.connects();
        arguments.example("cmq cluster drain 1 && systemctl restart cmq",
                          "on node 1: restart it without anyone noticing");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        const auto id = CMQ_TRY(find_node(client, node));
        CMQ_TRY(client.drain_node(id));
        context.out << "drained " << id << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_cluster_drain() { return std::make_unique<ClusterDrain>(); }

}  // namespace cmq::cmd
