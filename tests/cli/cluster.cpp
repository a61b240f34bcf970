// The commands about a cluster, against a broker that says what a test wants, and a door that takes
// new nodes in.
#include <doctest/doctest.h>
#include <signal.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "config/keys.h"
#include "net/loops.h"
#include "server/join_door.h"
#include "tests/support/broker.h"
#include "tests/support/fake_broker.h"

using namespace cmq::support;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr auto* done = R"({"code":0,"message":"","requestId":"1"})";
constexpr auto* three_nodes =
    R"({"code":0,"message":"","requestId":"1","nodes":[)"
    R"({"id":"65537","number":1,"incarnation":1,"address":"a:7803","endpoint":"https://a:7800",)"
    R"("zone":"east","role":"leader","state":"up","lag":0,"in_sync":true,"progress":"","newest_format":2},)"
    R"({"id":"131073","number":2,"incarnation":1,"address":"b:7803","endpoint":"https://b:7800",)"
    R"("zone":"west","role":"voter","state":"down","lag":7,"in_sync":false,"progress":"","newest_format":0},)"
    R"({"id":"131074","number":2,"incarnation":2,"address":"b:7803","endpoint":"https://b:7800",)"
    R"("zone":"west","role":"learner","state":"catching up","lag":9,"in_sync":false,)"
    R"("progress":"state 40%","newest_format":1},)"
    R"({"id":"196609","number":3,"incarnation":1,"address":"","endpoint":"","zone":"",)"
    R"("role":"voter","state":"up","lag":0,"in_sync":true,"progress":"","newest_format":2}],"copies_in_sync":2,"groups":[)"
    R"({"id":1,"leader":"65537","term":4,"commit":42,"replicas":[)"
    R"({"id":"65537","role":"leader","lag":0,"in_sync":true},)"
    R"({"id":"131073","role":"voter","lag":7,"in_sync":false},)"
    R"({"id":"131074","role":"learner","lag":9,"in_sync":false},)"
    R"({"id":"196609","role":"voter","lag":0,"in_sync":true}]}],"format_version":1})";

/// A cluster that describes itself, and the command line of somebody who knows a key for it.
struct Cluster {
    FakeBroker broker;
    TemporaryDirectory home;

    Cluster() {
        broker.on("DescribeCluster", [](const auto&) { return three_nodes; });
    }
    Outcome cmq(std::vector<std::string> words) const {
        words.insert(words.begin(), {cmq_binary(), "cluster"});
        ProcessOptions options;
        options.environment = {{"HOME", home.path()},
                               {"CMQ_ENDPOINT", broker.url()},
                               {"CMQ_SECRET_ID", "AKIDTEST"},
                               {"CMQ_SECRET_KEY", "key"}};
        options.directory = home.path();
        return run(words, options);
    }
    /// What was asked last.
    FakeBroker::Form asked() const {
        const auto requests = broker.requests();
        REQUIRE(!requests.empty());
        return requests.back();
    }
};

/// A node that takes in whoever has a good token.
struct OpenDoor {
    cmq::cluster::Household household;
    TemporaryDirectory directory;
    cmq::net::Loops loops{1};
    cmq::server::JoinDoor door{
        [this](const cmq::cluster::JoinRequest& request, const cmq::server::JoinDoor::Done& tell) {
            {
                const std::lock_guard lock(mutex);
                asked.push_back(request);
            }
            tell(on_join(request));
        }};
    std::unique_ptr<cmq::net::HttpServer> server;

    OpenDoor() {
        const auto authority = cmq::net::make_authority("test CA", now());
        REQUIRE(authority);
        household = {std::string(32, 'c'),
                     *authority,
                     {{"AKIDcluster", "its secret", cmq::broker::Namespace{1}, true, true, ""}},
                     std::string(32, 's')};
        const auto issued = cmq::net::issue_certificate(*authority, {"elsewhere"}, now());
        REQUIRE(issued);
        const auto chain = directory.write("chain.pem", issued->certificate);
        const auto tls = cmq::net::Tls::load(chain, directory.write("key.pem", issued->key));
        REQUIRE(tls);
        auto opened = cmq::net::HttpServer::open(
            loops, {"127.0.0.1", 0, *tls, {}},
            [this](const cmq::net::Request& request, const cmq::net::Answer& answer) {
                door.on_request(request, [answer](cmq::net::Response response) {
                    answer.send(std::move(response));
                });
            });
        REQUIRE(opened);
        server = *std::move(opened);
    }
    ~OpenDoor() { loops.stop(); }

