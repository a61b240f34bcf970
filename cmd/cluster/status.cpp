// `cmq cluster status` shows the nodes, who leads, and how far the others are.
#include <nlohmann/json.hpp>

#include "cmd/commands.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const client::ClusterNode& node) {
    return {{"id", node.id},
            {"number", node.number},
            {"incarnation", node.incarnation},
            {"address", node.address},
            {"endpoint", node.endpoint},
            {"zone", node.zone},
            {"role", node.role},
            {"state", node.state},
            {"lag", node.lag},
            {"in_sync", node.in_sync},
            {"progress", node.progress},
            {"newest_format", node.newest_format}};
}

Json to_json(const client::ClusterGroup& group) {
    Json replicas = Json::array();
    for (const auto& replica : group.replicas)
        replicas.push_back({{"id", replica.id},
                            {"role", replica.role},
                            {"lag", replica.lag},
                            {"in_sync", replica.in_sync}});
    return {{"id", group.id},
            {"leader", group.leader},
            {"term", group.term},
            {"commit", group.commit},
            {"replicas", replicas}};
}

void print_json(std::ostream& out, const client::ClusterDetails& cluster) {
    Json json{{"version", output_version}, {"nodes", Json::array()}};
    for (const auto& node : cluster.nodes) json["nodes"].push_back(to_json(node));
    json["copies_in_sync"] = cluster.copies_in_sync;
    json["groups"] = Json::array();
    for (const auto& group : cluster.groups) json["groups"].push_back(to_json(group));
    json["format_version"] = cluster.format_version;
    out << json.dump() << '\n';
}

Value or_dash(const std::string& text) { return text.empty() ? Value{} : Value{text}; }

const std::vector<Column> columns{{"id", "ID"},
                                  {"number", "NUMBER"},
                                  {"role", "ROLE"},
                                  {"state", "STATE"},
                                  {"lag", "LAG"},
                                  {"in_sync", "IN SYNC"},
                                  {"progress", "PROGRESS"},
                                  {"zone", "ZONE"},
                                  {"endpoint", "ENDPOINT"},
                                  {"address", "PEERS"},
                                  {"newest_format", "NEWEST FORMAT"}};

Table table_of(const client::ClusterDetails& cluster) {
    Table table{"nodes", columns, {}};
    for (const auto& node : cluster.nodes)
        table.rows.push_back({node.id, node.number, node.role, node.state, node.lag, node.in_sync,
                              or_dash(node.progress), or_dash(node.zone), or_dash(node.endpoint),
                              or_dash(node.address), node.newest_format});
    table.plain_columns = table.columns.size();
    return table;
}

void print_groups(std::ostream& out, const client::ClusterDetails& cluster) {
    out << "\ncopies in sync: " << cluster.copies_in_sync << '\n';
    for (const auto& group : cluster.groups)
        out << "group " << group.id << ": "
            << (group.leader == "0" ? "no leader" : "leader " + printable(group.leader))
            << ", term " << group.term << ", committed " << group.commit << '\n';
    out << "format in force: " << cluster.format_version << '\n';
}

struct ClusterStatus final : Command {
    ClusterStatus() : Command("cluster status", "Show nodes, leader and how far the others are") {}

    void describe(Arguments& arguments) override {
        arguments.about(
            "LAG counts committed entries that a node does not have yet. A node that joined is a\n"
            "learner until it has caught up; PROGRESS says what it gets: the state, then the "
            "bodies\n"
            "of its messages, then the log. The format in force is what nodes write for each\n"
            "other; it rises by itself once every node runs a release that knows a newer one:\n"
            "NEWEST FORMAT says which each knows, 0 that it did not say yet. Plain output has one\n"
            "line a node, in the order of the table's columns, with tabs between.");
        arguments.output({Format::table, Format::plain, Format::json}, keys_of(columns));
        arguments.connects();
        arguments.example("cmq cluster status -o json",
                          "copies_in_sync: how many nodes have every message on disk");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        const auto cluster = CMQ_TRY(client.cluster());
        if (form.format == Format::json) {
            print_json(context.out, cluster);
            return {};
        }
        print(context.out, table_of(cluster), form);
        if (form.format == Format::table) print_groups(context.out, cluster);
        return {};
    }
};

}  // namespace

MadeCommand make_cluster_status() { return std::make_unique<ClusterStatus>(); }

}  // namespace cmq::cmd
