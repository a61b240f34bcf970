// How long a command takes: what it was given, whoever does not answer.
#include <doctest/doctest.h>

#include <chrono>

#include "tests/support/broker.h"
#include "tests/support/raw_server.h"

using namespace cmq::support;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

namespace {

const Broker& broker() {
    static const Broker one;
    return one;
}

struct Timed {
    Outcome outcome;
    std::chrono::duration<double> took;
};

Timed timed(const std::string& endpoints, Words words) {
    words.insert(words.begin(), cmq_binary());
    auto options = broker().options();
    options.environment["CMQ_ENDPOINT"] = endpoints;
    const auto begin = std::chrono::steady_clock::now();
    auto outcome = run(words, options);
    return {std::move(outcome), std::chrono::steady_clock::now() - begin};
}

std::string with_tls(const RawServer& server) {
    return "https://127.0.0.1:" + std::to_string(server.port());
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("--timeout holds for a broker that takes the request and does not answer") {
        const RawServer silent;
        for (const auto& more : {Words{}, {"--follow"}, {"--drain"}, {"--exec", "true"}}) {
            Words words{"receive", "q", "--timeout", "1s"};
            words.insert(words.end(), more.begin(), more.end());
            const auto received = timed(silent.url(), words);
            CAPTURE(received.outcome.err);
            CHECK(received.outcome.status == 5);
            CHECK(received.took < 15s);  // 20 s is how long an answer may take without it
        }
    }

    TEST_CASE("--timeout holds for a TLS handshake, and the error says that nobody answered") {
        const RawServer silent;
        const auto received = timed(with_tls(silent), {"receive", "q", "--timeout", "500ms"});
        CHECK(received.outcome.status == 5);
        CHECK(received.outcome.err.find("--timeout 500ms passed after 0 messages") !=
              std::string::npos);
        CHECK(received.outcome.err.find("no answer within") != std::string::npos);
        CHECK(received.outcome.err.find("does it speak HTTPS") == std::string::npos);
    }

    TEST_CASE("a silent endpoint leaves time for the next one") {
        const RawServer silent;
        REQUIRE(broker().cmq({"queue", "create", "second"}).status == 0);
        REQUIRE(broker().cmq({"send", "second", "there"}).status == 0);
        const auto endpoints = with_tls(silent) + ',' + broker().https();
        const auto received = timed(endpoints, {"receive", "second", "--timeout", "4s"});
        CHECK(received.outcome.status == 0);
        CHECK(received.outcome.out == "there\n");
        CHECK(timed(endpoints, {"health", "--wait", "4s"}).outcome.status == 0);
    }

    TEST_CASE("health does not wait for longer than it was told") {
        const RawServer silent;
        for (const auto& endpoint : {silent.url(), with_tls(silent)}) {
            const auto health = timed(endpoint, {"health", "--wait", "100ms"});
            CHECK(health.outcome.status == 9);
            CHECK(health.outcome.err.find("answer") != std::string::npos);
            CHECK(health.took < 4s);  // 5 s is how long a broker may take without it
        }
    }

    TEST_CASE("a program that runs when --timeout passes may finish, and its message is deleted") {
        REQUIRE(broker().cmq({"queue", "create", "late"}).status == 0);
        REQUIRE(broker().cmq({"send", "late", "--lines"}, "1\n2\n").status == 0);
        const auto received = broker().cmq({"receive", "late", "--follow", "--timeout", "2s",
                                            "--exec", "sh", "--", "-c", "sleep 3; cat"});
        CHECK(received.status == 5);
        CHECK(received.out == "1");
        CHECK(broker().cmq({"receive", "late", "--drain"}).out == "2\n");
    }
}
