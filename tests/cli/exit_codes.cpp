// Every exit status that a command of this program can end with, as scripts rely on them.
#include <doctest/doctest.h>
#include <signal.h>

#include <atomic>

#include "tests/support/broker.h"
#include "tests/support/fake_broker.h"

using namespace cmq::support;

namespace {

/// One broker for this file: starting it is most of the time.
const Broker& broker() {
    static const Broker one;
    return one;
}

/// A client of a broker that answers as the test says.
Outcome with_fake(const FakeBroker& fake, std::vector<std::string> words) {
    words.insert(words.begin(), cmq_binary());
    ProcessOptions options = broker().options();
    options.environment["CMQ_ENDPOINT"] = fake.url();
    return run(words, options);
}

Outcome with(std::map<std::string, std::string> changes, std::vector<std::string> words) {
    words.insert(words.begin(), cmq_binary());
    auto options = broker().options();
    for (const auto& [name, value] : changes) options.environment[name] = value;
    return run(words, options);
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("0: done") {
        const auto created = broker().cmq({"queue", "create", "done"});
        CHECK(created.status == 0);
        CHECK(created.out == "created done\n");
        CHECK(created.err.empty());
    }

    TEST_CASE("1: the output cannot be written, and the message stays") {
        REQUIRE(broker().cmq({"queue", "create", "stays"}).status == 0);
        REQUIRE(broker().cmq({"send", "stays", "precious"}).status == 0);
        auto options = broker().options();
        options.out_file = "/dev/full";
        const auto lost = run({cmq_binary(), "receive", "stays"}, options);
        CHECK(lost.status == 1);
        CHECK(lost.err.find("No space left on device") != std::string::npos);
        CHECK(lost.err.find("released") != std::string::npos);
        CHECK(broker().cmq({"receive", "stays"}).out == "precious\n");
        CHECK(run({cmq_binary(), "queue", "list"}, options).status == 1);
    }

    TEST_CASE("2: usage or configuration") {
        for (const auto& words :
             std::vector<std::vector<std::string>>{{},
                                                   {"sned"},
                                                   {"queue"},
                                                   {"queue", "crate", "x"},
                                                   {"send", "q"},
                                                   {"send", "q", "a", "b"},
                                                   {"send", "q", "a", "--lines"},
                                                   {"receive", "q", "--wait", "5"},
                                                   {"receive", "q", "--wait"},
                                                   {"receive", "q", "--count", "010"},
                                                   {"receive", "q", "--count", "1", "--count", "2"},
                                                   {"receive", "q", "--drain", "--follow"},
                                                   {"receive", "q", "-o", "xml"},
                                                   {"receive", "q", "--secret-key", "x"},
                                                   {"queue", "create", "9wrong"},
                                                   {"queue", "create", "q", "--retention", "1s"},
                                                   {"rewind", "done", "--to", "yesterday"},
                                                   {"queue", "list", "--context", "nowhere"}}) {
            std::string line;
            for (const auto& word : words) line += word + ' ';
            CAPTURE(line);
            const auto wrong = broker().cmq(words);
            CHECK(wrong.status == 2);
            CHECK(wrong.out.empty());
            CHECK_FALSE(wrong.err.empty());
        }
        CHECK(with({{"CMQ_ENDPOINT", "ftp://x"}}, {"queue", "list"}).status == 2);
        CHECK(with({{"CMQ_ENDPOINT", ""}}, {"queue", "list"}).status == 2);
    }

    TEST_CASE("3: not found, with what to do about it") {
        const auto sent = broker().cmq({"send", "orders", "x"});
        CHECK(sent.status == 3);
        CHECK(sent.err ==
              "cmq: could not send to \"orders\": queue does not exist (10100). Create it: cmq "
              "queue create orders\n");
        REQUIRE(broker().cmq({"queue", "create", "invoices"}).status == 0);
        const auto mistyped = broker().cmq({"queue", "show", "invocies"});
        CHECK(mistyped.status == 3);
        CHECK(mistyped.err.find("Did you mean \"invoices\"?") != std::string::npos);
        CHECK(broker().cmq({"delete", "invoices", "1"}).status == 3);
        for (const auto& words :
             std::vector<std::vector<std::string>>{{"queue", "delete", "zzz"},
                                                   {"queue", "purge", "zzz"},
                                                   {"queue", "show", "zzz"},
                                                   {"queue", "peek", "zzz"},
                                                   {"delete", "zzz", "1"},
                                                   {"release", "zzz", "1"},
                                                   {"extend", "zzz", "1"},
                                                   {"queue", "set", "zzz", "--retention", "1d"}}) {
            CAPTURE(words[1]);
            const auto missing = broker().cmq(words);
            CHECK(missing.status == 3);
            CHECK(missing.err.find("cmq queue list") != std::string::npos);
            CHECK(missing.err.find("Create it") == std::string::npos);
        }
        CHECK(broker().cmq({"receive", "zzz"}).err.find("Create it") != std::string::npos);
        CHECK(broker().cmq({"context", "use", "nowhere"}).status == 3);
    }

    TEST_CASE("4: nothing came before --wait ended") {
        REQUIRE(broker().cmq({"queue", "create", "empty"}).status == 0);
        CHECK(broker().cmq({"receive", "empty", "--wait", "50ms"}).status == 4);
        CHECK(broker().cmq({"receive", "empty", "--drain"}).status == 4);
        CHECK(broker().cmq({"queue", "peek", "empty"}).status == 4);
    }

    TEST_CASE("5: the command's own --timeout") {
        REQUIRE(broker().cmq({"queue", "create", "slow"}).status == 0);
        REQUIRE(broker().cmq({"send", "slow", "one"}).status == 0);
        const auto late = broker().cmq({"receive", "slow", "--count", "2", "--timeout", "300ms"});
        CHECK(late.status == 5);
        CHECK(late.out == "one\n");
    }

    TEST_CASE("6: the key is not accepted, and is not repeated") {
        const auto wrong = with({{"CMQ_SECRET_KEY", "a-wrong-secret"}}, {"queue", "list"});
        CHECK(wrong.status == 6);
        CHECK(wrong.err.find("a-wrong-secret") == std::string::npos);
        CHECK(with({{"CMQ_SECRET_ID", "AKIDUNKNOWN"}}, {"queue", "list"}).status == 6);
        const auto none = with({{"CMQ_SECRET_ID", ""}}, {"queue", "list"});
        CHECK(none.status == 6);
        CHECK(none.err.find("--secret-id and --secret-key-file") != std::string::npos);
    }

    TEST_CASE("7: already exists") {
        REQUIRE(broker().cmq({"queue", "create", "twice"}).status == 0);
        CHECK(broker().cmq({"queue", "create", "twice"}).status == 7);
        CHECK(broker().cmq({"queue", "create", "Twice"}).status == 7);
        REQUIRE(broker().cmq({"context", "add", "twice"}).status == 0);
        CHECK(broker().cmq({"context", "add", "twice"}).status == 7);
    }

    TEST_CASE("8: throttled") {
        FakeBroker fake;
        fake.on("SendMessage", [](const auto&) {
            return R"({"code":4420,"message":"(10250)qps throttling","requestId":"1"})";
        });
        CHECK(with_fake(fake, {"send", "q", "x"}).status == 8);
    }

    TEST_CASE("9: cannot connect, or TLS") {
        const auto closed = FakeBroker().url();
        const auto refused = with({{"CMQ_ENDPOINT", closed}}, {"queue", "list"});
        CHECK(refused.status == 9);
        CHECK(refused.err.find(closed) != std::string::npos);
        CHECK(refused.err.find("resolved") == std::string::npos);
        const auto nowhere =
            with({{"CMQ_ENDPOINT", "https://nosuchhost.invalid:80"}}, {"queue", "list"});
        CHECK(nowhere.status == 9);
        CHECK(nowhere.err.find("name nosuchhost.invalid cannot be resolved") != std::string::npos);
        const auto distrusted = with({{"CMQ_CA_FILE", ""}}, {"queue", "list"});
        CHECK(distrusted.status == 9);
        CHECK(distrusted.err.find("not trusted") != std::string::npos);
        CHECK(with({{"CMQ_ENDPOINT", closed}}, {"health", "--wait", "60ms"}).status == 9);
    }

    TEST_CASE("10: a batch failed in part, and what failed is named") {
        REQUIRE(broker().cmq({"queue", "create", "batch"}).status == 0);
        const auto sent = broker().cmq({"send", "batch", "--lines"}, "a\n\nc\n");
        CHECK(sent.status == 10);
        CHECK(std::count(sent.out.begin(), sent.out.end(), '\n') == 2);
        CHECK(sent.err.find("message 2 not sent") != std::string::npos);
        const auto held = broker().cmq({"receive", "batch", "--no-ack", "-o", "json"});
        const auto begin = held.out.find("\"handle\":\"") + 10;
        const auto handle = held.out.substr(begin, held.out.find('"', begin) - begin);
        const auto deleted = broker().cmq({"ack", "batch", handle, "1"});
        CHECK(deleted.status == 10);
        CHECK(deleted.err.find("handle 1:") != std::string::npos);
    }

    TEST_CASE("10: a release goes on beyond a bad handle, and says what it did") {
        REQUIRE(broker().cmq({"queue", "create", "releases"}).status == 0);
        REQUIRE(broker().cmq({"send", "releases", "--lines"}, "a\nb\n").status == 0);
        const auto held =
            broker().cmq({"receive", "releases", "--drain", "--no-ack", "-o", "template={handle}"});
        const auto first = held.out.substr(0, held.out.find('\n'));
        auto second = held.out.substr(first.size() + 1);
        second.pop_back();
        const auto released = broker().cmq({"release", "releases", first, "1", second});
        CHECK(released.status == 10);
        CHECK(released.out == "released 2 messages\n");
        CHECK(released.err.find("handle 1:") != std::string::npos);
        CHECK(released.err.find("could not release 1 of 3") != std::string::npos);
        CHECK(broker().cmq({"receive", "releases", "--drain"}).out == "a\nb\n");
        CHECK(broker().cmq({"release", "releases", "1"}).status == 3);
    }

    TEST_CASE("10: a broker that refuses under way leaves an account of what was done") {
        FakeBroker fake;
        std::atomic<int> asked = 0;
        fake.on("BatchDeleteMessage", [&asked](const auto&) {
            return ++asked == 1 ? R"({"code":0,"message":"","requestId":"1"})"
                                : R"({"code":4100,"message":"(10040)authentication failed"})";
        });
        std::vector<std::string> words{"delete", "q"};
        for (int handle = 1; handle <= 17; ++handle) words.push_back(std::to_string(handle));
        const auto deleted = with_fake(fake, words);
        CHECK(deleted.status == 10);
        CHECK(deleted.out == "deleted 16 messages\n");
        CHECK(deleted.err.find("handle 17:") != std::string::npos);
    }

    TEST_CASE("12: no leader, or the outcome is unknown") {
        FakeBroker fake;
        fake.on("BatchReceiveMessage", [](const auto&) {
            return R"({"code":6000,"message":"(10092)no leader, try again"})";
        });
        fake.on("SendMessage",
                [](const auto&) { return R"({"code":6000,"message":"(10093)outcome unknown"})"; });
        CHECK(with_fake(fake, {"receive", "q", "--timeout", "1s"}).status == 12);
        CHECK(with_fake(fake, {"send", "q", "x"}).status == 12);
    }

    TEST_CASE("130: interrupted, after a clean end") {
        REQUIRE(broker().cmq({"queue", "create", "endless"}).status == 0);
        REQUIRE(broker().cmq({"send", "endless", "first"}).status == 0);
        const auto follower = broker().start_cmq({"receive", "endless", "--follow"});
        CHECK(follower->read_line() == "first");
        follower->signal(SIGINT);
        CHECK(follower->finish().status == 130);
    }

    TEST_CASE("the table is printed for people and for programs") {
        const auto table = broker().cmq({"help", "exit-codes"});
        CHECK(table.status == 0);
        CHECK(table.out.find("\n130\tinterrupted\n") != std::string::npos);
        const auto json = broker().cmq({"help", "exit-codes", "-o", "json"});
        CHECK(json.out.find(R"({"version":1,"exit_codes":[{"status":0,"meaning":"done"})") == 0);
    }
}
