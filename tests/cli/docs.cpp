// Manual pages and completions are what the commands say of themselves.
#include <doctest/doctest.h>

#include <set>

#include "tests/cli/listed.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

using namespace cmq::support;
namespace fs = std::filesystem;

namespace {

std::set<std::string> names_in(const fs::path& directory) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory))
        names.insert(entry.path().filename().string());
    return names;
}

void check_same(const fs::path& committed, const fs::path& made, const std::string& command) {
    CHECK_MESSAGE(names_in(committed) == names_in(made), "run: cmq docs " << command);
    for (const auto& name : names_in(made))
        CHECK_MESSAGE(read_file(committed / name) == read_file(made / name),
                      (committed / name).string() << " is behind; run: cmq docs " << command);
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("the manual pages are up to date") {
        const TemporaryDirectory made;
        REQUIRE(run({cmq_binary(), "docs", "man", made.path().string()}).status == 0);
        check_same("man", made.path(), "man man");
    }

    TEST_CASE("the completions are up to date") {
        const TemporaryDirectory made;
        REQUIRE(run({cmq_binary(), "docs", "completions", made.path().string()}).status == 0);
        check_same("completions", made.path(), "completions completions");
    }

    TEST_CASE("every command explains itself, with an example") {
        const auto commands = listed_commands();
        CHECK(commands.size() >= 30);
        for (auto words : commands) {
            CAPTURE(words.front());
            words.insert(words.begin(), cmq_binary());
            words.emplace_back("--help");
            const auto help = run(words);
            CHECK(help.status == 0);
            CHECK(help.out.find("Usage: cmq ") != std::string::npos);
            CHECK(help.out.find("\nExamples:\n  ") != std::string::npos);
            CHECK(help.err.empty());
        }
    }

    TEST_CASE("bash completes commands, options and values") {
        const auto complete = [](const std::string& line) {
            const auto script = "source completions/cmq.bash; COMP_WORDS=(" + line +
                                "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cmq; "
                                "echo \"${COMPREPLY[*]}\"";
            return run({"/bin/bash", "-c", script}).out;
        };
        CHECK(complete("cmq rec") == "receive\n");
        CHECK(complete("cmq queue pe") == "peek\n");
        CHECK(complete("cmq queue peek x --ph") == "--phase\n");
        CHECK(complete("cmq queue peek x --phase del") == "delayed deleted\n");
        CHECK(complete("cmq ack q --end") == "--endpoint\n");
    }

    TEST_CASE("fish completes commands, options and values, where it is installed") {
        const fs::path fish = "/usr/bin/fish";
        if (!fs::exists(fish)) return;
        const auto complete = [&](const std::string& line) {
            const auto script = "source completions/cmq.fish; complete -C '" + line + "'";
            return run({fish.string(), "--no-config", "-c", script}).out;
        };
        CHECK(complete("cmq que").rfind("queue\t", 0) == 0);
        CHECK(complete("cmq queue pe").rfind("peek\tLook at messages", 0) == 0);
        CHECK(complete("cmq queue peek x --ph").rfind("--phase\t", 0) == 0);
        CHECK(complete("cmq queue peek x --phase del").find("deleted") != std::string::npos);
        CHECK(complete("cmq send queue pe").empty());
        CHECK(complete("cmq ack q --end").rfind("--endpoint\t", 0) == 0);
    }

    TEST_CASE("zsh can read its completions, where it is installed") {
        if (!fs::exists("/usr/bin/zsh")) return;
        CHECK(run({"/usr/bin/zsh", "-n", "completions/_cmq"}).status == 0);
    }
}
