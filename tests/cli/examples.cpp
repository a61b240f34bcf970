// Each example of each `--help` is run as it stands there, by a shell, against a broker that was
// started as the first example says.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/cli/listed.h"
#include "tests/support/temporary.h"

using namespace cmq::support;

namespace {

/// A person's home, with a broker of his own.
class Home {
public:
    Home() { start(); }

    void start() {
        broker_ = std::make_unique<Process>(
            std::vector<std::string>{cmq_binary(), "serve", "--dev", "--port", "0", "--print-env"},
            options());
        REQUIRE_FALSE(broker_->read_line().empty());  // ready
    }
    void stop() {
        broker_->signal(SIGTERM);
        REQUIRE(broker_->finish().status == 0);
    }

    ProcessOptions options() const {
        ProcessOptions options;
        const auto folder = std::filesystem::path(cmq_binary()).parent_path().string();
        options.environment["HOME"] = directory_.path();
        options.environment["PATH"] = folder + ":/usr/bin:/bin";
        options.directory = directory_.path();
        return options;
    }
    std::vector<std::string> shell(const std::string& line) const {
        return {"/bin/bash", "-c", line};
    }
    Outcome run_line(const std::string& line) const { return run(shell(line), options()); }

    /// A queue with one message deleted, one in flight and one ready.
    void prepare() const {
        const auto prepared = run_line(
            "cmq context use dev && cmq queue delete orders --yes; cmq queue create orders "
            "--rewind 1h && seq 3 | cmq send orders --lines && cmq receive orders && "
            "cmq receive orders --no-ack");
        REQUIRE_MESSAGE(prepared.status == 0, prepared.err);
    }

private:
    TemporaryDirectory directory_;
    std::unique_ptr<Process> broker_;
};

/// cluster: wants other nodes.
enum class Kind { plain, creates, endless, offline, cluster };

Kind kind_of(const std::string& line) {
    const auto has = [&](const char* word) { return line.find(word) != std::string::npos; };
    if (has("cmq cluster")) return Kind::cluster;
    if (has("cmq serve") || has("--follow")) return Kind::endless;
    if (has("cmq verify") || has("cmq repair")) return Kind::offline;
    return has("cmq queue create") ? Kind::creates : Kind::plain;
}

std::vector<std::string> examples_of(Kind kind) {
    std::vector<std::string> found;
    for (const auto& command : listed_commands())
        for (const auto& line : listed_examples(command))
            if (kind_of(line) == kind) found.push_back(line);
    REQUIRE_FALSE(found.empty());
    return found;
}

void check_good(const Home& home, const std::string& line) {
    const auto outcome = home.run_line(line);
    CHECK_MESSAGE(outcome.status == 0, line << "\n" << outcome.out << outcome.err);
}

/// It says something, and ends well when it is interrupted.
void check_endless(const Home& home, std::string line) {
    const bool serves = line.find("cmq serve") != std::string::npos;
    // The ports that it takes by itself may be taken by others here.
    if (serves) line += " --port 0 --print-env";
    CAPTURE(line);
    Process endless(home.shell(line), home.options());
    CHECK_FALSE(endless.read_line().empty());
    endless.signal(SIGINT);
    const auto outcome = endless.finish();
    CHECK_MESSAGE(outcome.status == (serves ? 0 : 130), outcome.err);
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("each example of --help does what it says") {
        Home home;
        for (const auto& line : examples_of(Kind::plain)) {
            home.prepare();
            check_good(home, line);
        }
        for (const auto& line : examples_of(Kind::creates)) {
            REQUIRE(home.run_line("cmq context use dev && cmq queue delete orders --yes").status ==
                    0);
            check_good(home, line);
        }
        home.prepare();
        const auto endless = examples_of(Kind::endless);
        for (const auto& line : endless)
            if (line.find("--follow") != std::string::npos) check_endless(home, line);
        home.stop();
        for (const auto& line : examples_of(Kind::offline)) check_good(home, line);
        for (const auto& line : endless)
            if (line.find("cmq serve") != std::string::npos) check_endless(home, line);
    }
}
