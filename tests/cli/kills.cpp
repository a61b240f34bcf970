// A broker that is killed again and again while a verified load runs. KILLS=50 kills more often.

#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/support/broker.h"
#include "tests/support/process.h"

using namespace cmq::support;

namespace {

int kills() {
    const char* text = std::getenv("KILLS");
    return text ? std::atoi(text) : 5;
}

}  // namespace

TEST_SUITE("cli") {
    SCENARIO("kill -9 under load loses nothing, invents nothing, explains each duplicate") {
        Broker broker;
        const auto count = kills();
        const auto load = broker.start_cmq(
            {"bench", "--senders", "4", "--window", "8", "--batch", "4", "--receivers", "2",
             "--duration", std::to_string(2 + count) + "s", "--verify", "-o", "json"});
        for (int at = 0; at < count; ++at) {
            // Each life is as long as some other client's work takes: no clock is asked.
            for (int message = 0; message < 20; ++message)
                CHECK(broker.cmq({"queue", "list"}).status == 0);
            broker.kill();
            broker.restart();
        }
        const auto outcome = load->finish();
        REQUIRE_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
        const auto report = nlohmann::json::parse(outcome.out);
        MESSAGE(count << " kills: " << report["verify"].dump());
        CHECK(report["verify"]["lost"] == 0);
        CHECK(report["verify"]["invented"] == 0);
        CHECK(report["sent"] > 0);
        broker.stop();
        const auto verified = broker.cmq({"verify", (broker.directory() / "data").string()});
        CHECK_MESSAGE(verified.status == 0, verified.out << verified.err);
    }
}
