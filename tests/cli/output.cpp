// The forms of results: templates, emphasis, progress.
#include <doctest/doctest.h>

#include "tests/support/broker.h"

using namespace cmq::support;

namespace {

const Broker& broker() {
    static const Broker one;
    return one;
}

Outcome on_terminal(const std::map<std::string, std::string>& environment,
                    std::vector<std::string> words) {
    words.insert(words.begin(), cmq_binary());
    auto options = broker().options();
    options.on_terminal = OnTerminal::all;
    for (const auto& [name, value] : environment) options.environment[name] = value;
    return run(words, options);
}

bool is_colored(const Outcome& outcome) { return outcome.out.find("\033[") != std::string::npos; }

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("a template prints what it names, a line a result") {
        CHECK(broker().cmq({"queue", "create", "t1", "-o", "template=new: {queue}"}).out ==
              "new: t1\n");
        REQUIRE(broker().cmq({"queue", "create", "t2"}).status == 0);
        CHECK(broker()
                  .cmq({"queue", "list", "t", "-o", R"(template={queue}\t{{{queue:json}})"})
                  .out == "t1\t{\"t1\"}\nt2\t{\"t2\"}\n");
        CHECK(broker()
                  .cmq({"queue", "show", "t1", "-o", "template={rewind} {active} {oldest}"})
                  .out == "0s 0 -\n");
        CHECK(broker().cmq({"context", "check", "-o", R"(template={queues}\0)"}).out ==
              std::string("2\0", 2));
        CHECK(broker().cmq({"version", "-o", R"(template={cmq}\n)"}).out.find("\n\n") ==
              std::string::npos);
    }

    TEST_CASE("a template prints a body as it is, or as JSON") {
        REQUIRE(broker().cmq({"queue", "create", "bodies"}).status == 0);
        REQUIRE(broker().cmq({"send", "bodies", "-"}, "a\n\"b\"\t").status == 0);
        CHECK(broker().cmq({"queue", "peek", "bodies", "-o", "template=<{body}> {phase}"}).out ==
              "<a\n\"b\"\t> ready\n");
        CHECK(broker().cmq({"receive", "bodies", "-o", "template={receives} {body:json}"}).out ==
              "1 \"a\\n\\\"b\\\"\\t\"\n");
    }

    TEST_CASE("a wrong template is found before anything is done") {
        REQUIRE(broker().cmq({"queue", "create", "wrong"}).status == 0);
        REQUIRE(broker().cmq({"send", "wrong", "stays"}).status == 0);
        for (const auto* text : {"template=", "template={bdy}", "template={", R"(template=\x)",
                                 R"(template=\)", "template={}", "template={body:xml}"}) {
            CAPTURE(text);
            const auto refused = broker().cmq({"receive", "wrong", "-o", text});
            CHECK(refused.status == 2);
            CHECK(refused.out.empty());
        }
        CHECK(broker().cmq({"receive", "wrong", "-o", "template={bdy}"}).err.find("{body}?") !=
              std::string::npos);
        CHECK(broker().cmq({"receive", "wrong"}).out == "stays\n");
    }

    TEST_CASE("a template reaches into a report") {
        const auto report = broker().cmq({"bench", "--count", "20", "--senders", "1", "-o",
                                          "template={sent} {config.senders} {verify.lost}"});
        CHECK(report.out == "20 1 -\n");
    }

    TEST_CASE("emphasis is for terminals, and for who asks for it") {
        CHECK(is_colored(on_terminal({}, {"queue", "list"})));
        CHECK(is_colored(on_terminal({{"NO_COLOR", ""}}, {"queue", "list"})));
        CHECK_FALSE(is_colored(on_terminal({{"NO_COLOR", "1"}}, {"queue", "list"})));
        CHECK_FALSE(is_colored(on_terminal({{"TERM", "dumb"}}, {"queue", "list"})));
        CHECK_FALSE(is_colored(on_terminal({}, {"queue", "list", "--color", "never"})));
        CHECK_FALSE(is_colored(on_terminal({{"CMQ_COLOR", "never"}}, {"queue", "list"})));
        CHECK(is_colored(
            on_terminal({{"CMQ_COLOR", "never"}}, {"--color", "always", "queue", "list"})));
        CHECK(is_colored(on_terminal({{"NO_COLOR", "1"}}, {"queue", "list", "--color", "always"})));
        CHECK_FALSE(is_colored(broker().cmq({"queue", "list", "-o", "table"})));
        CHECK(is_colored(broker().cmq({"queue", "list", "-o", "table", "--color=always"})));
        CHECK(broker().cmq({"queue", "list", "--color", "blue"}).status == 2);
    }

    TEST_CASE("an error is emphasised on a terminal only") {
        CHECK(
            on_terminal({}, {"queue", "show", "nowhere"}).out.rfind("\033[1;31mcmq:\033[0m ", 0) ==
            0);
        CHECK(broker().cmq({"queue", "show", "nowhere"}).err.rfind("cmq: ", 0) == 0);
    }

    TEST_CASE("long work shows its progress on a terminal, and takes it back") {
        auto options = broker().options();
        const std::vector<std::string> words{cmq_binary(), "bench", "--duration", "2s"};
        Process in_pipe(words, options);
        options.on_terminal = OnTerminal::error;
        Process on_terminal(words, options);
        options.environment["TERM"] = "dumb";
        Process on_dumb_one(words, options);
        const auto shown = on_terminal.finish();
        CHECK(shown.err.find(" sent, ") != std::string::npos);
        CHECK(shown.err.ends_with("\r\033[K"));
        CHECK(shown.out.find('\033') == std::string::npos);
        CHECK(in_pipe.finish().err.empty());
        CHECK(on_dumb_one.finish().err.empty());
    }
}
