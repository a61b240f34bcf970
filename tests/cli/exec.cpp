// `cmq receive --exec`: a program decides what becomes of a message.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/support/broker.h"

using namespace cmq::support;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

const Broker& broker() {
    static const Broker one;
    return one;
}

/// A queue with messages in it.
struct Tasks {
    explicit Tasks(const std::string& lines, Words attributes = {}) {
        static int made = 0;
        name = "tasks" + std::to_string(++made);
        attributes.insert(attributes.begin(), {"queue", "create", name});
        REQUIRE(broker().cmq(attributes).status == 0);
        REQUIRE(broker().cmq({"send", name, "--lines"}, lines).status == 0);
    }
    Words words(Words options, const Words& program) const {
        options.insert(options.begin(), {"receive", name});
        options.insert(options.end(), {"--exec", program[0], "--"});
        options.insert(options.end(), program.begin() + 1, program.end());
        return options;
    }
    Outcome exec(const Words& options, const Words& program) const {
        return broker().cmq(words(options, program));
    }
    /// "active in-flight"
    std::string left() const {
        return broker().cmq({"queue", "show", name, "-o", "template={active} {inactive}"}).out;
    }
    std::string name;
};

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("a program gets the body on its input, and the rest in its environment") {
        const Tasks tasks("one\ntwo\n");
        const auto done = tasks.exec(
            {}, {"sh", "-c", "cat; echo \" $CMQ_QUEUE $CMQ_MESSAGE_RECEIVES $CMQ_MESSAGE_ID\""});
        CHECK(done.status == 0);
        CHECK(done.out.rfind("one " + tasks.name + " 1 ", 0) == 0);
        CHECK(done.err.empty());
        CHECK(tasks.left() == "1 0\n");
    }

    TEST_CASE("a program's arguments are taken as they are, by no shell") {
        const Tasks tasks("x\n");
        CHECK(tasks.exec({}, {"printf", "%s|", "a  b", "$HOME", "*", "--wait", "-o"}).out ==
              "a  b|$HOME|*|--wait|-o|");
    }

    TEST_CASE("a message whose program fails is released, and not tried again by the same drain") {
        const Tasks tasks("1\n2\n3\n");
        const Words all_but_two{"sh", "-c", "read line; test \"$line\" != 2"};
        const auto drained = tasks.exec({"--drain"}, all_but_two);
        CHECK(drained.status == 10);
        CHECK(drained.err.find("sh exited with 1") != std::string::npos);
        CHECK(tasks.left() == "1 0\n");
        const auto again = tasks.exec({}, all_but_two);
        CHECK(again.status == 1);
        CHECK(again.err.find("1 of 1 message failed") != std::string::npos);
        CHECK(broker().cmq({"receive", tasks.name, "-o", "template={body} {receives}"}).out ==
              "2 3\n");
        CHECK(tasks.exec({}, all_but_two).status == 4);
    }

    TEST_CASE("a program that a signal kills has failed") {
        const Tasks tasks("1\n");
        const auto killed = tasks.exec({}, {"sh", "-c", "kill -9 $$"});
        CHECK(killed.status == 1);
        CHECK(killed.err.find("sh was killed by signal 9") != std::string::npos);
        CHECK(tasks.left() == "1 0\n");
    }

    TEST_CASE("a message stays hidden while its program runs for longer than its lease") {
        const Tasks tasks("1\n", {"--visibility-timeout", "1s"});
        const auto slow = tasks.exec({}, {"sh", "-c", "sleep 2"});
        CHECK(slow.status == 0);
        CHECK(slow.err.empty());
        CHECK(tasks.left() == "0 0\n");
    }

    TEST_CASE("--follow tries again what failed, and waits in between after the second time") {
        const Tasks tasks("1\n");
        const auto follower = broker().start_cmq(tasks.words(
            {"--follow"}, {"sh", "-c", "echo run $CMQ_MESSAGE_RECEIVES; cat >/dev/null; exit 1"}));
        for (const auto* line : {"run 1", "run 2", "run 3"}) CHECK(follower->read_line() == line);
        follower->signal(SIGTERM);
        CHECK(follower->finish().status == 130);
    }

    TEST_CASE("a program may finish after an interrupt, and its message is dealt with") {
        const Tasks tasks("1\n2\n");
        const auto gate = broker().directory() / "gate";
        REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
        const auto worker = broker().start_cmq(tasks.words(
            {"--follow"}, {"sh", "-c", "echo begun; read go < \"$0\"; echo done", gate.string()}));
        REQUIRE(worker->read_line() == "begun");
        worker->signal(SIGINT);
        std::ofstream(gate) << "go\n";
        const auto outcome = worker->finish();
        CHECK(outcome.status == 130);
        CHECK(outcome.out == "done\n");
        CHECK(tasks.left() == "1 0\n");
    }

    TEST_CASE("a program need not read its input, and gets any bytes of it") {
        const Tasks tasks(std::string(60'000, 'x') + '\n');
        CHECK(tasks.exec({}, {"true"}).status == 0);
        const std::string bytes("\xff\x00\n", 3);
        REQUIRE(broker().cmq({"send", tasks.name, "-", "--base64"}, bytes).status == 0);
        CHECK(tasks.exec({"--base64"}, {"cat"}).out == bytes);
        REQUIRE(broker().cmq({"send", tasks.name, "no base64!"}).status == 0);
        CHECK(tasks.exec({"--base64"}, {"cat"}).status == 1);
        CHECK(tasks.left() == "1 0\n");
    }

    TEST_CASE("what cannot be run, and options that mean nothing to it, take no message") {
        const Tasks tasks("1\n");
        for (const auto& options :
             {Words{"--exec", "no-such-program"}, Words{"--exec", "/"}, Words{"--exec", ""},
              Words{"--exec", "cat", "-o", "json"}, Words{"--exec", "cat", "--no-ack"},
              Words{"--exec", "cat", "--null"}, Words{"cat"}, Words{"--", "cat"}}) {
            CAPTURE(options.back());
            auto words = options;
            words.insert(words.begin(), {"receive", tasks.name});
            CHECK(broker().cmq(words).status == 2);
        }
        CHECK(broker().cmq({"receive", tasks.name, "--exec", "sleep 1"}).err.find("behind --") !=
              std::string::npos);
        CHECK(broker().cmq({"receive", tasks.name, "-o", "template={receives}"}).out == "1\n");
    }
}
