#include "config/settings.h"

#include <doctest/doctest.h>

#include "config/contexts.h"
#include "config/files.h"
#include "tests/support/temporary.h"

using namespace cmq;
using namespace cmq::config;
using support::TemporaryDirectory;

namespace {

/// A home with a user file, a project below it, and the variables a test wants.
struct World {
    TemporaryDirectory home;
    std::map<std::string, std::string> variables;

    World() { variables["HOME"] = home.path(); }

    Surroundings surroundings() const {
        return {[this](const std::string& name) -> std::optional<std::string> {
                    const auto found = variables.find(name);
                    if (found == variables.end()) return {};
                    return found->second;
                },
                home.path() / "project" / "deep"};
    }
    void project(const std::string& text) const { home.write("project/.cmq.yaml", text); }
    void user(const std::string& text) const { home.write(".config/cmq/contexts.yaml", text); }
    Result<Settings> resolve(const std::map<std::string, std::string>& flags = {}) const {
        return Settings::resolve(flags, surroundings());
    }
};

constexpr auto* two_contexts =
    "current: dev\n"
    "contexts:\n"
    "  dev: {endpoint: \"http://dev\", secret_id: dev-id, secret_key: dev-key, ca_file: ca.pem}\n"
    "  prod: {endpoint: \"http://prod\", secret_id: prod-id, secret_key: prod-key}\n";

}  // namespace

TEST_SUITE("unit/config") {
    SCENARIO("a flag beats the environment, that the project, that the user's file") {
        World world;
        world.user(two_contexts);
        CHECK(world.resolve()->value("endpoint") == "http://dev");
        world.project("endpoint: http://project\n");
        CHECK(world.resolve()->value("endpoint") == "http://project");
        world.variables["CMQ_ENDPOINT"] = "http://variable";
        CHECK(world.resolve()->value("endpoint") == "http://variable");
        CHECK(world.resolve({{"endpoint", "http://flag"}})->value("endpoint") == "http://flag");
    }

    TEST_CASE("each value says where it comes from") {
        World world;
        world.user(two_contexts);
        world.project("\nendpoint: http://project\n");
        world.variables["CMQ_SECRET_ID"] = "id";
        const auto settings = world.resolve({{"ca_file", "x.pem"}});
        REQUIRE(settings);
        CHECK(settings->find("ca_file")->origin == "flag --ca-file");
        CHECK(settings->find("secret_id")->origin == "variable CMQ_SECRET_ID");
        CHECK(settings->find("endpoint")->origin ==
              (world.home.path() / "project/.cmq.yaml:2").string());
        CHECK(settings->find("secret_key")->origin.find("context dev in ") == 0);
    }

    TEST_CASE("a context stands as high as whoever named it") {
        World world;
        world.user(two_contexts);
        world.variables["CMQ_ENDPOINT"] = "http://variable";
        CHECK(world.resolve({{"context", "prod"}})->value("endpoint") == "http://prod");
        world.variables["CMQ_CONTEXT"] = "prod";
        const auto settings = world.resolve();
        CHECK(settings->value("endpoint") == "http://variable");
        CHECK(settings->value("secret_id") == "prod-id");
    }

    TEST_CASE("who has an address and a key does not need the user's file") {
        World world;
        world.user("this: is not right\n");
        world.variables["CMQ_ENDPOINT"] = "http://variable";
        world.variables["CMQ_SECRET_ID"] = "id";
        CHECK_FALSE(world.resolve());
        world.variables["CMQ_SECRET_KEY"] = "key";
        const auto settings = world.resolve();
        REQUIRE(settings);
        CHECK(settings->find("ca_file") == nullptr);
    }

    TEST_CASE("a key in a file beats a key from further below, and the other way round") {
        World world;
        world.user(two_contexts);
        const auto file = world.home.write("key", "from-file\n");
        CHECK(*world.resolve()->read_secret_key() == "dev-key");
        CHECK(*world.resolve({{"secret_key_file", file.string()}})->read_secret_key() ==
              "from-file");
        world.variables["CMQ_SECRET_KEY_FILE"] = file.string();
        CHECK(*world.resolve()->read_secret_key() == "from-file");
        world.variables["CMQ_SECRET_KEY"] = "from-variable";
        CHECK(*world.resolve()->read_secret_key() == "from-variable");
    }

    TEST_CASE("paths in a file are meant from where the file is") {
        World world;
        world.user(two_contexts);
        CHECK(world.resolve()->value("ca_file") ==
              (world.home.path() / ".config/cmq/ca.pem").string());
        world.project("secret_key_file: ../key\n");
        CHECK(world.resolve()->value("secret_key_file") == (world.home.path() / "key").string());
    }

    TEST_CASE("a project file holds no secret, no unknown key, no duplicate") {
        World world;
        for (const auto* wrong : {"secret_key: x\n", "endpont: x\n", "endpoint: a\nendpoint: b\n",
                                  "endpoint: [a]\n", "- a\n"}) {
            CAPTURE(wrong);
            world.project(wrong);
            const auto settings = world.resolve();
            REQUIRE_FALSE(settings);
            CHECK(settings.error().code == Code::invalid);
            CHECK(settings.error().message.find(".cmq.yaml:") != std::string::npos);
        }
    }

    TEST_CASE("a context that does not exist is named") {
        World world;
        world.user(two_contexts);
        const auto settings = world.resolve({{"context", "test"}});
        REQUIRE_FALSE(settings);
        CHECK(settings.error().message.find("\"test\" (flag --context)") != std::string::npos);
    }

    TEST_CASE("nothing is configured, and that is no error") {
        const World world;
        REQUIRE(world.resolve());
        CHECK(world.resolve()->all().empty());
    }

    TEST_CASE("contexts are written for their owner only, and read back") {
        const TemporaryDirectory directory;
        const auto file = directory.path() / "a" / "contexts.yaml";
        Contexts contexts;
        contexts.put({"dev", "https://[::1]:1", "/ca \"x\".pem", "id", "", "s3cret: #"});
        contexts.put({"prod", "https://a", "", "id", "/key", ""});
        contexts.put({"prod", "https://b", "", "id", "/key", ""});
        contexts.current = "dev";
        REQUIRE(write_contexts(file, contexts));
        CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms{0777}) ==
              std::filesystem::perms{0600});
        const auto read = read_contexts(file);
        REQUIRE(read);
        CHECK(read->current == "dev");
        REQUIRE(read->all.size() == 2);
        CHECK(read->find("dev")->secret_key == "s3cret: #");
        CHECK(read->find("dev")->ca_file == "/ca \"x\".pem");
        CHECK(read->find("prod")->endpoint == "https://b");
    }

    TEST_CASE("a user file that others may read is refused") {
        World world;
        world.user(two_contexts);
        std::filesystem::permissions(world.home.path() / ".config/cmq/contexts.yaml",
                                     std::filesystem::perms{0644});
        const auto settings = world.resolve();
        REQUIRE_FALSE(settings);
        CHECK(settings.error().message.find("chmod 600") != std::string::npos);
    }

    TEST_CASE("a secret is one line") {
        const TemporaryDirectory directory;
        CHECK(*read_secret(directory.write("a", "s3cret\r\n")) == "s3cret");
        CHECK(read_secret(directory.write("b", "\n")).error().code == Code::invalid);
        CHECK(read_secret(directory.write("c", "a\nb\n")).error().code == Code::invalid);
        CHECK(read_secret(directory.path() / "none").error().code == Code::not_found);
    }
}
