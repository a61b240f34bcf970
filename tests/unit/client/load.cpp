#include "client/load.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "client/load_body.h"
#include "client/load_costs.h"
#include "client/load_wire.h"
#include "protocol/form.h"
#include "tests/support/fake_queue.h"

namespace {

using namespace cmq;
using namespace cmq::client;
using namespace std::chrono_literals;
using support::FakeQueue;

LoadOptions against(const FakeQueue& queue) {
    LoadOptions options;
    options.broker.endpoints = queue.url();
    options.broker.signer = {"id", "key"};
    options.queue = "load";
    options.senders = 2;
    options.window = 4;
    options.body_bytes = 200;
    options.count = 2'000;
    return options;
}

/// The signature of a request as any other client would make it.
std::string expected_signature(const net::HttpClient::Request& request, const Endpoint& endpoint) {
    auto parameters = *protocol::parse_form(request.body);
    std::erase_if(parameters, [](const auto& each) { return each.first == "Signature"; });
    return auth::sign("key", auth::Digest::sha256,
                      auth::text_to_sign("POST", endpoint.authority(), endpoint.path, parameters));
}

std::string given_signature(const net::HttpClient::Request& request) {
    const auto parameters = *protocol::parse_form(request.body);
    return std::string(*protocol::Fields(parameters).find("Signature"));
}

LoadAnswer read(std::string& text) {
    const auto answer = read_load_answer(text);
    REQUIRE(answer);
    return *answer;
}

}  // namespace

