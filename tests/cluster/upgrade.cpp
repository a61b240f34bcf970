// Real processes of two releases: `cmq`, and `cmq_next`, which knows one version of the formats
// more.

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "tests/chaos/load.h"
#include "tests/chaos/nodes.h"

using namespace cmq;
using namespace cmq::support;
using namespace std::chrono_literals;

namespace {

constexpr auto too_old =
    "this cluster uses format 2, this cmq knows 1: install the release that runs on the other "
    "nodes";

/// Until it holds; a deadline is only a safety net.
template <class Holds>
void await(const std::string& what, Holds holds) {
    for (int rounds = 0; rounds < 600; ++rounds, std::this_thread::sleep_for(100ms))
        if (holds()) return;
    FAIL("still not: " << what);
}

std::uint64_t in_force(const chaos::Nodes& nodes) {
    const auto status = nodes.status();
    return status ? status->format_version : 0;
}

/// What every node is said to know.
bool all_know(const chaos::Nodes& nodes, std::uint64_t newest) {
    const auto status = nodes.status();
    return status && std::ranges::all_of(status->nodes, [newest](const auto& node) {
               return node.newest_format == newest;
           });
}

Outcome run_old(const chaos::Nodes& nodes, std::vector<std::string> words) {
    words.insert(words.begin(), cmq_binary());
    ProcessOptions options;
    options.environment = nodes.environment();
    return run(words, options);
}

void check_refused(const Outcome& outcome) {
    CHECK(outcome.status == 7);
    CHECK_MESSAGE(outcome.err.find(too_old) != std::string::npos, outcome.err);
    CHECK(outcome.err.find("corrupt") == std::string::npos);
}

}  // namespace

TEST_SUITE("cluster") {
    SCENARIO("three nodes are upgraded one after the other under load; the old program is out") {
        chaos::Nodes nodes;
        chaos::Chance chance("upgrade");
        CHECK(in_force(nodes) == 1);
        chaos::Load load(nodes.broker(), chance);
        for (chaos::Number node = 0; node < nodes.count(); ++node) {
            CHECK(in_force(nodes) == 1);
            nodes.stop(node);
            nodes.place(node).program = cmq_next_binary();
            nodes.start(node);
            nodes.await_in_sync();
        }
        await("format 2 is in force", [&] { return in_force(nodes) == 2; });
        await("all nodes are said to know it", [&] { return all_know(nodes, 2); });
        const auto report = load.finish();
        MESSAGE(chaos::text_of(report));
        CHECK(report.verdict->good());
        CHECK(report.verdict->acknowledged > 0);
        CHECK(report.refused + report.unknown + report.failed == 0);

        const auto data = nodes.data(2).string();
        check_refused(
            run_old(nodes, {"cluster", "join", nodes.join_address(), "--token", nodes.join_token(),
                            "--data", nodes.directory() / "late", "--port", "0"}));
        nodes.stop(2);
        check_refused(run_old(nodes, {"serve", "--dev", "--data", data, "--port", "0"}));
        check_refused(run_old(nodes, {"verify", data}));
        nodes.start(2);
        nodes.await_in_sync();
        nodes.stop(2);
        CHECK(run({cmq_next_binary(), "verify", data}).status == 0);
    }

    SCENARIO("a newer program joins an older cluster, and speaks its format") {
        chaos::Place newer;
        newer.program = cmq_next_binary();
        const chaos::Nodes nodes({chaos::Place{}, newer});
        await("the newer node is heard", [&] {
            const auto status = nodes.status();
            return status && status->nodes.size() == 2 && status->nodes[1].newest_format == 2;
        });
        CHECK(in_force(nodes) == 1);
    }
}
