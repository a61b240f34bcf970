// A node that joins when the log's beginning is long gone gets the state, then the bodies; and
// gives back what another's disk has damaged.

#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/broker.h"
#include "tests/support/temporary.h"

using namespace cmq::support;
using namespace std::chrono_literals;

namespace {

constexpr int kept = 50;

/// Until it holds; a deadline is only a safety net.
template <class Holds>
void await(const std::string& what, Holds holds) {
    for (int rounds = 0; rounds < 1'200; ++rounds, std::this_thread::sleep_for(100ms))
        if (holds()) return;
    FAIL("still not: " << what);
}

void require_success(const Outcome& outcome) {
    REQUIRE_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
}

/// More than the log keeps, and nothing of it lives.
void turn_over_log(const Broker& broker) {
    require_success(broker.cmq({"queue", "create", "junk"}));
    for (int round = 0; round < 2; ++round) {
        require_success(
            broker.cmq({"bench", "--queue", "junk", "--senders", "4", "--batch", "16", "--size",
                        "60000", "--count", "1400", "--receivers", "0", "-o", "json"}));
        require_success(broker.cmq({"queue", "purge", "junk", "--yes"}));
    }
    await("the first segment is gone",
          [&] { return !std::filesystem::exists(broker.directory() / "data" / "log" / "1.seg"); });
}

void send_fifty(const Broker& broker, const std::string& queue) {
    std::string lines;
    for (int at = 0; at < kept; ++at) lines += queue + '-' + std::to_string(at) + ".\n";
    require_success(broker.cmq({"queue", "create", queue}));
    require_success(broker.cmq({"send", queue, "--lines"}, lines));
}

void check_fifty(const Broker& broker, const std::string& queue) {
    const auto received = broker.cmq({"receive", queue, "--drain", "-o", "raw"});
    require_success(received);
    for (int at = 0; at < kept; ++at)
        CHECK(received.out.find(queue + '-' + std::to_string(at) + ".\n") != std::string::npos);
}

/// Turns a bit of `text`, in a file that is settled.
void damage(const Broker& broker, const std::string& text) {
    for (const auto& entry :
         std::filesystem::directory_iterator(broker.directory() / "data" / "log")) {
        if (entry.path().extension() != ".body") continue;
        auto bytes = read_file(entry.path());
        const auto at = bytes.find(text);
        if (at == bytes.npos) continue;
        bytes[at] = static_cast<char>(bytes[at] ^ 4);
        std::ofstream(entry.path(), std::ios::binary) << bytes;
        return;
    }
    FAIL("no settled file has " << text);
}

nlohmann::json status_of(const Broker& broker) {
    const auto outcome = broker.cmq({"cluster", "status", "-o", "json"});
    return outcome.status == 0 ? nlohmann::json::parse(outcome.out) : nlohmann::json{};
}

}  // namespace

TEST_SUITE("cluster") {
    SCENARIO("a node joins whose log begins where others' does not any more") {
        Broker first;
        send_fifty(first, "early");
        send_fifty(first, "late");
        turn_over_log(first);

        const auto token = first.cmq({"cluster", "token"}).out;
        const auto data = (first.directory() / "second").string();
        const auto ports = data + ".json", log = data + ".log";
        auto options = first.options();
        options.error_file = log;
        Process second(
            {cmq_binary(), "serve", "--dev", "--data", data, "--port", "0", "--port-file", ports,
             "--join", first.https(), "--token", token.substr(0, token.size() - 1)},
            options);
        INFO("the second node says: " << read_file(log));
        const auto in_sync = [&first] {
            await("both are in sync", [&] {
                const auto status = status_of(first);
                return status.contains("copies_in_sync") && status["copies_in_sync"] == 2;
            });
        };
        in_sync();

        std::ifstream file(ports);
        const auto node = nlohmann::json::parse(file);
        require_success(first.cmq({"cluster", "transfer", node["node_id"].get<std::string>()}));
        check_fifty(first, "early");  // from the disk of the second

        first.stop();
        damage(first, "late-17.");
        CHECK(first.cmq({"verify", first.directory() / "data"}).status == 1);
        first.restart();
        in_sync();
        require_success(first.cmq({"cluster", "transfer", "1"}));
        check_fifty(first, "late");  // from the first's, but for one
        second.signal(SIGTERM);
        CHECK(second.finish().status == 0);
    }
}
