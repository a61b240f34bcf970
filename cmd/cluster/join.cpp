// `cmq cluster join` makes a data directory that of a new node.
#include "cmd/cluster/joining.h"
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

struct ClusterJoin final : Command {
    ClusterJoin() : Command("cluster join", "Join a cluster as a new node") {}
    Joining joining;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Run where the new node will live. Its certificate, the keys of the clients and what\n"
            "else it needs come with the answer and lie in the data directory, mode 0600. Prints\n"
            "the node's id, and writes a cmq.yaml there. The node follows as a learner once it is\n"
            "started, and votes when it has caught up. `cmq serve --dev --join` does both steps\n"
            "at once.");
        joining.describe(arguments);
        arguments.example("cmq cluster join https://10.0.0.1:7800 --token $TOKEN --data data",
                          "then: cmq serve --config data/cmq.yaml");
    }

    Status run(Context& context) override { return joining.run(context); }
};

}  // namespace

MadeCommand make_cluster_join() { return std::make_unique<ClusterJoin>(); }

}  // namespace cmq::cmd
