// Starts that fail half way.
#include <doctest/doctest.h>

#include <thread>

#include "client/connection.h"
#include "net/free_ports.h"
#include "tests/support/process.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary.h"

using namespace cmq::support;
using namespace std::chrono_literals;

namespace {

/// Asks at a door from now on, whether it is open or not, and knows its CA as soon as there is one.
std::jthread knock_at(std::uint16_t port, const std::filesystem::path& ca_file) {
    return std::jthread([port, ca_file](const std::stop_token& stop) {
        auto endpoint = cmq::client::parse_endpoint("https://127.0.0.1:" + std::to_string(port));
        while (endpoint && !stop.stop_requested()) {
            auto connection = cmq::client::Connection::open(*endpoint, {.ca_file = ca_file});
            if (connection) (void)connection->get("/healthz", 10s);  // nobody may be there
        }
    });
}

}  // namespace

TEST_SUITE("cli") {
    SCENARIO("a broker that finds its HTTP port taken says so, though clients are at the other") {
        const TemporaryDirectory home;
        const RawServer taken;
        const auto free = cmq::net::free_ports("127.0.0.1", 1);
        REQUIRE(free);
        home.write("data/ports",
                   std::to_string(free->front()) + ' ' + std::to_string(taken.port()) + " 0\n");
        const auto ca_file = home.path() / "data/identity/ca.pem";
        const auto first = knock_at(free->front(), ca_file);
        const auto second = knock_at(free->front(), ca_file);
        for (int times = 0; times < 10; ++times) {
            const auto outcome =
                run({cmq_binary(), "serve", "--dev", "--data", (home.path() / "data").string(),
                     "--port", "0", "--port-file", (home.path() / "ports.json").string()},
                    {.environment = {{"HOME", home.path()}}});
            CHECK_MESSAGE(outcome.status == 9, outcome.err);
            CHECK_MESSAGE(outcome.err.find(std::to_string(taken.port()) + ": the port is taken") !=
                              std::string::npos,
                          outcome.err);
        }
    }
}
