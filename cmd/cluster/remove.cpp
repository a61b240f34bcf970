// `cmq cluster remove` takes a node out for good.
#include <unistd.h>

#include "cmd/cluster/nodes.h"
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

using client::Removal;

struct ClusterRemove final : Command {
    ClusterRemove() : Command("cluster remove", "Take a node out of the cluster for good") {}
    std::string node;
    bool is_sure = false;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Its copies count no longer, and it cannot come back but by joining anew: stop its\n"
            "process afterwards. A removal that would leave all copies in one zone asks first;\n"
            "where nobody can be asked it is refused (exit status 7).");
        arguments.required("node", node, "its id or number, as `cmq cluster status` prints them");
        arguments.flag("--yes", is_sure, "even if all copies are then in one zone");
        arguments.connects();
        arguments.example("cmq cluster remove 3", "node 3 goes");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        const auto id = CMQ_TRY(find_node(client, node));
        using Zones = client::Client::Zones;
        const auto removal =
            CMQ_TRY(client.remove_node(id, is_sure ? Zones::may_be_one : Zones::keep_apart));
        if (removal == Removal::would_leave_one_zone) {
            CMQ_TRY(ask(context, id));
            (void)CMQ_TRY(client.remove_node(id, Zones::may_be_one));
        }
        context.out << "removed " << id << '\n';
        context.err << "cmq: stop that node's process; its data directory is of no use any more\n";
        return {};
    }

    static Status ask(Context& context, const std::string& id) {
        if (!::isatty(context.in) || context.reader_of_out() != Reader::terminal)
            return fail(Code::exists, "without node " + id +
                                          " all copies would lie in one zone; nothing was done. "
                                          "To remove it all the same: --yes");
        return context.confirm("Without node " + id +
                               " all copies lie in one zone. Remove it all the same?");
    }
};

}  // namespace

MadeCommand make_cluster_remove() { return std::make_unique<ClusterRemove>(); }

}  // namespace cmq::cmd
