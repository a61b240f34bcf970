// A broker that goes away while it is asked: the next endpoint serves, and a follower waits.
#include <doctest/doctest.h>
#include <signal.h>

#include <thread>

#include "tests/support/broker.h"
#include "tests/support/fake_broker.h"
#include "tests/support/raw_server.h"

using namespace cmq::support;
using Words = std::vector<std::string>;

namespace {

const Broker& broker() {
    static const Broker one;
    return one;
}

/// A node that dies with the first request open.
class Dying {
public:
    Dying() : thread_([this] { requests_ += !server_.accept().read_request().empty(); }) {}
    std::string url() const { return server_.url(); }
    /// After whatever asks it has ended.
    int requests() {
        thread_.join();
        return requests_;
    }

private:
    RawServer server_;
    int requests_ = 0;
    std::jthread thread_;
};

Outcome run_with(const std::string& endpoints, Words words) {
    words.insert(words.begin(), cmq_binary());
    auto options = broker().options();
    options.environment["CMQ_ENDPOINT"] = endpoints;
    return run(words, options);
}

/// `words` of a client that knows a dying node and then a live one.
Outcome beside_dying(const Words& words) {
    Dying dying;
    auto outcome = run_with(dying.url() + ',' + broker().https(), words);
    CHECK(dying.requests() == 1);
    return outcome;
}

std::size_t count_of(const std::string& what, const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("what may be asked twice is asked of the next endpoint when one dies") {
        REQUIRE(broker().cmq({"queue", "create", "asked"}).status == 0);
        CHECK(beside_dying({"queue", "list"}).status == 0);
        CHECK(beside_dying({"queue", "show", "asked"}).status == 0);
        CHECK(beside_dying({"receive", "asked", "--wait", "100ms"}).status == 4);
        REQUIRE(broker().cmq({"send", "asked", "there"}).status == 0);
        CHECK(beside_dying({"queue", "peek", "asked"}).status == 0);
        CHECK(beside_dying({"receive", "asked", "--wait", "5s"}).out == "there\n");
        CHECK(beside_dying({"send", "asked", "once", "--dedup-id", "1"}).status == 0);
        CHECK(broker().cmq({"receive", "asked", "--drain"}).out == "once\n");
    }

    TEST_CASE("what may not be done twice is not asked again, and the outcome is unknown") {
        REQUIRE(broker().cmq({"queue", "create", "unasked"}).status == 0);
        const auto sent = beside_dying({"send", "unasked", "x"});
        CHECK(sent.status == 12);
        CHECK(sent.err.find("may have been done") != std::string::npos);
        CHECK(beside_dying({"queue", "delete", "unasked"}).status == 12);
        CHECK(broker().cmq({"receive", "unasked", "--drain"}).status == 4);
    }

    TEST_CASE("a single endpoint that dies is told, and a follower's wrong address at once") {
        Dying dying, followed;
        CHECK(run_with(dying.url(), {"receive", "q"}).status == 12);
        CHECK(run_with(followed.url(), {"receive", "q", "--follow"}).status == 12);
        const auto closed = FakeBroker().url();
        const auto refused = run_with(closed, {"receive", "q", "--follow"});
        CHECK(refused.status == 9);
        CHECK(refused.err.find("trying again") == std::string::npos);
    }

    TEST_CASE("a follower outlives its broker, and says so once") {
        Broker mortal;
        REQUIRE(mortal.cmq({"queue", "create", "followed"}).status == 0);
        REQUIRE(mortal.cmq({"send", "followed", "before"}).status == 0);
        const auto follower = mortal.start_cmq({"receive", "followed", "--follow"});
        CHECK(follower->read_line() == "before");
        mortal.kill();
        mortal.restart();
        REQUIRE(mortal.cmq({"send", "followed", "after"}).status == 0);
        std::string line = follower->read_line();
        if (line == "before") line = follower->read_line();  // killed before it was deleted
        CHECK(line == "after");
        follower->signal(SIGINT);
        const auto followed = follower->finish();
        CAPTURE(followed.err);
        CHECK(count_of("the broker is gone; trying again", followed.err) == 1);
        CHECK(count_of("the broker is back", followed.err) == 1);
    }

    TEST_CASE("a follower whose broker stays away ends when it is told to, or its time is up") {
        Broker mortal;
        for (const auto* queue : {"endless", "timed"}) {
            REQUIRE(mortal.cmq({"queue", "create", queue}).status == 0);
            REQUIRE(mortal.cmq({"send", queue, "first"}).status == 0);
        }
        const auto endless = mortal.start_cmq({"receive", "endless", "--follow"});
        const auto timed = mortal.start_cmq({"receive", "timed", "--follow", "--timeout", "5s"});
        CHECK(endless->read_line() == "first");
        CHECK(timed->read_line() == "first");
        mortal.kill();
        const auto ended = timed->finish();
        CHECK(ended.status == 5);
        CHECK(ended.err.find("--timeout 5s passed after") != std::string::npos);
        endless->signal(SIGTERM);
        CHECK(endless->finish().status == 130);
    }
}
