#include "client/client.h"

#include <doctest/doctest.h>

#include <future>

#include "client/answer.h"
#include "tests/support/fake_broker.h"
#include "tests/support/raw_server.h"

using namespace cmq;
using namespace cmq::client;
using namespace std::chrono_literals;
using support::FakeBroker;

namespace {

constexpr auto* done = R"({"code":0,"message":"","requestId":"1"})";
constexpr auto* no_leader = R"({"code":6000,"message":"(10092)no leader, try again"})";

Client connect(const std::string& endpoints) {
    auto client = Client::open({.endpoints = endpoints, .signer = {"AKIDTEST", "key"}});
    REQUIRE(client);
    return std::move(*client);
}

/// A port on which nobody listens.
std::string closed_endpoint() { return FakeBroker().url(); }

}  // namespace

TEST_SUITE("unit/client") {
    TEST_CASE("a request is signed over what it carries") {
        FakeBroker broker;
        broker.on("DeleteQueue", [](const auto&) { return done; });
        auto client = connect(broker.url());
        REQUIRE(client.delete_queue("orders"));
        auto form = broker.requests().at(0);
        CHECK(form["SignatureMethod"] == "HmacSHA256");
        const auto signature = form["Signature"];
        form.erase("Signature");
        const auth::Parameters parameters(form.begin(), form.end());
        const auto host = "127.0.0.1:" + std::to_string(broker.port());
        const auto text = auth::text_to_sign("POST", host, "/v2/index.php", parameters);
        CHECK(signature == auth::sign("key", auth::Digest::sha256, text));
    }

    TEST_CASE("a body arrives as it was sent") {
        FakeBroker broker;
        broker.on("SendMessage",
                  [](const auto&) { return R"({"code":0,"message":"","msgId":"42"})"; });
        auto client = connect(broker.url());
        const std::string body = "hello world &=+%/\n中文 _";
        const auto ids = client.send("orders", {&body, 1}, {.delay = 5s, .dedup_id = "once"});
        REQUIRE(ids);
        CHECK(*ids == std::vector<std::string>{"42"});
        auto form = broker.requests().at(0);
        CHECK(form["msgBody"] == body);
        CHECK(form["delaySeconds"] == "5");
        CHECK(form["dedupId"] == "once");
    }

    TEST_CASE("a batch goes out in one request, in order") {
        FakeBroker broker;
        broker.on("BatchSendMessage", [](const auto&) {
            return R"({"code":0,"message":"","msgList":[{"msgId":"1"},{"msgId":"2"}]})";
        });
        auto client = connect(broker.url());
        const std::vector<std::string> bodies{"a", "b"};
        CHECK(client.send("orders", bodies)->size() == 2);
        auto form = broker.requests().at(0);
        CHECK(form["msgBody.0"] == "a");
        CHECK(form["msgBody.1"] == "b");
    }

    TEST_CASE("a body that HTTP cannot carry is refused before it is sent") {
        FakeBroker broker;
        auto client = connect(broker.url());
        const std::string bytes = "\xff\xfe";
        const auto sent = client.send("orders", {&bytes, 1});
        REQUIRE_FALSE(sent);
        CHECK(sent.error().code == Code::invalid);
        CHECK(sent.error().message.find("--base64") != std::string::npos);
        const std::string nothing;
        CHECK(client.send("orders", {&nothing, 1}).error().code == Code::invalid);
        CHECK(broker.requests().empty());
    }

    TEST_CASE("requests share one connection") {
        FakeBroker broker;
        broker.on("ClearQueue", [](const auto&) { return done; });
        auto client = connect(broker.url());
        for (int request = 0; request < 4; ++request) REQUIRE(client.purge_queue("orders"));
        CHECK(broker.connections() == 1);
    }

    TEST_CASE("the next endpoint is asked when one cannot be reached") {
        FakeBroker broker;
        broker.on("ClearQueue", [](const auto&) { return done; });
        auto client = connect(closed_endpoint() + "," + broker.url());
        CHECK(client.purge_queue("orders"));
        CHECK(client.purge_queue("orders"));
        CHECK(broker.requests().size() == 2);
    }

    TEST_CASE("an endpoint that is silent is asked nothing more") {
        const support::RawServer silent;
        FakeBroker broker;
        broker.on("DeleteQueue", [](const auto&) { return done; });
        auto client = Client::open({.endpoints = silent.url() + "," + broker.url(),
                                    .signer = {"AKIDTEST", "key"},
                                    .answer_time = 20ms});
        REQUIRE(client);
        const auto unknown = client->delete_queue("orders");
        REQUIRE_FALSE(unknown);
        CHECK(unknown.error().code == Code::timed_out);
        CHECK(broker.requests().empty());
        CHECK(client->delete_queue("orders"));
    }

    TEST_CASE("a receive without an answer is asked of the next endpoint, or told") {
        for (const bool repeats : {true, false}) {
            support::RawServer dying;
            FakeBroker broker;
            broker.on("BatchReceiveMessage",
                      [](const auto&) { return R"({"code":7000,"message":"(10200)no message"})"; });
            auto client = Client::open({.endpoints = dying.url() + "," + broker.url(),
                                        .signer = {"AKIDTEST", "key"},
                                        .repeats_receives = repeats});
            REQUIRE(client);
            const auto died =
                std::async(std::launch::async, [&] { dying.accept().read_request(); });
            const auto received = client->receive("orders", {.count = 1, .wait = 0s});
            CHECK(received.error().code == (repeats ? Code::empty : Code::unknown_outcome));
            CHECK(broker.requests().size() == (repeats ? 1 : 0));
        }
    }

    TEST_CASE("the next endpoint is asked when one has no leader") {
        FakeBroker leaderless, leader;
        leaderless.on("ClearQueue", [](const auto&) { return no_leader; });
        leader.on("ClearQueue", [](const auto&) { return done; });
        auto client = connect(leaderless.url() + "," + closed_endpoint() + "," + leader.url());
        CHECK(client.purge_queue("orders"));
        CHECK(client.purge_queue("orders"));
        CHECK(leaderless.requests().size() == 1);
        CHECK(leader.requests().size() == 2);
    }

    TEST_CASE("all are asked again until one has a leader") {
        FakeBroker first, second;
        first.on("ClearQueue", [](const auto&) { return no_leader; });
        second.on("ClearQueue",
                  [&](const auto&) { return first.requests().size() < 3 ? no_leader : done; });
        auto client = connect(first.url() + "," + second.url());
        CHECK(client.purge_queue("orders"));
        CHECK(first.requests().size() == 3);
    }

    TEST_CASE("a broker without a leader is unavailable when patience ends") {
        FakeBroker broker;
        broker.on("ClearQueue", [](const auto&) { return no_leader; });
        const auto purge = [&](Options options) {
            options.endpoints = broker.url();
            options.signer = {"AKIDTEST", "key"};
            return Client::open(std::move(options))->purge_queue("orders").error().code;
        };
        CHECK(purge({.patience = 120ms}) == Code::unavailable);
        CHECK(broker.requests().size() == 2);
        const auto begun = std::chrono::steady_clock::now();
        CHECK(purge({.patience = 1h, .deadline = begun + 1s}) == Code::unavailable);
        const auto requests = broker.requests().size();
        CHECK(purge({.deadline = begun}) == Code::timed_out);
        CHECK(broker.requests().size() == requests);
    }

    TEST_CASE("only the broker's error speaks of no leader, a message may quote it") {
        CHECK(says_no_leader(no_leader));
        CHECK_FALSE(
            says_no_leader(R"({"code":0,"message":"","msgBody":"(10092)no leader","msgId":"1"})"));
        CHECK_FALSE(says_no_leader(R"({"code":6000,"message":"(10093)not (10092) but unknown"})"));
    }

    TEST_CASE("the search for a leader ends when it is cancelled") {
        FakeBroker broker;
        std::promise<void> asked;
        broker.on("ClearQueue", [&](const auto&) {
            if (broker.requests().size() == 1) asked.set_value();
            return no_leader;
        });
        auto client = Client::open(
            {.endpoints = broker.url(), .signer = {"AKIDTEST", "key"}, .patience = 1h});
        auto purged = std::async(std::launch::async, [&] { return client->purge_queue("orders"); });
        asked.get_future().wait();
        while (purged.wait_for(1ms) != std::future_status::ready) client->cancel();
        CHECK(purged.get().error().code == Code::unavailable);
    }

    TEST_CASE("a broker that is not there is unreachable, by name") {
        const auto endpoint = closed_endpoint();
        auto client = connect(endpoint);
        const auto listed = client.list_queues("", 0, 1);
        REQUIRE_FALSE(listed);
        CHECK(listed.error().code == Code::unreachable);
        CHECK(listed.error().message.find(endpoint) != std::string::npos);
    }

    TEST_CASE("a wait for part of a second ends when it is over") {
        FakeBroker broker;
        broker.on("BatchReceiveMessage", [](const auto& form) {
            CHECK(form.at("pollingWaitSeconds") == "1");
            return R"({"code":7000,"message":"(10200)no message"})";
        });
        auto client = connect(broker.url());
        const auto received = client.receive("orders", {.count = 3, .wait = 250ms});
        REQUIRE_FALSE(received);
        CHECK(received.error().code == Code::empty);
        CHECK(broker.requests().at(0).at("numOfMsg") == "3");
    }

    TEST_CASE("a broker that holds on for longer is hung up on") {
        FakeBroker broker;
        std::promise<void> test_is_over;
        auto held = test_is_over.get_future().share();
        broker.on("BatchReceiveMessage", [held](const auto&) {
            held.wait();
            return R"({"code":7000,"message":"(10200)no message"})";
        });
        auto client = connect(broker.url());
        CHECK(client.receive("orders", {.count = 1, .wait = 20ms}).error().code == Code::empty);
        test_is_over.set_value();
    }

    TEST_CASE("a request under way ends when it is cancelled, and may have been done") {
        FakeBroker broker;
        std::promise<void> arrived, test_is_over;
        auto held = test_is_over.get_future().share();
        broker.on("BatchReceiveMessage", [&arrived, held](const auto&) {
            arrived.set_value();
            held.wait();
            return R"({"code":7000,"message":"(10200)no message"})";
        });
        FakeBroker other;
        auto client = connect(broker.url() + "," + other.url());
        auto received = std::async(std::launch::async, [&] {
            return client.receive("orders", {.count = 1, .wait = 30s});
        });
        arrived.get_future().wait();
        client.cancel();
        CHECK(received.get().error().code == Code::unknown_outcome);
        CHECK(other.requests().empty());
        test_is_over.set_value();
    }

    TEST_CASE("all queues are read, page by page") {
        FakeBroker broker;
        broker.on("ListQueue", [](const auto& form) {
            const std::string name = form.at("offset") == "0" ? "first" : "second";
            return R"({"code":0,"message":"","totalCount":2,"queueList":[{"queueId":"queue-1",)"
                   R"("queueName":")" +
                   name + "\"}]}";
        });
        auto client = connect(broker.url());
        const auto queues = client.all_queues("");
        REQUIRE(queues);
        REQUIRE(queues->size() == 2);
        CHECK((*queues)[1].name == "second");
    }

    TEST_CASE("readiness is what the broker says, and one that is ready is enough") {
        FakeBroker broker, other;
        broker.on_get("/readyz", 503, R"({"ready":false,"why":"its disk is almost full"})");
        other.on_get("/readyz", 200);
        auto client = connect(broker.url());
        CHECK(client.ready().error().code == Code::unavailable);
        CHECK(client.ready().error().message == broker.url() + ": its disk is almost full");
        CHECK(connect(broker.url() + "," + other.url()).ready());
    }

    TEST_CASE("what changes something is not cut off by a cancel") {
        FakeBroker broker;
        std::promise<void> arrived, cancelled;
        auto after = cancelled.get_future().share();
        broker.on("DeleteQueue", [&arrived, after](const auto&) {
            arrived.set_value();
            after.wait();
            return done;
        });
        auto client = connect(broker.url());
        auto deleted =
            std::async(std::launch::async, [&] { return client.delete_queue("orders"); });
        arrived.get_future().wait();
        client.cancel();
        cancelled.set_value();
        CHECK(deleted.get());
    }

    TEST_CASE("no key, no request") {
        FakeBroker broker;
        auto client = Client::open({.endpoints = broker.url()});
        REQUIRE(client);
        CHECK(client->delete_queue("orders").error().code == Code::unauthenticated);
        CHECK(broker.requests().empty());
    }

    TEST_CASE("a CA file that is not there is named") {
        const auto client =
            Client::open({.endpoints = "https://127.0.0.1:1", .ca_file = "/nonexistent/ca.pem"});
        REQUIRE_FALSE(client);
        CHECK(client.error().code == Code::invalid);
        CHECK(client.error().message.find("/nonexistent/ca.pem") != std::string::npos);
    }
}
