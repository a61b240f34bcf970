// A disk is full for a while: of one node of three, and of a lone broker. Nobody starts them anew.

#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "tests/chaos/small_disk.h"
#include "tests/chaos/story.h"
#include "tests/support/broker.h"

using namespace cmq::chaos;
using namespace std::chrono_literals;
using cmq::support::Broker;
using cmq::support::Outcome;

namespace {

using Clock = std::chrono::steady_clock;

// A node that has less than 1 GiB left refuses sends, and does not lead. This leaves it some; in a
// long story its log grows by what it keeps for those that were away.
unsigned disk_megabytes() { return is_long() ? 2'400 : 1'400; }
constexpr unsigned lone_megabytes = 1'100;
constexpr std::uint64_t below_reserve = 100 << 20;
constexpr Number small = 0;
constexpr int exit_throttled = 8, exit_unreachable = 9;

void let_lead(Story& story, Number node) {
    auto client = cmq::client::Client::open(story.nodes.broker());
    REQUIRE(client);
    for (int tries = 0; story.nodes.await_leader() != node; ++tries) {
        REQUIRE(tries < 20);
        (void)client->transfer_lead(story.nodes.id(node));  // looked at above
    }
}

void fill_disk(Story& story, SmallDisk& disk, unsigned times) {
    Figures gaps("longest gap of sends around a full disk");
    for (unsigned time = 0; time < times; ++time) {
        story.nodes.await_in_sync();
        // By turns that of a follower and that of the leader.
        let_lead(story, (story.chance.seed() + time) % 2 == 0 ? story.nodes.other(small) : small);
        story.pulse.take_longest_gap();
        disk.fill();
        // The others serve meanwhile.
        CHECK(story.pulse.next_after(Clock::now() + 2s) < 10s);
        story.rest(1'000ms, 3'000ms);
        REQUIRE_MESSAGE(!story.nodes.is_gone(small), story.nodes.last_words(small));
        disk.free();
        story.nodes.await_in_sync();
        gaps.add(story.pulse.take_longest_gap());
        CHECK(story.pulse.next_after(Clock::now()) < 10s);
    }
    say(gaps.text());
}

/// A broker and what its one client was promised.
struct Lone {
    explicit Lone(const SmallDisk& disk) : broker(disk.path() / "data") {
        REQUIRE(broker.cmq({"queue", "create", "orders"}).status == 0);
    }

    Outcome send() {
        const auto body = "message " + std::to_string(++sent);
        auto outcome = broker.cmq({"send", "orders", body});
        if (outcome.status == 0) kept.insert(body + '\n');
        return outcome;
    }
    bool receive() {
        const auto outcome = broker.cmq({"receive", "orders", "--timeout", "5s"});
        if (outcome.status == 0) CHECK(kept.erase(outcome.out) == 1);
        return outcome.status == 0;
    }
    /// It notices within a second or so.
    template <class Done>
    Outcome send_until(Done done) {
        const auto end = Clock::now() + 60s;
        for (;;) {
            auto outcome = send();
            if (done(outcome.status)) return outcome;
            REQUIRE(Clock::now() < end);
        }
    }

    Broker broker;
    std::set<std::string> kept;  // acknowledged, and not received
    unsigned sent = 0;
};

}  // namespace

TEST_SUITE("chaos") {
    SCENARIO("one node's disk is full for a while") {
        if (!is_its_turn("full disk", 0, 3)) return;
        auto disk = SmallDisk::make(disk_megabytes());
        if (!disk) return say("full disk SKIPPED: " + disk.error().message);
        std::vector<Place> places(3);
        places[small].data = (*disk)->path() / "data";
        Story story("full disk", places);
        fill_disk(story, **disk, amount(20, 2));
        story.end();
    }

    SCENARIO("a lone broker's disk is full for a while") {
        auto disk = SmallDisk::make(lone_megabytes);
        if (!disk) return say("full disk of a lone broker SKIPPED: " + disk.error().message);
        Lone lone(**disk);
        const auto process = lone.broker.id();
        for (int message = 0; message < 20; ++message) REQUIRE(lone.send().status == 0);
        for (unsigned time = 0; time < amount(20, 2); ++time) {
            (*disk)->fill(below_reserve);
            const auto refused = lone.send_until([](int status) { return status != 0; });
            CHECK(refused.status == exit_throttled);
            CHECK_MESSAGE(refused.err.find("make room") != std::string::npos, refused.err);
            const auto health = lone.broker.cmq({"health"});
            CHECK(health.status == exit_unreachable);
            CHECK_MESSAGE(health.err.find("disk is almost full") != std::string::npos, health.err);
            REQUIRE(lone.receive());
            (*disk)->fill();
            for (int message = 0; message < 5; ++message) REQUIRE(lone.receive());
            CHECK(lone.send().status == exit_throttled);
            (*disk)->free();
            lone.send_until([](int status) { return status == 0; });
            CHECK(lone.broker.cmq({"health"}).status == 0);
            for (int message = 0; message < 6; ++message) REQUIRE(lone.send().status == 0);
        }
        CHECK(lone.broker.id() == process);
        while (lone.receive()) continue;
        CHECK(lone.kept.empty());
        lone.broker.stop();
        const auto verified = lone.broker.cmq({"verify", lone.broker.data().string()});
        CHECK_MESSAGE(verified.status == 0, verified.out << verified.err);
    }

    SCENARIO("a broker that is started without room says so") {
        auto disk = SmallDisk::make(1);
        if (!disk) return say("start without room SKIPPED: " + disk.error().message);
        const auto serve = [&] {
            return cmq::support::run({cmq::support::cmq_binary(), "serve", "--dev", "--data",
                                      ((*disk)->path() / "data").string(), "--port", "0"});
        };
        for (const bool to_the_last_byte : {false, true}) {
            if (to_the_last_byte) (*disk)->fill();
            const auto outcome = serve();
            CHECK(outcome.status == exit_throttled);
            const bool is_clear = outcome.err.find("room") != std::string::npos ||
                                  outcome.err.find("No space left") != std::string::npos;
            CHECK_MESSAGE(is_clear, outcome.err);
        }
    }
}
