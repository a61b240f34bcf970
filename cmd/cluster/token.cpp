// `cmq cluster token` prints a word by which one new node may join.
#include "broker/limits.h"
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

struct ClusterToken final : Command {
    ClusterToken() : Command("cluster token", "Print a token by which one new node may join") {}
    std::chrono::seconds lifetime{broker::token_lifetime.usual};

    void describe(Arguments& arguments) override {
        arguments.about(
            "Prints the token and nothing else. Who has it can join until it expires or was used,\n"
            "and then holds all that the cluster holds: hand it over like a key.");
        arguments.option("--ttl", lifetime, "how long it can be used",
                         seconds_within(broker::token_lifetime));
        arguments.connects();
        arguments.example("TOKEN=$(cmq cluster token --ttl 10m)",
                          "then, on the new machine: cmq cluster join ADDRESS --token $TOKEN");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        context.out << CMQ_TRY(client.create_join_token(lifetime)) << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_cluster_token() { return std::make_unique<ClusterToken>(); }

}  // namespace cmq::cmd
