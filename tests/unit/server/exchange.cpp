#include "server/exchange.h"

#include <doctest/doctest.h>

#include <atomic>

#include "tests/unit/cluster/nodes.h"

using namespace cmq;
using namespace cmq::cluster;
using namespace cmq::server;

namespace {

using Shared = std::shared_ptr<HttpApi::Exchange>;

/// A node that relayed a request, and the one that is to answer it.
struct Relaying {
    Relaying() : follower(loops, certificates, 1), leader(loops, certificates, 2) {
        acquaint({{1, &follower}, {2, &leader}});
        call.emplace(follower.links(), node(2), "park a");
        CHECK(leader.diary.next() == "1 parks a");
    }

    /// The leader has heard of it when this returns.
    void hang_up() {
        follower.links().cancel(call->id);
        CHECK(Asked(follower.links(), node(2), "echo heard").get() == "heard");
    }

    net::Certificates certificates;
    net::Loops loops{2};
    Node follower, leader;
    std::optional<Asked> call;
};

Shared exchange_of(const Reply& reply) {
    return std::make_shared<HttpApi::Exchange>(net::Request{}, reply, "1", Steady{});
}

}  // namespace

TEST_SUITE("unit/server") {
    SCENARIO("who goes away cancels what it waits for, and nothing that is over") {
        Relaying nodes;
        const auto reply = nodes.leader.parked("a");
        auto exchange = exchange_of(reply);
        std::atomic<int> first = 0, second = 0;
        exchange->on_gone([&] { ++first; });
        exchange->on_gone([&] { ++second; });
        WHEN("it is under way") {
            nodes.hang_up();
            CHECK(first == 0);
            CHECK(second == 1);
            exchange->on_gone([&] { ++first; });  // too late to wait for
            CHECK(first == 1);
        }
        WHEN("its last owner is gone already") {
            exchange.reset();
            nodes.hang_up();
            CHECK(first == 0);
            CHECK(second == 0);
        }
    }
}
