// Real processes: a receive at a node that does not lead, whose client goes away.

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <thread>

#include "client/client.h"
#include "client/connection.h"
#include "tests/chaos/nodes.h"

using namespace cmq;
using namespace std::chrono_literals;

namespace {

client::Client client_of(const chaos::Nodes& nodes, chaos::Number node) {
    auto client = client::Client::open(nodes.broker({node}));
    REQUIRE(client);
    return *std::move(client);
}

/// Until it holds; a deadline is only a safety net.
template <class Holds>
void await(const char* what, Holds holds) {
    for (int rounds = 0; rounds < 6'000; ++rounds, std::this_thread::sleep_for(10ms))
        if (holds()) return;
    FAIL("still not: " << what);
}

bool parks_one(const chaos::Nodes& nodes, chaos::Number node) {
    const auto options = nodes.broker({node});
    auto connection = client::Connection::open(*client::parse_endpoint(options.endpoints),
                                               {.ca_file = options.ca_file});
    REQUIRE(connection);
    const auto page = connection->get("/metrics", 60s);
    REQUIRE(page);
    return page->body.find("\ncmq_parked_polls 1\n") != std::string::npos;
}

bool is_in_flight(client::Client& client) {
    const auto peeked = client.peek("orders", {.phase = "inflight"});
    return peeked && !peeked->messages.empty();
}

/// One that was given back; its time to come by itself is hours away.
void take(client::Client& client) {
    const auto received = client.receive("orders", {.count = 1, .wait = 30s});
    REQUIRE_MESSAGE(received, received.error().message);
    const std::vector handles{received->at(0).handle};
    REQUIRE(client.delete_messages("orders", handles));
}

/// The leader answers a relay that stands still, and its client goes meanwhile.
void cross(chaos::Nodes& nodes) {
    const auto lead = nodes.await_leader(), relay = nodes.other(lead);
    auto leader = client_of(nodes, lead), gone = client_of(nodes, relay);
    auto received = std::async(std::launch::async, [&] {
        return gone.receive("orders", {.count = 1, .wait = 30s}).has_value();
    });
    await("the receive waits", [&] { return parks_one(nodes, lead); });
    nodes.pause(relay);
    REQUIRE(leader.send("orders", std::vector<std::string>{"hello"}));
    await("it is on its way", [&] { return is_in_flight(leader); });
    gone.cancel();
    CHECK_FALSE(received.get());
    nodes.resume(relay);  // it finds both, in whichever order
    take(leader);
}

}  // namespace

TEST_SUITE("cluster") {
    SCENARIO("a message crosses the going of a client, and is there for the next") {
        chaos::Nodes nodes;
        auto client = client_of(nodes, nodes.await_leader());
        broker::AttributeChanges changes;
        changes.visibility_timeout = 43'200;
        REQUIRE(client.create_queue("orders", changes));
        for (int round = 0; round < 5; ++round) cross(nodes);
    }
}
