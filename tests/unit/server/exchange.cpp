#include "server/exchange.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

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

/// Whether the asker went away is the exchange's to know, not the diary's any more.
Shared exchange_of(const Reply& reply) {
    reply.on_gone([] {});
    return std::make_shared<HttpApi::Exchange>(net::Request{}, reply, "1", Steady{});
}

}  // namespace

TEST_SUITE("unit/server") {
    SCENARIO("who goes away cancels what it waits for, and nothing that is over") {
        Relaying nodes;
        const auto reply = nodes.leader.parked("a");
        auto exchange = exchange_of(reply);
        std::atomic<int> first = 0, second = 0;
        exchange->on_gone(exchange->next_step(), [&] { ++first; });
        exchange->on_gone(exchange->next_step(), [&] { ++second; });
        WHEN("it is under way") {
            nodes.hang_up();
            CHECK(first == 0);
            CHECK(second == 1);
            exchange->on_gone(exchange->next_step(), [&] { ++first; });  // too late to wait for
            CHECK(first == 1);
        }
        WHEN("its last owner is gone already") {
            exchange.reset();
            nodes.hang_up();
            CHECK(first == 0);
            CHECK(second == 0);
        }
    }

    SCENARIO("who goes away cancels the latest step, in whichever order the steps speak") {
        Relaying nodes;
        const auto exchange = exchange_of(nodes.leader.parked("a"));
        std::atomic<int> early = 0, late = 0;
        const auto first = exchange->next_step(), second = exchange->next_step();
        WHEN("the first speaks first") {
            exchange->on_gone(first, [&] { ++early; });
            exchange->on_gone(second, [&] { ++late; });
            nodes.hang_up();
        }
        WHEN("the second has spoken already") {
            exchange->on_gone(second, [&] { ++late; });
            exchange->on_gone(first, [&] { ++early; });
            nodes.hang_up();
        }
        WHEN("the asker is gone before the first speaks") {
            exchange->on_gone(second, [&] { ++late; });
            nodes.hang_up();
            exchange->on_gone(first, [&] { ++early; });
        }
        CHECK(early == 0);
        CHECK(late == 1);
    }

    SCENARIO("steps speak on two threads while the asker goes away") {
        Relaying nodes;
        for (int round = 0; round < 100; ++round) {
            const auto name = std::to_string(round);
            Asked poll(nodes.follower.links(), node(2), "park " + name);
            CHECK(nodes.leader.diary.next() == "1 parks " + name);
            const auto exchange = exchange_of(nodes.leader.parked(name));
            std::atomic<int> late = 0;
            const auto first = exchange->next_step();
            std::thread core([&] { exchange->on_gone(exchange->next_step(), [&] { ++late; }); });
            nodes.follower.links().cancel(poll.id);
            exchange->on_gone(first, [] {});
            core.join();
            CHECK(eventually([&] { return late > 0; }));
        }
    }
}