    static cmq::Stamp now() { return cmq::SystemClock().wall(); }

    cmq::Result<cmq::cluster::JoinAnswer> on_join(const cmq::cluster::JoinRequest& request) {
        CMQ_TRY(cmq::cluster::admit(household, request, now()));
        const auto node = cmq::broker::node_id(2, 1);
        return cmq::cluster::welcome(household, request, node,
                                     {{node, request.peer_address, request.endpoint, request.zone}},
                                     now());
    }
    std::string token() const { return token(household.secret); }
    std::string token(const std::string& secret) const {
        const auto fingerprint = cmq::net::fingerprint(household.authority.certificate);
        return cmq::auth::make_token(
            secret, {"0123456789abcdef", now() + std::chrono::hours{1}, *fingerprint});
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(server->port()); }
    std::vector<cmq::cluster::JoinRequest> requests() {
        const std::lock_guard lock(mutex);
        return asked;
    }

private:
    std::mutex mutex;
    std::vector<cmq::cluster::JoinRequest> asked;
};

bool is_private(const fs::path& file) {
    return (fs::status(file).permissions() & fs::perms{077}) == fs::perms::none;
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("cluster status has a fixed form for programs") {
        const Cluster cluster;
        const auto shown = cluster.cmq({"status", "-o", "json"});
        REQUIRE(shown.status == 0);
        auto expected = Json::parse(three_nodes);
        for (const auto* member : {"code", "message", "requestId"}) expected.erase(member);
        expected["version"] = 1;
        CHECK(Json::parse(shown.out) == expected);
        CHECK(shown.out.rfind(R"({"version":1,"nodes":[{"id":"65537","number":1,)", 0) == 0);
    }

    TEST_CASE("cluster status is a table for people, and lines for scripts") {
        const Cluster cluster;
        const auto table = cluster.cmq({"status", "-o", "table"});
        REQUIRE(table.status == 0);
        CHECK(table.out.rfind("ID ", 0) == 0);
        CHECK(table.out.find("catching up") != std::string::npos);
        CHECK(table.out.find("copies in sync: 2\n"
                             "group 1: leader 65537, term 4, committed 42\n"
                             "format in force: 1\n") != std::string::npos);
        CHECK(cluster.cmq({"status", "-o", "template={id}:{lag}"}).out ==
              "65537:0\n131073:7\n131074:9\n196609:0\n");
        const auto plain = cluster.cmq({"status"});
        CHECK(plain.out ==
              "65537\t1\tleader\tup\t0\ttrue\t-\teast\thttps://a:7800\ta:7803\t2\n"
              "131073\t2\tvoter\tdown\t7\tfalse\t-\twest\thttps://b:7800\tb:7803\t0\n"
              "131074\t2\tlearner\tcatching up\t9\tfalse\tstate "
              "40%\twest\thttps://b:7800\tb:7803\t1\n"
              "196609\t3\tvoter\tup\t0\ttrue\t-\t-\t-\t-\t2\n");
    }

    TEST_CASE("cluster token prints the token and nothing else") {
        Cluster cluster;
        cluster.broker.on("CreateJoinToken", [](const auto&) {
            return R"({"code":0,"message":"","requestId":"1","joinToken":"cmq-join-AbC"})";
        });
        const auto token = cluster.cmq({"token"});
        CHECK(token.status == 0);
        CHECK(token.out == "cmq-join-AbC\n");
        CHECK(token.err.empty());
        CHECK(cluster.asked().at("ttlSeconds") == "3600");
        CHECK(cluster.cmq({"token", "--ttl", "10m"}).status == 0);
        CHECK(cluster.asked().at("ttlSeconds") == "600");
    }

    TEST_CASE("a node is removed by its id or its number") {
        Cluster cluster;
        cluster.broker.on("RemoveNode", [](const auto&) { return done; });
        const auto removed = cluster.cmq({"remove", "3"});
        CHECK(removed.out == "removed 196609\n");
        CHECK(removed.err.find("stop that node's process") != std::string::npos);
        CHECK(cluster.asked().at("node") == "196609");
        CHECK(cluster.asked().at("force") == "false");
        CHECK(cluster.cmq({"remove", "131074"}).status == 0);
        CHECK(cluster.asked().at("node") == "131074");
        const auto missing = cluster.cmq({"remove", "9"});
        CHECK(missing.status == 3);
        CHECK(missing.err.find("65537, 131073, 131074, 196609") != std::string::npos);
        const auto ambiguous = cluster.cmq({"remove", "2"});
        CHECK(ambiguous.status == 2);
        CHECK(ambiguous.err.find("131073, 131074") != std::string::npos);
    }

    TEST_CASE("a removal that would leave all copies in one zone needs a yes") {
        Cluster cluster;
        cluster.broker.on("RemoveNode", [](const auto& form) {
            return form.at("force") == "true"
                       ? done
                       : R"({"code":4460,"message":"(11042)all copies ... in one zone"})";
        });
        const auto refused = cluster.cmq({"remove", "3"});
        CHECK(refused.status == 7);
        CHECK(refused.out.empty());
        CHECK(refused.err.find("--yes") != std::string::npos);
        const auto forced = cluster.cmq({"remove", "3", "--yes"});
        CHECK(forced.status == 0);
        CHECK(forced.out == "removed 196609\n");
    }

    TEST_CASE("the lead is transferred, and a node drained") {
        Cluster cluster;
        for (const auto* action : {"TransferLead", "DrainNode"})
            cluster.broker.on(action, [](const auto&) { return done; });
        CHECK(cluster.cmq({"transfer"}).out == "transferred\n");
        CHECK_FALSE(cluster.asked().contains("node"));
        CHECK(cluster.cmq({"transfer", "3"}).out == "transferred to 196609\n");
        CHECK(cluster.asked().at("node") == "196609");
        CHECK(cluster.cmq({"drain", "1"}).out == "drained 65537\n");
        CHECK(cluster.asked().at("Action") == "DrainNode");
    }

    TEST_CASE("what the cluster refuses becomes an exit status") {
        Cluster cluster;
        const auto refuse = [&cluster](const std::string& message, int code) {
            cluster.broker.on("TransferLead", [=](const auto&) {
                return R"({"code":)" + std::to_string(code) + R"(,"message":")" + message + "\"}";
            });
            return cluster.cmq({"transfer"}).status;
        };
        CHECK(refuse("(11043)the node has not caught up, has no vote, was drained, or ...", 4460) ==
              7);
        CHECK(refuse("(11040)another change of the nodes is under way, try again", 4460) == 7);
        CHECK(refuse("(11010)node is not known to this cluster", 4440) == 3);
        CHECK(refuse("(10461)no cam authentication", 4000) == 6);
        CHECK(refuse("(11000)this broker does not take requests about a cluster", 4000) == 2);
    }

    TEST_CASE("a directory becomes that of a new node, once") {
        OpenDoor door;
        const Cluster somebody;
        const auto data = somebody.home.path() / "data";
        const std::vector<std::string> words{"join",   door.address(), "--token",  door.token(),
                                             "--data", data.string(),  "--port",   "0",
                                             "--zone", "west",         "--listen", "127.0.0.2"};
        const auto joined = somebody.cmq(words);
        CAPTURE(joined.err);
        REQUIRE(joined.status == 0);
        CHECK(joined.out == "131073\n");
        const auto asked = door.requests();
        REQUIRE(asked.size() == 1);
        CHECK(asked[0].zone == "west");
        CHECK(asked[0].replaces.value == 0);
        const auto ports = read_file(data / "ports");
        CHECK(asked[0].endpoint == "https://127.0.0.2:" + ports.substr(0, ports.find(' ')));
        CHECK(asked[0].peer_address ==
              "127.0.0.2:" +
                  ports.substr(ports.rfind(' ') + 1, ports.size() - ports.rfind(' ') - 2));
        const auto keys = cmq::config::read_keys(data / "identity/keys.yaml");
        REQUIRE(keys);
        CHECK(keys->at(0).id == "AKIDcluster");
        CHECK(read_file(data / "identity/ca.pem") == door.household.authority.certificate);
        CHECK(cmq::net::Tls::load(data / "identity/certificate.pem", data / "identity/key.pem"));
        for (const auto& entry : fs::recursive_directory_iterator(data)) {
            CAPTURE(entry.path().string());
            CHECK(is_private(entry.path()));
        }
        CHECK(somebody.cmq(words).status == 7);
        CHECK(door.requests().size() == 1);
    }

    TEST_CASE("a node takes the place of another") {
        OpenDoor door;
        const Cluster somebody;
        const auto data = (somebody.home.path() / "data").string();
        CHECK(
            somebody.cmq({"replace", "2", door.address(), "--token", door.token(), "--data", data})
                .status == 2);
        CHECK(
            somebody
                .cmq({"replace", "131073", door.address(), "--token", door.token(), "--data", data,
                      "--advertise", "https://b.example:1", "--peer-address", "b.example:2"})
                .status == 0);
        const auto asked = door.requests();
        REQUIRE(asked.size() == 1);
        CHECK(asked[0].replaces.value == 131'073);
        CHECK(asked[0].endpoint == "https://b.example:1");
        CHECK(asked[0].peer_address == "b.example:2");
    }

    TEST_CASE("who cannot join is told why, and the directory stays new") {
        OpenDoor door;
        const Cluster somebody;
        const auto data = somebody.home.path() / "data";
        const auto join = [&](const std::string& address, const std::string& token,
                              const std::string& listen = "127.0.0.1") {
            return somebody.cmq(
                {"join", address, "--token", token, "--data", data.string(), "--listen", listen});
        };
        const auto nobody = join("127.0.0.1:1", door.token());
        CHECK(nobody.status == 9);
        CHECK(nobody.err.find("at its HTTPS port") != std::string::npos);
        CHECK(join(door.address(), "cmq-join-wrong").status == 2);
        CHECK(join(door.address(), "").status == 2);
        CHECK(join("http://" + door.address(), door.token()).status == 2);
        CHECK(join(door.address(), door.token(), "0.0.0.0").status == 2);
        const OpenDoor other;
        const auto stranger = join(door.address(), other.token());
        CHECK(stranger.status == 9);
        CHECK(stranger.err.find("the CA that the token names") != std::string::npos);
        const auto forged = door.token(std::string(32, 't'));
        CHECK(join(door.address(), forged).status == 6);
        CHECK_FALSE(fs::exists(data / "node.db"));
        CHECK(join(door.address(), door.token()).status == 0);
    }

    TEST_CASE("serve --join is for a new directory only") {
        const TemporaryDirectory home;
        const auto data = (home.path() / "data").string();
        ProcessOptions options;
        options.environment = {{"HOME", home.path()}};
        const std::vector<std::string> words{
            cmq_binary(), "serve",       "--dev",
            "--data",     data,          "--port",
            "0",          "--port-file", (home.path() / "ports.json").string()};
        auto joining = words;
        joining.insert(joining.end(),
                       {"--join", "https://127.0.0.1:1", "--token", OpenDoor().token()});
        CHECK(run(joining, options).status == 9);
        CHECK_FALSE(fs::exists(fs::path(data) / "node.db"));
        auto alone = words;
        alone.emplace_back("--print-env");
        joining.emplace_back("--print-env");
        for (const auto& line : {alone, joining}) {
            Process broker(line, options);
            CHECK(broker.read_line().rfind("export CMQ_ENDPOINT=", 0) == 0);
            broker.signal(SIGTERM);
            CHECK(broker.finish().status == 0);
        }
        const auto ports = Json::parse(read_file(home.path() / "ports.json"));
        CHECK(ports.at("node_id") == "65537");
        CHECK(run({cmq_binary(), "serve", "--config", "x", "--join", "y"}, options).status == 2);
    }
}
