// Real processes: three nodes on loopback.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/chaos/nodes.h"
#include "tests/support/process.h"

using namespace cmq::support;

TEST_SUITE("cluster") {
    SCENARIO("two nodes join a third, the leader is killed and comes back: nothing is lost") {
        const auto outcome = run({"/bin/bash", "tests/demo/three_nodes.sh", cmq_binary()});
        CHECK_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
        CHECK(outcome.out.find("Done.") != std::string::npos);
    }

    SCENARIO("cmq bench with all addresses outlives the leader, and says how long that took") {
        cmq::chaos::Nodes nodes;
        ProcessOptions options;
        options.environment = nodes.environment();
        Process bench({cmq_binary(), "bench", "--senders", "3", "--receivers", "3", "--duration",
                       "8s", "--verify", "-o", "json"},
                      options);
        // As long as some other client's work takes.
        for (int at = 0; at < 10; ++at)
            CHECK(run({cmq_binary(), "queue", "list"}, options).status == 0);
        const auto leader = nodes.await_leader();
        nodes.kill(leader);
        nodes.start(leader);
        const auto outcome = bench.finish();
        REQUIRE_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
        const auto report = nlohmann::json::parse(outcome.out);
        CHECK(report["verify"]["good"] == true);
        CHECK(report["sent"] > 0);
        CHECK(report["longest_gap_ms"] > 100);  // nobody stands for election sooner
    }

    SCENARIO("a leader is not removed while nobody may take over, and is told why") {
        cmq::chaos::Nodes nodes(std::vector<cmq::chaos::Place>(2));
        const auto leader = nodes.await_leader(), other = nodes.other(leader);
        auto client = cmq::client::Client::open(nodes.broker());
        REQUIRE(client);
        const auto remove = [&] {
            return client->remove_node(nodes.id(leader), cmq::client::Client::Zones::may_be_one);
        };
        REQUIRE(client->drain_node(nodes.id(other)));
        const auto refused = remove();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message.find("restart one first (11044)") != std::string::npos);
        nodes.stop(other);
        nodes.start(other);
        nodes.await_in_sync();
        CHECK(remove());
        CHECK(nodes.await_leader() == other);
    }
}
