// What `cmq bench` says of brokers that are not as they should be.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "client/load_costs.h"
#include "net/loops.h"
#include "tests/support/broker.h"
#include "tests/support/fake_queue.h"
#include "tests/support/process.h"
#include "tests/support/raw_server.h"

using namespace cmq::support;
using namespace std::chrono_literals;
using Exists = FakeQueue::Exists;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

Outcome bench(const std::string& endpoints, const Words& more) {
    Words words{cmq_binary(), "bench", "--queue", "load", "-o", "json"};
    words.insert(words.end(), more.begin(), more.end());
    const ProcessOptions options{.environment = {{"CMQ_ENDPOINT", endpoints},
                                                 {"CMQ_SECRET_ID", "id"},
                                                 {"CMQ_SECRET_KEY", "key"}}};
    return run(words, options);
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("bench judges a queue where a deleted message comes again for ever") {
        cmq::net::Loops loops{1};
        FakeQueue queue(loops, Exists::yes, 1s, {.stays = 7});
        const auto outcome = bench(queue.url(), {"--count", "50", "--verify"});
        CHECK_MESSAGE(outcome.status == 1, outcome.err);
        const auto verdict = Json::parse(outcome.out)["verify"];
        CHECK(verdict["good"] == false);
        CHECK(verdict["undeleted"] > 0);
        CHECK(verdict["lost"] == 0);
        CHECK(verdict["vanished"] == 0);
        CHECK(verdict["drained"] == false);
    }

    TEST_CASE("what bench asks before and after a run is no part of the run") {
        cmq::net::Loops loops{1};
        FakeQueue queue(loops, Exists::yes, 1s);
        const RawServer silent;  // asked for its metrics, before and after, for 2 s each
        const auto start = std::chrono::steady_clock::now();
        const auto outcome =
            bench(queue.url() + ',' + silent.url(), {"--count", "20", "--senders", "1"});
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
        const auto report = Json::parse(outcome.out);
        CHECK(report["sent"] == 20);
        CHECK(report["seconds"].get<double>() + 3.5 < took.count());
    }

    TEST_CASE("a stall at the end of a run is in all its figures") {
        cmq::net::Loops loops{1};
        FakeQueue queue(loops, Exists::yes, 1s, {.mute = 1});
        const auto outcome = bench(queue.url(), {"--senders", "1", "--duration", "5s"});
        REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
        const auto report = Json::parse(outcome.out);
        CHECK(report["unknown"] == 1);
        CHECK(report["seconds"] == 5);
        CHECK(report["longest_gap_ms"] > 0);
        CHECK(report["send"]["count"] == report["sent"].get<int>() + 1);
        CHECK(report["send"]["max_ms"] > 10'000);  // patience with the only broker is longer
    }

    TEST_CASE("receives and deletes that failed are told") {
        cmq::net::Loops loops{1};
        FakeQueue queue(loops, Exists::yes, 1s, {.leaderless = 200});
        const Words words{"--senders", "1", "--receivers", "1", "--duration", "1s"};
        const auto outcome = bench(queue.url(), words);
        REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
        CHECK(Json::parse(outcome.out)["failed"] > 0);
    }

    TEST_CASE("each life of a broker says when it began") {
        Broker broker;
        const auto started = [&] {
            cmq::client::Options options;
            options.endpoints = broker.http();
            auto pages = cmq::client::FigurePages::open(options);
            REQUIRE(pages);
            const auto figures = pages->ask();
            REQUIRE(figures.at(0).started);
            return *figures.at(0).started;
        };
        const auto first = started();
        CHECK(first > 1.7e9);
        CHECK(started() == first);
        broker.stop();
        broker.restart();
        CHECK(started() > first);
    }
}
