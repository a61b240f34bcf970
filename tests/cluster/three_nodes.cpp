// Real processes: three nodes on loopback.

#include <doctest/doctest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/chaos/nodes.h"
#include "tests/support/process.h"
#include "tests/support/writes.h"

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
                       "1d", "--verify", "-o", "json"},
                      options);
        await_writes(nodes.plain_broker().endpoints);
        const auto leader = nodes.await_leader();
        nodes.kill(leader);
        nodes.start(leader);
        await_writes(nodes.plain_broker().endpoints);
        bench.signal(SIGINT);
        const auto outcome = bench.finish();
        REQUIRE_MESSAGE(outcome.status == 130, outcome.out << outcome.err);
        const auto report = nlohmann::json::parse(outcome.out);
        CHECK(report["verify"]["good"] == true);
        CHECK(report["sent"] > 0);
        CHECK(report["longest_gap_ms"] > 100);  // nobody stands for election sooner
    }

    SCENARIO("with all copies asked for, sends are refused while a node is missing") {
        cmq::chaos::Place strict;
        strict.options = {"--copies", "all"};
        cmq::chaos::Nodes nodes(std::vector(3, strict));
        ProcessOptions options;
        options.environment = nodes.environment();
        const auto send = [&](const char* body) {
            return run({cmq_binary(), "send", "orders", body}, options);
        };
        REQUIRE(run({cmq_binary(), "queue", "create", "orders"}, options).status == 0);
        CHECK(send("three copies").status == 0);

        const auto follower = nodes.other(nodes.await_leader());
        nodes.kill(follower);
        CHECK(send("taken, but one copy is missing").status == 12);
        const auto refused = send("not taken");
        CHECK(refused.status == 12);
        CHECK_MESSAGE(refused.err.find("`copies: all`") != std::string::npos, refused.err);

        nodes.start(follower);
        nodes.await_in_sync();
        CHECK(send("three again").status == 0);
        const auto received =
            run({cmq_binary(), "receive", "orders", "--drain", "-o", "raw"}, options);
        CHECK(received.out.starts_with("three copies\n"));
        CHECK(received.out.ends_with("three again\n"));
        CHECK(received.out.find("not taken") == std::string::npos);
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
