// What is wrong is said in the words of who typed it, before the broker is asked.
#include <doctest/doctest.h>

#include "tests/support/broker.h"

using namespace cmq::support;
using Words = std::vector<std::string>;

namespace {

const Broker& broker() {
    static const Broker one;
    return one;
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("a value out of range is named with its option and the range") {
        REQUIRE(broker().cmq({"queue", "create", "ranges"}).status == 0);
        struct Case {
            Words words;
            std::string said;
        };
        for (const auto& [words, said] : std::vector<Case>{
                 {{"queue", "set", "ranges", "--max-messages", "10"},
                  "--max-messages: 10 is not within 1000000 to 1000000000"},
                 {{"queue", "set", "ranges", "--retention", "10s"},
                  "--retention: 10s is not within 1m to 15d"},
                 {{"queue", "create", "other", "--max-message-size", "2MiB"},
                  "--max-message-size: 2MiB is not within 1KiB to 1MiB"},
                 {{"queue", "create", "other", "--rewind", "5d"},
                  "--rewind 5d is longer than the retention of 4d"},
                 {{"queue", "set", "ranges", "--rewind", "2h", "--retention", "1h"},
                  "--rewind 2h is longer than the retention of 1h"},
                 {{"queue", "set", "ranges", "--rewind", "5d"}, "rewindSeconds is --rewind"},
                 {{"cluster", "token", "--ttl", "5s"}, "--ttl: 5s is not within 1m to 1d"},
                 {{"extend", "ranges", "1", "--for", "13h"}, "--for: 13h is not within 1s to 12h"},
                 {{"extend", "ranges", "1", "--for", "0"}, "--for: 0 is not within 1s to 12h"},
                 {{"send", "ranges", "x", "--delay", "2h"},
                  "--delay: 2h is not within 0s to 1h"}}) {
            CAPTURE(said);
            const auto wrong = broker().cmq(words);
            CHECK(wrong.status == 2);
            CHECK(wrong.out.empty());
            CHECK_MESSAGE(wrong.err.find(said) != std::string::npos, wrong.err);
        }
        CHECK(broker().cmq({"queue", "set", "ranges", "--rewind", "4d"}).status == 0);
        CHECK(broker().cmq({"queue", "set", "ranges", "--retention", "15d"}).status == 0);
        CHECK(broker().cmq({"queue", "set", "ranges", "--max-message-size", "1KiB"}).status == 0);
    }

    TEST_CASE("the nearest name is the one that was begun, and never a far one") {
        for (const auto* queue : {"o2", "orders"})
            REQUIRE(broker().cmq({"queue", "create", queue}).status == 0);
        const auto said = [](const Words& words) { return broker().cmq(words).err; };
        CHECK(said({"queue", "show", "ord"}).find("Did you mean \"orders\"?") != std::string::npos);
        CHECK(said({"queue", "show", "odrers"}).find("Did you mean \"orders\"?") !=
              std::string::npos);
        CHECK(said({"queue", "show", "abc"}).find("Did you mean") == std::string::npos);
        CHECK(said({"queue", "create", "q", "--delay", "1s"}).find("did you mean") ==
              std::string::npos);
        CHECK(
            said({"queue", "create", "q", "--retain", "1d"}).find("did you mean \"--retention\"") ==
            std::string::npos);
        CHECK(
            said({"queue", "create", "q", "--reten", "1d"}).find("did you mean \"--retention\"") !=
            std::string::npos);
        CHECK(said({"queue", "create", "q", "--hepl"}).find("did you mean") == std::string::npos);
    }

    TEST_CASE("an option that there is not is named, with or without a command") {
        for (const auto& [word, name] : std::vector<std::pair<std::string, std::string>>{
                 {"-v", "-v"}, {"--foo", "--foo"}, {"--foo=bar", "--foo"}}) {
            CAPTURE(word);
            const auto wrong = broker().cmq({"--color", "never", word});
            CHECK(wrong.status == 2);
            CHECK(wrong.err == "cmq: there is no option \"" + name + "\"; see: cmq --help\n");
        }
        CHECK(broker().cmq({"--endpoint", "http://a"}).err ==
              "cmq: a command is missing; see: cmq --help\n");
    }
}
