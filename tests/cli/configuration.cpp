// Where commands get their settings from, and the broker its own.
#include <doctest/doctest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/support/broker.h"

using namespace cmq::support;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Home {
    TemporaryDirectory directory;
    std::map<std::string, std::string> environment{{"HOME", directory.path()}};

    Outcome cmq(std::vector<std::string> words, const std::string& input = {}) const {
        words.insert(words.begin(), cmq_binary());
        ProcessOptions options;
        options.environment = environment;
        options.directory = directory.path();
        return run(words, options, input);
    }
};

bool is_private(const fs::path& file) {
    return (fs::status(file).permissions() & fs::perms{077}) == fs::perms::none;
}

/// A batch takes what many seconds allow: only a machine that is slower than that between two
/// commands needs more than two of them.
bool is_refused_at_last(const Home& home) {
    constexpr int tries_max = 20;
    for (int tries = 0; tries < tries_max; ++tries) {
        const auto sent = home.cmq({"send", "q", "--lines"}, "1\n2\n3\n4\n5\n6\n7\n8\n");
        if (sent.status == 8) return true;
        CHECK_MESSAGE(sent.status == 0, sent.err);
    }
    return false;
}

/// As a shell does with the lines that `serve --print-env` prints.
void take_environment(Home& home, Process& broker, int lines) {
    const std::string begin = "export ";
    for (; lines > 0; --lines) {
        const auto line = broker.read_line();
        CAPTURE(line);
        const auto equals = line.find("='");
        REQUIRE(line.rfind(begin, 0) == 0);
        REQUIRE(equals != std::string::npos);
        home.environment[line.substr(begin.size(), equals - begin.size())] =
            line.substr(equals + 2, line.size() - equals - 3);
    }
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("a context is remembered, used, shown without its secret, and checked") {
        Broker broker;
        Home home;
        auto added = broker.options();
        added.environment["HOME"] = home.directory.path();
        added.environment.erase("CMQ_SECRET_KEY_FILE");
        const auto key = read_file(broker.environment().at("CMQ_SECRET_KEY_FILE"));
        added.environment["CMQ_SECRET_KEY"] = key.substr(0, key.find('\n'));
        REQUIRE(run({cmq_binary(), "context", "add", "local"}, added).status == 0);
        CHECK(is_private(home.directory.path() / ".config/cmq/contexts.yaml"));
        CHECK(home.cmq({"queue", "create", "q"}).status == 0);
        CHECK(home.cmq({"context", "check"}).out.find("ok: https://") == 0);
        const auto secret = added.environment["CMQ_SECRET_KEY"];
        CHECK(home.cmq({"context", "show"}).out.find(secret) == std::string::npos);
        CHECK(home.cmq({"config", "explain"}).out.find(secret) == std::string::npos);
        CHECK(home.cmq({"context", "show", "--reveal"}).out.find(secret) != std::string::npos);
        CHECK(home.cmq({"context", "list", "-o", "json"}).out.find("\"in_use\":true") !=
              std::string::npos);
    }

    TEST_CASE("a new context takes nothing from the one in use, unless it is named") {
        Home home;
        const auto key = home.directory.write("key", "secret\n");
        REQUIRE(home.cmq({"context", "add", "dev", "--endpoint", "https://dev:7800", "--ca-file",
                          "ca.pem", "--secret-id", "dev-id", "--secret-key-file", key.string()})
                    .status == 0);
        const std::vector<std::string> bare{"context", "add", "prod", "--endpoint",
                                            "https://x:7800"};
        const auto refused = home.cmq(bare);
        CHECK(refused.status == 2);
        CHECK(refused.err.find("--secret-id and --secret-key-file") != std::string::npos);
        auto whole = bare;
        for (const auto& word : {std::string("--secret-id"), std::string("prod-id"),
                                 std::string("--secret-key-file"), key.string()})
            whole.push_back(word);
        home.environment["CMQ_CONTEXT"] = "dev";
        REQUIRE(home.cmq(whole).status == 0);
        CHECK(home.cmq({"context", "show", "prod", "-o", "template={endpoint} <{ca_file}>"}).out ==
              "https://x:7800 <>\n");
        REQUIRE(home.cmq({"context", "add", "copy", "--context", "dev"}).status == 0);
        CHECK(home.cmq({"context", "show", "copy", "-o", "template={endpoint} {secret_id}"}).out ==
              "https://dev:7800 dev-id\n");
    }

    TEST_CASE("health waits for a broker that has not said yet where it is") {
        Home home;
        Process waiting({cmq_binary(), "health", "--wait", "60s"},
                        {.environment = home.environment, .directory = home.directory.path()});
        Process broker({cmq_binary(), "serve", "--dev", "--port", "0"},
                       {.environment = home.environment, .directory = home.directory.path()});
        CHECK(waiting.finish().status == 0);
        broker.signal(SIGTERM);
        CHECK(broker.finish().status == 0);
        CHECK(home.cmq({"health", "--wait", "1ms"}).status == 9);
    }

    TEST_CASE("explain says where each value comes from") {
        Home home;
        home.directory.write(".cmq.yaml", "endpoint: http://project\nsecret_id: from-project\n");
        home.environment["CMQ_ENDPOINT"] = "http://variable";
        const auto explained = home.cmq({"config", "explain", "--ca-file", "ca.pem", "-o", "json"});
        REQUIRE(explained.status == 0);
        const auto settings = Json::parse(explained.out)["settings"];
        REQUIRE(settings.size() == 5);
        CHECK(settings[0]["value"] == "http://variable");
        CHECK(settings[0]["origin"] == "variable CMQ_ENDPOINT");
        CHECK(settings[1]["origin"] == "flag --ca-file");
        CHECK(settings[2]["origin"] ==
              (fs::canonical(home.directory.path()) / ".cmq.yaml:2").string());
        CHECK(settings[3]["origin"] == "flag --output");
        CHECK(settings[4]["origin"] == "default");
    }

    TEST_CASE("explain says what holds when nobody said anything") {
        CHECK(Home().cmq({"config", "explain"}).out ==
              "output\tplain\tdefault\ncolor\tauto\tdefault\n");
    }

    TEST_CASE("a form or color that there is not is an error that says where it stands") {
        Home home;
        home.environment["CMQ_OUTPUT"] = "xml";
        const auto variable = home.cmq({"version"});
        CHECK(variable.status == 2);
        CHECK(variable.out.empty());
        CHECK(variable.err.find("variable CMQ_OUTPUT: \"xml\"") != std::string::npos);
        CHECK(home.cmq({"version", "-o", "json"}).status == 0);
        home.environment.erase("CMQ_OUTPUT");
        home.environment["CMQ_COLOR"] = "xx";
        CHECK(home.cmq({"version"}).err.find("variable CMQ_COLOR: \"xx\"") != std::string::npos);
        home.environment.erase("CMQ_COLOR");
        home.directory.write(".cmq.yaml", "\noutput: jsno\n");
        const auto file = home.cmq({"version"});
        CHECK(file.status == 2);
        CHECK(file.err.find(".cmq.yaml:2: \"jsno\"") != std::string::npos);
        CHECK(file.err.find("did you mean \"json\"") != std::string::npos);
    }

    TEST_CASE("a form from further away becomes the nearest that the command has") {
        Home home;
        home.environment["CMQ_OUTPUT"] = "ndjson";
        CHECK(home.cmq({"config", "explain"}).out.find("{\"version\":1,\"settings\":[") == 0);
        home.environment["CMQ_OUTPUT"] = "raw";
        CHECK(home.cmq({"help", "exit-codes"}).out.find("0\tdone\n") == 0);
        CHECK(home.cmq({"config", "explain", "-o", "ndjson"}).status == 2);
    }

    TEST_CASE("a wrong project file is named with line and column") {
        Home home;
        home.directory.write(".cmq.yaml", "endpoint: http://a\nendpoint: http://b\n");
        const auto wrong = home.cmq({"queue", "list"});
        CHECK(wrong.status == 2);
        CHECK(wrong.err.find(".cmq.yaml:2:1: ") != std::string::npos);
    }

    TEST_CASE("where init listens is a name in its certificate") {
        Home home;
        REQUIRE(home.cmq({"init", "broker", "--listen", "127.0.0.2"}).status == 0);
        Process broker(
            {cmq_binary(), "serve", "--config",
             (home.directory.path() / "broker/cmq.yaml").string(), "--port", "0", "--print-env"},
            {.environment = home.environment});
        take_environment(home, broker, 4);
        CHECK(home.environment.at("CMQ_ENDPOINT").find("https://127.0.0.2:") == 0);
        CHECK(home.cmq({"health", "--wait", "10s"}).status == 0);
        broker.signal(SIGTERM);
        CHECK(broker.finish().status == 0);

        const auto nowhere =
            home.cmq({"serve", "--config", "broker/cmq.yaml", "--listen", "0.0.0.0"});
        CHECK(nowhere.status == 2);
        CHECK(nowhere.err.find("cluster.advertise") != std::string::npos);
    }

    TEST_CASE("init writes a configuration that serves, and obeys what is added to it") {
        Home home;
        const auto made = home.cmq({"init", "broker", "--name", "cmq.example.org"});
        REQUIRE(made.status == 0);
        CHECK(home.cmq({"init", "broker"}).status == 7);
        const auto command =
            made.err.find("cmq context add 'broker' --endpoint https://127.0.0.1:7800");
        REQUIRE(command != std::string::npos);
        const auto words = made.err.substr(command + std::string("cmq").size());
        CHECK(run({"/bin/sh", "-c", cmq_binary() + words}, {.environment = home.environment})
                  .status == 0);
        CHECK(home.cmq({"context", "list"}).out.find("broker") != std::string::npos);
        const auto folder = home.directory.path() / "broker";
        for (const auto* secret : {"cmq.yaml", "keys.yaml", "identity/key.pem",
                                   "identity/ca_key.pem", "identity/secret_key"}) {
            CAPTURE(secret);
            CHECK(is_private(folder / secret));
        }
        auto text = read_file(folder / "cmq.yaml");
        const std::string limit = "messages_per_second: ";
        text.replace(text.find(limit), limit.size() + 1, limit + "1");
        std::ofstream(folder / "cmq.yaml") << text;
        Process broker({cmq_binary(), "serve", "--config", (folder / "cmq.yaml").string(), "--port",
                        "0", "--print-env"},
                       {.environment = home.environment});
        take_environment(home, broker, 4);
        CHECK(home.cmq({"health", "--wait", "10s"}).status == 0);
        CHECK(home.cmq({"queue", "create", "q"}).status == 0);
        CHECK(is_refused_at_last(home));
        broker.signal(SIGTERM);
        CHECK(broker.finish().status == 0);
    }

    TEST_CASE("serve with a relative configuration tells its clients whole paths and the key") {
        Home home;
        REQUIRE(home.cmq({"init", "broker"}).status == 0);
        const auto folder = fs::canonical(home.directory.path()) / "broker";
        Process broker({cmq_binary(), "serve", "--config", "broker/cmq.yaml", "--port", "0",
                        "--print-env", "--port-file", "ports.json"},
                       {.environment = home.environment, .directory = home.directory.path()});
        take_environment(home, broker, 4);
        CHECK(home.environment["CMQ_SECRET_KEY_FILE"] == folder / "identity/secret_key");
        const auto ports = Json::parse(read_file(home.directory.path() / "ports.json"));
        CHECK(ports["ca_file"] == (folder / "identity/ca.pem").string());
        CHECK(ports["secret_key_file"] == (folder / "identity/secret_key").string());
        CHECK(ports["secret_id"] == home.environment["CMQ_SECRET_ID"]);
        CHECK_FALSE(ports.contains("http"));  // the configuration has it off
        CHECK(home.cmq({"health", "--wait", "10s"}).status == 0);
        CHECK(home.cmq({"queue", "create", "q"}).status == 0);
        broker.signal(SIGTERM);
        CHECK(broker.finish().status == 0);
    }

    TEST_CASE("a secret that is in no file of its own is not told, and its variable not printed") {
        Home home;
        REQUIRE(home.cmq({"init", "broker"}).status == 0);
        const auto folder = home.directory.path() / "broker";
        std::ofstream(folder / "keys.yaml") << "keys:\n  - {id: one, secret_key: hidden-word}\n";
        Process broker(
            {cmq_binary(), "serve", "--config", "broker/cmq.yaml", "--port", "0", "--print-env"},
            {.environment = home.environment, .directory = home.directory.path()});
        take_environment(home, broker, 3);
        CHECK(home.environment["CMQ_SECRET_ID"] == "one");
        broker.signal(SIGTERM);
        const auto ended = broker.finish();
        CHECK(ended.out.empty());
        CHECK(ended.err.find("hidden-word") == std::string::npos);
    }

    TEST_CASE("a wrong cmq.yaml does not serve, and says where it is wrong") {
        Home home;
        REQUIRE(home.cmq({"init", "broker"}).status == 0);
        const auto file = home.directory.path() / "broker/cmq.yaml";
        std::ofstream(file, std::ios::app) << "\nloopz: 3\n";
        const auto refused = home.cmq({"serve", "--config", file.string()});
        CHECK(refused.status == 2);
        CHECK(refused.err.find("\"loopz\" is not a known key") != std::string::npos);
    }

    TEST_CASE("a broker comes back on the same ports, with its queues and messages") {
        Broker broker;
        REQUIRE(broker.cmq({"queue", "create", "kept"}).status == 0);
        REQUIRE(broker.cmq({"send", "kept", "through a stop"}).status == 0);
        const auto endpoint = broker.https();
        broker.stop();
        CHECK(broker.cmq({"queue", "list"}).status == 9);
        broker.restart();
        CHECK(broker.https() == endpoint);
        CHECK(broker.cmq({"receive", "kept"}).out == "through a stop\n");
        REQUIRE(broker.cmq({"send", "kept", "through a kill"}).status == 0);
        broker.kill();
        broker.restart();
        CHECK(broker.cmq({"receive", "kept"}).out == "through a kill\n");
    }
}
