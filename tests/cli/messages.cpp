// What people send is what people receive.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/support/broker.h"
#include "tests/support/fake_broker.h"

using namespace cmq::support;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

const Broker& broker() {
    static const Broker one;
    return one;
}

/// A fresh queue, gone with the test.
struct Queue {
    explicit Queue(std::vector<std::string> attributes = {}) {
        static int made = 0;
        name = "q" + std::to_string(++made);
        attributes.insert(attributes.begin(), {"queue", "create", name});
        REQUIRE(broker().cmq(attributes).status == 0);
    }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() { CHECK(broker().cmq({"queue", "delete", name}).status == 0); }

    Outcome send(std::vector<std::string> words, const std::string& input = {}) const {
        words.insert(words.begin(), {"send", name});
        return broker().cmq(words, input);
    }
    Outcome receive(std::vector<std::string> words = {}) const {
        words.insert(words.begin(), {"receive", name});
        return broker().cmq(words);
    }
    Json show() const {
        return Json::parse(broker().cmq({"queue", "show", name, "-o", "json"}).out);
    }
    std::string name;
};

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("hello goes in and comes out, once") {
        const Queue queue;
        const auto sent = queue.send({"-"}, "hello\n");
        REQUIRE(sent.status == 0);
        CHECK(sent.out.find_first_not_of("0123456789\n") == std::string::npos);
        CHECK(queue.receive({"--wait", "5s"}).out == "hello\n");
        CHECK(queue.receive().status == 4);
        CHECK(queue.show()["active"] == 0);
    }

    TEST_CASE("bodies survive with every odd letter") {
        const Queue queue;
        const std::string odd = "a b&c=d+%41/\t\"\\\n\x01 \xe4\xb8\xad\xe6\x96\x87";
        REQUIRE(queue.send({"-"}, odd).status == 0);
        const auto message = Json::parse(queue.receive({"-o", "ndjson"}).out);
        CHECK(message["body"] == odd);
        CHECK(message["version"] == 1);
        CHECK(message["receives"] == 1);
    }

    TEST_CASE("messages of the largest size all come, however many are asked for at once") {
        const Queue queue({"--max-message-size", "1MiB"});
        const std::string body((1 << 20) - 1, 'x');
        for (const auto* first : {"1", "2", "3", "4", "5"})
            REQUIRE(queue.send({"-"}, first + body).status == 0);
        const auto peeked = broker().cmq({"queue", "peek", queue.name, "--count", "100"});
        CHECK(peeked.out.size() > 5 * body.size());
        std::string all;
        for (const auto* first : {"1", "2", "3", "4", "5"}) all += first + body + '\n';
        CHECK((queue.receive({"--drain"}).out == all));
        CHECK(queue.show()["active"] == 0);
        CHECK(queue.show()["inactive"] == 0);
    }

    TEST_CASE("a body that looks like an option stands after --") {
        const Queue queue;
        REQUIRE(queue.send({"--", "--wait"}).status == 0);
        CHECK(queue.receive().out == "--wait\n");
    }

    TEST_CASE("--base64 carries any bytes, and without it they are refused") {
        const Queue queue;
        const std::string bytes("\xff\x00\xfe\n", 4);
        const auto refused = queue.send({"-"}, bytes);
        CHECK(refused.status == 2);
        CHECK(refused.err.find("--base64") != std::string::npos);
        REQUIRE(queue.send({"-", "--base64"}, bytes).status == 0);
        CHECK(queue.receive({"--base64"}).out == bytes);
    }

    TEST_CASE("lines, NUL records, objects and files become messages in order") {
        const Queue queue;
        CHECK(queue.send({"--lines"}, "1\n2\n3").status == 0);
        CHECK(queue.send({"--null"}, std::string("4\n4\0005", 5)).status == 0);
        CHECK(queue.send({"--ndjson"}, "{\"body\":\"6\"}\n{\"body\":\"7\",\"delay\":0}\n").status ==
              0);
        const auto file = broker().directory() / "body";
        std::ofstream(file) << "8";
        CHECK(queue.send({"--file", file.string()}).status == 0);
        CHECK(queue.receive({"--drain", "--null"}).out ==
              std::string("1\0002\0003\0004\n4\0005\0006\0007\0008\000", 18));
    }

    TEST_CASE("a thousand lines arrive, all of them, in order") {
        const Queue queue;
        std::string lines;
        for (int line = 0; line < 1000; ++line) lines += std::to_string(line) + '\n';
        const auto sent = queue.send({"--lines"}, lines);
        CHECK(std::count(sent.out.begin(), sent.out.end(), '\n') == 1000);
        CHECK(queue.receive({"--drain"}).out == lines);
    }

    TEST_CASE("what one prints as ndjson the other takes") {
        const Queue from, to;
        REQUIRE(from.send({"--lines"}, "a\nb\n").status == 0);
        const auto printed = from.receive({"--drain", "-o", "ndjson"});
        REQUIRE(to.send({"--ndjson"}, printed.out).status == 0);
        CHECK(to.receive({"--drain"}).out == "a\nb\n");
    }

    TEST_CASE("a second message of the same dedup id is not stored") {
        const Queue queue;
        const auto first = queue.send({"a", "--dedup-id", "once"});
        CHECK(queue.send({"a", "--dedup-id", "once"}).out == first.out);
        CHECK(queue.show()["active"] == 1);
    }

    TEST_CASE("a delayed message is not there yet") {
        const Queue queue;
        REQUIRE(queue.send({"later", "--delay", "1h"}).status == 0);
        CHECK(queue.receive().status == 4);
        CHECK(queue.show()["delayed"] == 1);
        const auto peeked =
            Json::parse(broker().cmq({"queue", "peek", queue.name, "-o", "json"}).out);
        CHECK(peeked["messages"][0]["phase"] == "delayed");
        CHECK(peeked["messages"][0]["body"] == "later");
    }

    TEST_CASE("--drain takes exactly what was there, --count no more than asked") {
        const Queue queue;
        REQUIRE(queue.send({"--lines"}, "1\n2\n3\n4\n5\n").status == 0);
        CHECK(queue.receive({"--count", "2"}).out == "1\n2\n");
        CHECK(queue.receive({"--drain"}).out == "3\n4\n5\n");
    }

    TEST_CASE("without an ack it can be extended, released, deleted") {
        const Queue queue;
        REQUIRE(queue.send({"task"}).status == 0);
        auto held = Json::parse(queue.receive({"--no-ack", "-o", "json"}).out)["messages"][0];
        const std::string first = held["handle"];
        const auto extended = broker().cmq({"extend", queue.name, first, "--for", "1h"});
        CHECK(extended.status == 0);
        CHECK(extended.out > held["next_visible"].get<std::string>());
        CHECK(queue.receive().status == 4);
        REQUIRE(broker().cmq({"release", queue.name, first}).status == 0);
        held = Json::parse(queue.receive({"--no-ack", "-o", "ndjson"}).out);
        CHECK(held["receives"] == 2);
        CHECK(broker().cmq({"delete", queue.name, first}).status == 3);
        CHECK(broker().cmq({"delete", queue.name, held["handle"]}).status == 0);
        CHECK(queue.show()["inactive"] == 0);
    }

    TEST_CASE("a rewind brings deleted messages back") {
        const Queue queue({"--rewind", "1h"});
        REQUIRE(queue.send({"again"}).status == 0);
        REQUIRE(queue.receive().out == "again\n");
        const auto rewound = broker().cmq({"rewind", queue.name, "--to", "10m"});
        CHECK(rewound.status == 0);
        CHECK(queue.receive().out == "again\n");
        CHECK(broker().cmq({"rewind", queue.name, "--to", "1"}).status == 2);
        const Queue without;
        CHECK(broker().cmq({"rewind", without.name, "--to", "1m"}).status == 2);
    }

    TEST_CASE("a dry run says what a rewind would bring back, and leaves it") {
        const Queue queue({"--rewind", "1h"});
        REQUIRE(queue.send({"--lines"}, "1\n2\n3\n").status == 0);
        REQUIRE(queue.receive({"--drain"}).status == 0);
        const auto rewind = [&](std::vector<std::string> words) {
            words.insert(words.begin(), {"rewind", queue.name});
            return broker().cmq(words);
        };
        const auto dry = rewind({"--to", "10m", "--dry-run"});
        CHECK(dry.status == 0);
        CHECK(dry.out.rfind("3 messages would come back to " + queue.name, 0) == 0);
        CHECK(queue.show()["rewindable"] == 3);
        CHECK(Json::parse(rewind({"--to", "10m", "--dry-run", "-o", "json"}).out)["messages"] == 3);
        CHECK(queue.receive().status == 4);
        CHECK(rewind({"--to", "10m"}).out.find(": 3 messages came back") != std::string::npos);
        CHECK(queue.receive({"--drain"}).out == "1\n2\n3\n");
    }

    TEST_CASE("a rewind to a message brings it back, and what came after it") {
        const Queue queue({"--rewind", "1h"}), other({"--rewind", "1h"});
        std::string ids[3];
        for (auto& id : ids) id = queue.send({"-o", R"(template={id}\0)", "x"}).out;
        for (auto& id : ids) id.pop_back();
        REQUIRE(queue.receive({"--drain"}).status == 0);
        const auto to = [](const Queue& from, const std::string& id) {
            return broker().cmq({"rewind", from.name, "--to", id, "-o", "template={messages}"});
        };
        CHECK(to(queue, ids[1]).out == "2\n");
        CHECK(queue.receive({"-o", "template={id}"}).out == ids[1] + '\n');
        CHECK(to(other, ids[1]).status == 3);
        CHECK(to(queue, "9007199254999999").status == 3);
        CHECK(broker().cmq({"rewind", queue.name, "--to", "2h"}).err.find("keeps them for 1h") !=
              std::string::npos);
        CHECK(broker().cmq({"rewind", queue.name, "--to", "1234567890123"}).status == 2);
        CHECK(broker().cmq({"rewind", queue.name}).status == 2);
    }

    TEST_CASE("a reader that goes away leaves the rest in the queue") {
        const Queue queue;
        REQUIRE(queue.send({"--lines"}, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n").status == 0);
        const auto follower = broker().start_cmq({"receive", queue.name, "--follow"});
        CHECK(follower->read_line() == "1");
        follower->close_output();
        CHECK(follower->finish().status == 1);
        const auto left = queue.show();
        CHECK(left["inactive"] == 0);
        CHECK(left["active"] >= 7);
    }

    TEST_CASE("a reader that goes away while the queue is empty ends the wait") {
        using namespace std::chrono_literals;
        for (const Words& until : {Words{"--follow"}, {"--count", "2", "--wait", "30s"}}) {
            const Queue queue;
            REQUIRE(queue.send({"only"}).status == 0);
            Words words{"receive", queue.name};
            words.insert(words.end(), until.begin(), until.end());
            const auto follower = broker().start_cmq(words);
            CHECK(follower->read_line() == "only");
            while (queue.show()["inactive"] != 0) continue;  // until it is deleted
            const auto begin = std::chrono::steady_clock::now();
            follower->close_output();
            CHECK(follower->finish().status == 1);
            CHECK(std::chrono::steady_clock::now() - begin < 20s);  // a poll is held for 30 s
            REQUIRE(queue.send({"next"}).status == 0);
            CHECK(queue.receive({"--wait", "5s"}).out == "next\n");
        }
    }

    TEST_CASE("a follower gets what comes later, and ends cleanly") {
        const Queue queue;
        const auto follower = broker().start_cmq({"receive", queue.name, "--follow", "-o", "json"});
        REQUIRE(queue.send({"late"}).status == 0);
        CHECK(follower->read_line() == R"({"version":1,"messages":[)");
        follower->signal(SIGTERM);
        const auto outcome = follower->finish();
        CHECK(outcome.status == 130);
        CHECK(Json::parse(R"({"version":1,"messages":[)" + outcome.out)["messages"][0]["body"] ==
              "late");
        CHECK(queue.show()["active"] == 0);
        CHECK(queue.show()["inactive"] == 0);
    }

    TEST_CASE("a node without a leader is passed over") {
        const Queue queue;
        FakeBroker leaderless;
        leaderless.on("SendMessage", [](const auto&) {
            return R"({"code":6000,"message":"(10092)no leader, try again"})";
        });
        auto options = broker().options();
        options.environment["CMQ_ENDPOINT"] = leaderless.url() + "," + broker().http();
        CHECK(run({cmq_binary(), "send", queue.name, "found"}, options).status == 0);
        CHECK(leaderless.requests().size() == 1);
        CHECK(queue.receive().out == "found\n");
    }

    TEST_CASE("HTTP and HTTPS are one broker, and the next endpoint serves when one does not") {
        const Queue queue;
        auto options = broker().options();
        options.environment["CMQ_ENDPOINT"] = broker().http();
        CHECK(run({cmq_binary(), "send", queue.name, "over http"}, options).status == 0);
        CHECK(queue.receive().out == "over http\n");
        options.environment["CMQ_ENDPOINT"] = "http://127.0.0.1:1," + broker().https();
        CHECK(run({cmq_binary(), "queue", "show", queue.name}, options).status == 0);
    }
}
