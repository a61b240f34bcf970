// A broker that is killed again and again while a verified load runs. KILLS=50 kills more often.

#include <doctest/doctest.h>
#include <signal.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/support/broker.h"
#include "tests/support/process.h"
#include "tests/support/writes.h"

using namespace cmq::support;

namespace {

int kills() {
    const char* text = std::getenv("KILLS");
    return text ? std::atoi(text) : 5;
}

/// What only a kill does to a load.
std::uint64_t felt(const nlohmann::json& report) {
    const auto& why = report["verify"]["duplicates_explained"];
    return report["unknown"].get<std::uint64_t>() + report["failed"].get<std::uint64_t>() +
           why["lapsed_lease"].get<std::uint64_t>() + why["lost_answer"].get<std::uint64_t>();
}

}  // namespace

TEST_SUITE("cli") {
    SCENARIO("kill -9 under load loses nothing, invents nothing, explains each duplicate") {
        Broker broker;
        const auto count = kills();
        const auto load =
            broker.start_cmq({"bench", "--senders", "4", "--window", "8", "--batch", "4",
                              "--receivers", "2", "--duration", "1d", "--verify", "-o", "json"});
        for (int at = 0; at < count; ++at) {
            await_writes(broker.http());
            broker.kill();
            broker.restart();
        }
        await_writes(broker.http());
        load->signal(SIGINT);
        const auto outcome = load->finish();
        REQUIRE_MESSAGE(outcome.status == 130, outcome.out << outcome.err);
        const auto report = nlohmann::json::parse(outcome.out);
        MESSAGE(count << " kills: " << report["verify"].dump());
        CHECK(report["verify"]["lost"] == 0);
        CHECK(report["verify"]["invented"] == 0);
        CHECK(report["sent"] > 0);
        CHECK(felt(report) > 0);
        CHECK_FALSE(report["per_message"].contains("fsyncs"));  // not of one life
        broker.stop();
        const auto verified = broker.cmq({"verify", (broker.directory() / "data").string()});
        CHECK_MESSAGE(verified.status == 0, verified.out << verified.err);
    }
}
