// Real processes: answers that are large come through a node that does not lead.

#include <doctest/doctest.h>

#include "broker/limits.h"
#include "tests/chaos/nodes.h"

using namespace cmq;

namespace {

/// What a client of one node that follows asks for.
struct Follower {
    Follower() {
        auto opened = client::Client::open(nodes.broker({nodes.other(nodes.await_leader())}));
        REQUIRE(opened);
        client.emplace(*std::move(opened));
        broker::AttributeChanges attributes;
        attributes.max_message_bytes = broker::max_message_bytes.most;
        REQUIRE(client->create_queue("orders", attributes));
    }

    void send(int count, const std::string& body) {
        for (int at = 0; at < count; ++at) REQUIRE(client->send("orders", std::vector{body}));
    }

    chaos::Nodes nodes;
    std::optional<client::Client> client;
};

}  // namespace

TEST_SUITE("cluster") {
    SCENARIO("a follower gives messages of the largest size, as many as a client asks for") {
        Follower follower;
        const std::string plain(broker::max_message_bytes.most, 'x');
        const std::string longer_in_json(broker::max_message_bytes.most, '\x01');
        follower.send(10, plain);
        follower.send(6, longer_in_json);

        std::size_t peeked = 0;
        for (std::optional<std::uint64_t> from = 0; from;) {
            const auto page = follower.client->peek("orders", {100, {}, *from});
            REQUIRE_MESSAGE(page, page.error().message);
            REQUIRE_FALSE(page->messages.empty());
            peeked += page->messages.size();
            from = page->next;
        }
        CHECK(peeked == 16);

        std::size_t received = 0;
        while (received < 16) {
            // Without a wait: what did not fit the answer before can be had at once.
            const auto got = follower.client->receive("orders", {16, std::chrono::seconds{0}});
            REQUIRE_MESSAGE(got, got.error().message);
            for (const auto& message : *got) {
                CHECK((message.body == (received++ < 10 ? plain : longer_in_json)));
                CHECK(message.receives == 1);
            }
        }
        const auto left = follower.client->receive("orders", {16, std::chrono::seconds{0}});
        REQUIRE_FALSE(left);
        CHECK(left.error().code == Code::empty);
    }
}