TEST_SUITE("unit/client") {
    SCENARIO("a body tells who sent it, and whether it is whole") {
        const LoadBody body{0xdeadbeef, 7, 123'456'789, 42us};
        for (const std::size_t bytes : {53u, 54u, 64u, 1024u, 65'536u}) {
            const auto text = write_load_body(body, bytes);
            CHECK(text.size() == bytes);
            CHECK(read_load_body(text) == body);
            CHECK(protocol::form_encode(text) == text);
            for (std::size_t at = 0; at < std::min<std::size_t>(bytes, 100); ++at) {
                auto changed = text;
                changed[at] = changed[at] == '0' ? '1' : '0';
                CHECK_FALSE(read_load_body(changed));
            }
            CHECK_FALSE(read_load_body(text.substr(0, bytes - 1)));
        }
        CHECK_FALSE(read_load_body("hello"));
    }

    SCENARIO("requests are signed as everybody signs them") {
        const Endpoint endpoint{false, "127.0.0.1", 8080, "/v2/index.php"};
        const LoadRequests requests({"an id+", "key"}, endpoint, "a-queue_1");
        const std::vector<std::string> sixteen{"0", "1", "2",  "3",  "4",  "5",  "6",  "7",
                                               "8", "9", "10", "11", "12", "13", "14", "15"};
        const std::vector<std::string> one{"alone"};
        for (const auto& request :
             {requests.send(one), requests.send(sixteen), requests.remove(one),
              requests.remove(sixteen), requests.receive(1, 1s), requests.receive(16, 30s)}) {
            CHECK(given_signature(request) == expected_signature(request, endpoint));
            CHECK(request.target == "/v2/index.php");
        }
        const auto parameters = *protocol::parse_form(requests.send(sixteen).body);
        const auto bodies = protocol::Fields(parameters).list("msgBody");
        REQUIRE(bodies);
        CHECK(std::equal(bodies->begin(), bodies->end(), sixteen.begin(), sixteen.end()));
    }

    SCENARIO("answers are read for what a load run needs") {
        std::string one =
            R"({"code":0,"message":"","requestId":"5","msgBody":"a\"b","msgId":"9",)"
            R"("receiptHandle":"11","enqueueTime":1,"nextVisibleTime":2,"dequeueCount":3})";
        const auto answer = read(one);
        CHECK(answer.code == 0);
        REQUIRE(answer.messages.size() == 1);
        CHECK(answer.messages[0].body == "a\"b");
        CHECK(answer.messages[0].handle == "11");
        CHECK(answer.messages[0].receives == 3);

        std::string many =
            R"({"code":0,"message":"","requestId":"5","msgInfoList":[)"
            R"({"msgBody":"x","receiptHandle":"1"},{"msgBody":"y","receiptHandle":"2"}]})";
        CHECK(read(many).messages.size() == 2);

        std::string partly =
            R"j({"code":6010,"message":"(10150)delete message partially failed","requestId":"5",)j"
            R"j("errorList":[{"code":4430,"message":"(10260)","receiptHandle":"77"}]})j";
        const auto deleted = read(partly);
        CHECK(deleted.code == 6010);
        CHECK(deleted.messages.empty());
        CHECK(deleted.refused == std::vector<std::string_view>{"77"});

        for (std::string wrong : {"", "{", "[]", R"({"message":""})"})
            CHECK_FALSE(read_load_answer(wrong));
    }

    SCENARIO("only what the broker certainly did not do counts as refused") {
        const auto outcome = [](int code, std::string_view message) {
            LoadAnswer answer;
            answer.code = code;
            answer.message = message;
            return outcome_of(answer);
        };
        CHECK(outcome(0, "") == LoadOutcome::done);
        CHECK(outcome(4420, "(10250)qps throttling") == LoadOutcome::refused);
        CHECK(outcome(6000, "(10091)disk space is low") == LoadOutcome::refused);
        CHECK(outcome(6000, "(10092)no leader") == LoadOutcome::refused);
        CHECK(outcome(6000, "(10094)a copy is missing") == LoadOutcome::refused);
        CHECK(outcome(6000, "(10093)outcome unknown") == LoadOutcome::unknown);
        CHECK(outcome(6000, "(10050)server internal error") == LoadOutcome::unknown);
        CHECK(outcome(4100, "(10030)authentication failed") == LoadOutcome::hopeless);
        CHECK(outcome(4440, "(10100)queue is not existed") == LoadOutcome::hopeless);
    }

    SCENARIO("the broker's costs are read from its metrics") {
        const auto before = read_figures(
            "# HELP cmq_log_fsyncs_total x\ncmq_log_fsyncs_total 10\n"
            "cmq_log_bytes_written_total{file=\"a\"} 100\n"
            "cmq_log_bytes_written_total{file=\"b\"} 50\nprocess_cpu_seconds_total 1.5\n");
        const auto after = read_figures(
            "cmq_log_fsyncs_total 30\ncmq_log_bytes_written_total 2150\n"
            "process_cpu_seconds_total 2.5e0\ncmq_log_fsyncs_total_other 9\n");
        const auto costs = costs_between(before, after, 100);
        CHECK(costs.fsyncs == 0.2);
        CHECK(costs.bytes_written == 20);
        CHECK(costs.broker_cpu_us == 10'000);
        THEN("a broker that began anew has none") {
            auto anew = after;
            anew.fsyncs = 3;
            CHECK_FALSE(costs_between(before, anew, 100).fsyncs);
            CHECK_FALSE(costs_between(before, anew, 100).broker_cpu_us);
        }
        THEN("nor has one whose figures are already higher than they were") {
            auto first = before, second = after;
            first.started = 1'700'000'000.25;
            second.started = 1'700'000'009.5;
            CHECK_FALSE(costs_between(first, second, 100).fsyncs);
            CHECK_FALSE(costs_between(first, second, 100).broker_cpu_us);
            second.started = first.started;
            CHECK(costs_between(first, second, 100).fsyncs == 0.2);
        }
        THEN("those of several nodes are added up, where each has some") {
            const auto both = costs_between(std::vector{before, before}, {after, after}, 100);
            CHECK(both.fsyncs == 0.4);
            CHECK(both.broker_cpu_us == 20'000);
            CHECK_FALSE(costs_between(std::vector{before, before}, {after, {}}, 100).fsyncs);
        }
        THEN("nor has a run without messages, or a page without metrics") {
            CHECK_FALSE(costs_between(before, after, 0).fsyncs);
            CHECK_FALSE(costs_between(before, read_figures("<html>"), 100).fsyncs);
        }
    }

    SCENARIO("options out of range are named") {
        LoadOptions options;
        options.broker.endpoints = "http://127.0.0.1:1";
        const auto message = [&] { return run_load(options).error().message; };
        options.window = 0;
        CHECK(message() == "window is 0, must be 1 to 1024");
        options.window = 1;
        options.batch = 17;
        CHECK(message() == "batch is 17, must be 1 to 16");
        options.batch = 16;
        options.body_bytes = 65'537;
        CHECK(message() == "size is 65537, must be 53 to 65536");
        options.body_bytes = 53;
        options.senders = 0;
        CHECK(message() == "without senders and receivers there is nothing to do");
        options.receivers = 1;
        options.verify = Verify::yes;
        CHECK(message() == "verify needs senders: it judges what it sent itself");
    }

    SCENARIO("a broker that is not there ends a run at once") {
        LoadOptions options;
        options.broker.endpoints = "http://127.0.0.1:1";
        options.broker.signer = {"id", "key"};
        options.queue = "load";
        const auto report = run_load(options);
        REQUIRE_FALSE(report);
        CHECK(report.error().code == Code::unreachable);
    }

    SCENARIO("sends only, counted") {
        net::Loops loops{1};
        FakeQueue queue(loops, FakeQueue::Exists::yes, 1s);
        const auto report = run_load(against(queue));
        REQUIRE(report);
        CHECK(report->sent == 2'000);
        CHECK(report->send.count() == 2'000);
        CHECK(report->received == 0);
        CHECK(queue.left() == 2'000);
        CHECK(queue.actions() == std::vector<std::string>{"GetQueueAttributes", "SendMessage"});
        CHECK(report->costs.fsyncs == 0);
        CHECK_FALSE(report->costs.bytes_written);
        CHECK_FALSE(report->verdict);
    }

    SCENARIO("whole lives, one by one and in batches, on a queue of their own") {
        for (const unsigned batch : {1u, 16u}) {
            net::Loops loops{1};
            FakeQueue queue(loops, FakeQueue::Exists::no, 1s);
            auto options = against(queue);
            options.batch = batch;
            options.receivers = 2;
            options.loops = 2;
            const auto report = run_load(options);
            REQUIRE(report);
            CHECK(report->sent == 2'000);
            CHECK(report->received == 2'000);
            CHECK(report->deleted == 2'000);
            CHECK(report->delivery.count() == 2'000);
            CHECK(report->remove.count() == report->receive.count());
            CHECK(queue.left() == 0);
            CHECK_FALSE(queue.exists());
        }
    }

    SCENARIO("a good queue is verified") {
        net::Loops loops{1};
        FakeQueue queue(loops, FakeQueue::Exists::yes, 1s);
        auto options = against(queue);
        options.verify = Verify::yes;
        options.batch = 7;
        const auto report = run_load(options);
        REQUIRE(report);
        REQUIRE(report->verdict);
        CHECK(report->verdict->good());
        CHECK(report->verdict->acknowledged == 2'000);
        CHECK(report->verdict->received == 2'000);
        CHECK(report->verdict->deleted == 2'000);
        CHECK(report->verdict->duplicates == 0);
    }

    SCENARIO("a queue that loses, doubles, and does not answer is found out") {
        net::Loops loops{1};
        FakeQueue queue(loops, FakeQueue::Exists::yes, 1s,
                        {.lose = 3, .twice = 500, .unanswered = 900});
        auto options = against(queue);
        options.verify = Verify::yes;
        options.receivers = 1;
        const auto report = run_load(options);
        REQUIRE(report);
        REQUIRE(report->verdict);
        const auto& verdict = *report->verdict;
        CHECK_FALSE(verdict.good());
        CHECK(verdict.count(check::Violation::lost) == 1);
        CHECK(verdict.duplicates_unexplained() == 1);
        CHECK(verdict.count(check::Violation::overlap) +
                  verdict.count(check::Violation::undeleted) ==
              1);
        CHECK(verdict.unknown >= 1);
        CHECK(verdict.unknown_appeared >= 1);
        CHECK(verdict.count(check::Violation::invented) == 0);
        CHECK(verdict.sent == 2'000);
    }

    SCENARIO("a run goes on at another endpoint where one is gone or has no leader") {
        net::Loops loops{1};
        FakeQueue queue(loops, FakeQueue::Exists::yes, 1s);
        FakeQueue leaderless(loops, FakeQueue::Exists::yes, 1s, {.leaderless = 0});
        for (const auto& other : {std::string("http://127.0.0.1:1"), leaderless.url()}) {
            auto options = against(queue);
            options.broker.endpoints = other + ',' + queue.url();
            options.verify = Verify::yes;
            options.receivers = 2;
            const auto report = run_load(options);
            REQUIRE(report);
            CHECK(report->verdict->good());
            CHECK(report->verdict->duplicates_unexplained() == 0);
            CHECK(report->unknown == 0);
            CHECK(report->refused == 0);
            CHECK(report->sent == 2'000);
            CHECK_FALSE(report->costs.bytes_written);
        }
    }

    SCENARIO("a broker that loses its leader under way is left for the next, and nothing is lost") {
        net::Loops loops{1};
        FakeQueue first(loops, FakeQueue::Exists::yes, 1s, {.leaderless = 500});
        FakeQueue second(loops, FakeQueue::Exists::yes, 1s);
        auto options = against(first);
        options.broker.endpoints = first.url() + ',' + second.url();
        const auto report = run_load(options);
        REQUIRE(report);
        CHECK(first.left() + second.left() == report->sent);
        CHECK(report->sent == 2'000);
        CHECK(report->longest_gap.count() > 0);
    }

    SCENARIO("a broker that stops under way is left for the next, and no request fails") {
        net::Loops loops{1};
        FakeQueue first(loops, FakeQueue::Exists::yes, 1s, {.stops = 500});
        FakeQueue second(loops, FakeQueue::Exists::yes, 1s);
        auto options = against(first);
        options.broker.endpoints = first.url() + ',' + second.url();
        const auto report = run_load(options);
        REQUIRE(report);
        CHECK(report->unknown == 0);
        CHECK(report->refused == 0);
        CHECK(report->sent == 2'000);
        CHECK(first.left() + second.left() == 2'000);
        CHECK(second.left() > 0);
    }

    SCENARIO("a broker that answers no receive but with errors is given up") {
        net::Loops loops{1};
        FakeQueue queue(loops, FakeQueue::Exists::yes, 1s, {.leaderless = 500});
        auto options = against(queue);
        options.verify = Verify::yes;
        options.receivers = 2;
        options.patience = 1s;
        const auto report = run_load(options);
        REQUIRE_FALSE(report);
        CHECK(report.error().message.find("no receive has worked for 1 s: ") == 0);
    }

    SCENARIO("a queue that holds messages cannot be verified") {
        net::Loops loops{1};
        FakeQueue queue(loops, FakeQueue::Exists::yes, 1s);
        auto options = against(queue);
        REQUIRE(run_load(options));
        options.verify = Verify::yes;
        const auto report = run_load(options);
        REQUIRE_FALSE(report);
        CHECK(report.error().code == Code::invalid);
        CHECK(report.error().message.find("needs an empty queue") != std::string::npos);
    }
}
