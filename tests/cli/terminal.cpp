// What a person at a terminal is asked.
#include <doctest/doctest.h>

#include "tests/support/broker.h"

using namespace cmq::support;

namespace {

const Broker& broker() {
    static const Broker one;
    return one;
}

/// A shell runs `cmq` with these words, and then says what is left of the lines that were typed.
Outcome typed(const std::string& words, const std::string& lines) {
    auto options = broker().options();
    options.on_terminal = OnTerminal::all;
    Process shell({"/bin/sh", "-c",
                   cmq_binary() + ' ' + words +
                       "; status=$?; read rest; echo \"left: $rest\"; "
                       "exit $status"},
                  options);
    shell.type(lines);
    return shell.finish();
}

bool exists(const std::string& queue) { return broker().cmq({"queue", "show", queue}).status == 0; }

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("an answer is read to the end of its line, and only yes agrees") {
        for (const auto* answer : {"yes", "y", "YES"}) {
            CAPTURE(answer);
            REQUIRE(broker().cmq({"queue", "create", "agreed"}).status == 0);
            const auto done = typed("queue delete agreed", std::string(answer) + "\nnext\n");
            CHECK(done.status == 0);
            CHECK(done.out.find("left: next\r\n") != std::string::npos);
            CHECK_FALSE(exists("agreed"));
        }
        REQUIRE(broker().cmq({"queue", "create", "kept"}).status == 0);
        for (const auto* answer : {"", "n", "yesterday", "yy"}) {
            CAPTURE(answer);
            const auto declined = typed("queue delete kept", std::string(answer) + "\nnext\n");
            CHECK(declined.status == 1);
            CHECK(declined.out.find("left: next\r\n") != std::string::npos);
            CHECK(exists("kept"));
        }
    }

    TEST_CASE("a question says how much would be lost, and is not asked about nothing") {
        REQUIRE(broker().cmq({"queue", "create", "full"}).status == 0);
        REQUIRE(broker().cmq({"send", "full", "--lines"}, "1\n2\n").status == 0);
        CHECK(typed("queue purge full", "n\nnext\n")
                  .out.find("Purge queue \"full\" with 2 messages? [y/N]") != std::string::npos);
        const auto missing = typed("queue delete nowhere", "next\n");
        CHECK(missing.status == 3);
        CHECK(missing.out.find("[y/N]") == std::string::npos);
        CHECK(typed("queue delete full --yes", "next\n").out.find("left: next\r\n") !=
              std::string::npos);
    }
}
