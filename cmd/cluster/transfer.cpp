// `cmq cluster transfer` lets another node lead.
#include "cmd/cluster/nodes.h"
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

struct ClusterTransfer final : Command {
    ClusterTransfer() : Command("cluster transfer", "Let another node lead") {}
    std::string node;

    void describe(Arguments& arguments) override {
        arguments.about("Planned, so clients see no error; takes some milliseconds.");
        arguments.optional("node", node, "its id or number; without it, whoever has kept up best");
        arguments.connects();
        arguments.example("cmq cluster transfer 2", "node 2 leads");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        const auto id = node.empty() ? std::string() : CMQ_TRY(find_node(client, node));
        CMQ_TRY(client.transfer_lead(id));
        context.out << "transferred" << (id.empty() ? "" : " to ") << id << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_cluster_transfer() { return std::make_unique<ClusterTransfer>(); }

}  // namespace cmq::cmd
