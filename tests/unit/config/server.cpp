#include "config/server.h"

#include <doctest/doctest.h>

#include "config/keys.h"
#include "tests/support/temporary.h"

using namespace cmq;
using namespace cmq::config;
using namespace std::chrono_literals;
using support::TemporaryDirectory;

namespace {

struct Folder {
    TemporaryDirectory directory;
    Folder() { keys("keys: [{id: AKID1, secret_key: s1}]\n"); }
    void keys(const std::string& text) const { directory.write("keys.yaml", text); }
    Result<node::Options> parse(const std::string& text) const {
        return parse_server(text, directory.path() / "cmq.yaml");
    }
    std::string complaint(const std::string& text) const {
        const auto options = parse(text);
        if (options) return "none";
        CHECK(options.error().code == Code::invalid);
        const auto& message = options.error().message;
        const auto at = message.find("cmq.yaml:");
        return at == message.npos ? message : message.substr(at);
    }
};

const std::string least = "http_port: 8080\nkeys: keys.yaml\n";

}  // namespace

TEST_SUITE("unit/config") {
    TEST_CASE("what a node of a cluster is told") {
        const Folder folder;
        const auto options =
            folder.parse(least +
                         "cluster: {peer_port: 7803, ca_key: ca_key.pem, zone: west, copies: all,\n"
                         "  advertise: 'https://cmq.example.org', peer_address: 'ten:7803'}\n");
        REQUIRE(options);
        CHECK(options->peer_port == 7803);
        CHECK(options->ca_key_file == folder.directory.path() / "ca_key.pem");
        CHECK(options->zone == "west");
        CHECK(options->copies == raft::Copies::all);
        CHECK(options->advertise == "https://cmq.example.org");
        CHECK(options->peer_address == "ten:7803");
        CHECK(folder.parse(least)->copies == raft::Copies::in_sync);
        CHECK_FALSE(folder.parse(least)->peer_port);
        CHECK(folder.complaint(least + "cluster: {copies: some}\n")
                  .find("in-sync, majority or all") != std::string::npos);
        CHECK(folder.complaint(least + "listen: 0.0.0.0\ncluster: {peer_port: 7803}\n")
                  .find("cluster.advertise and cluster.peer_address are needed") !=
              std::string::npos);
    }

    TEST_CASE("a whole cmq.yaml becomes options") {
        const Folder folder;
        const auto options = folder.parse(
            "data: store\nlisten: 0.0.0.0\nhttps_port: 8443\nhttp_port: off\n"
            "tls:\n  certificate: /etc/c.pem\n  key: k.pem\n  ca: ca.pem\n"
            "keys: keys.yaml\ntimestamp_window: 0\nloops: 4\n"
            "limits: {disk_reserve: 2GiB, in_flight: 8MiB, body: 1MiB, idle_time: 2m,\n"
            "         connections: 10, pipelined: 1}\n");
        REQUIRE(options);
        CHECK(options->data == folder.directory.path() / "store");
        CHECK(options->listen == "0.0.0.0");
        CHECK(options->https_port == 8443);
        CHECK_FALSE(options->http_port);
        CHECK(options->certificate == "/etc/c.pem");
        CHECK(options->key == folder.directory.path() / "k.pem");
        CHECK(options->ca_file == folder.directory.path() / "ca.pem");
        CHECK(options->timestamp_window == 0s);
        CHECK(options->loops == 4);
        CHECK(options->disk_reserve_bytes == 2ull << 30);
        CHECK(options->in_flight_bytes_max == 8u << 20);
        CHECK(options->limits.body_bytes == 1u << 20);
        CHECK(options->limits.idle_time == 2min);
        CHECK(options->limits.connections == 10);
        REQUIRE(options->keys.size() == 1);
        CHECK(options->keys[0].secret_key == "s1");
    }

    TEST_CASE("what is not said keeps its default, and the manual says the same") {
        const Folder folder;
        const auto plain = folder.parse(least);
        REQUIRE(plain);
        std::string all;
        for (const auto& key : server_keys()) {
            const std::string name(key.name);
            if (name == "keys" || name == "http_port" || key.initial.empty()) continue;
            const auto dot = name.find('.');
            if (dot != name.npos) continue;
            all += name + ": \"" + std::string(key.initial) + "\"\n";
        }
        const auto said = folder.parse(least + all);
        REQUIRE(said);
        CHECK(said->data == plain->data);
        CHECK(said->listen == plain->listen);
        CHECK(said->timestamp_window == plain->timestamp_window);
        CHECK(said->loops == plain->loops);
    }

    TEST_CASE("the limits' defaults in the manual are those of the code") {
        const Folder folder;
        const auto plain = folder.parse(least);
        REQUIRE(plain);
        std::string all = "limits:\n";
        for (const auto& key : server_keys())
            if (key.name.starts_with("limits."))
                all +=
                    "  " + std::string(key.name.substr(7)) + ": " + std::string(key.initial) + "\n";
        const auto said = folder.parse(least + all);
        REQUIRE(said);
        CHECK(said->disk_reserve_bytes == plain->disk_reserve_bytes);
        CHECK(said->in_flight_bytes_max == plain->in_flight_bytes_max);
        CHECK(said->limits.request_line_bytes == plain->limits.request_line_bytes);
        CHECK(said->limits.header_bytes == plain->limits.header_bytes);
        CHECK(said->limits.header_fields == plain->limits.header_fields);
        CHECK(said->limits.body_bytes == plain->limits.body_bytes);
        CHECK(said->limits.request_time == plain->limits.request_time);
        CHECK(said->limits.idle_time == plain->limits.idle_time);
        CHECK(said->limits.connections == plain->limits.connections);
        CHECK(said->limits.connections_per_address == plain->limits.connections_per_address);
        CHECK(said->limits.pipelined == plain->limits.pipelined);
    }

    TEST_CASE("what is wrong is named with line and column") {
        const Folder folder;
        CHECK(folder.complaint(least + "lops: 2\n") == "cmq.yaml:3:1: \"lops\" is not a known key");
        CHECK(folder.complaint(least + "limits:\n  bdy: 1\n") ==
              "cmq.yaml:4:3: \"limits.bdy\" is not a known key");
        CHECK(folder.complaint(least + "limits.body: 1MiB\n") ==
              "cmq.yaml:3:1: \"limits.body\" is not a known key");  // could be given twice
        CHECK(folder.complaint(least + "loops: 010\n") ==
              "cmq.yaml:3:8: loops: \"010\" has a leading zero; write 10");
        CHECK(folder.complaint(least + "loops: 65\n") ==
              "cmq.yaml:3:8: loops: 65 is not within 1 to 64");
        CHECK(folder.complaint("http_port: 70000\n").find("cmq.yaml:1:12: http_port: ") == 0);
        CHECK(folder.complaint(least + "loops: [2]\n").find("cmq.yaml:3:8: ") == 0);
        CHECK(folder.complaint(least + "limits: 3\n").find("cmq.yaml:3:9: ") == 0);
        CHECK(folder.complaint(least + "timestamp_window: 5\n").find("no unit") !=
              std::string::npos);
        CHECK(folder.complaint(least + "loops: 2\nloops: 2\n").find("second time") !=
              std::string::npos);
    }

    TEST_CASE("a broker needs a door, a certificate for HTTPS, and keys") {
        const Folder folder;
        CHECK(folder.complaint("keys: keys.yaml\n").find("https_port or http_port") !=
              std::string::npos);
        CHECK(folder.complaint("https_port: 1\nkeys: keys.yaml\n").find("tls.certificate") !=
              std::string::npos);
        CHECK(folder.complaint("http_port: 1\n").find("keys is needed") != std::string::npos);
        CHECK(folder.parse("http_port: 1\nkeys: none.yaml\n").error().code == Code::not_found);
    }

    TEST_CASE("keys have an id and a secret, and each id stands once") {
        const Folder folder;
        folder.directory.write("secret", "s2\n");
        folder.keys(
            "keys:\n"
            "  - {id: AKID1, secret_key: s1, enabled: false, allow_sha1: false, token: t}\n"
            "  - {id: AKID2, secret_key_file: secret, namespace: 7}\n");
        const auto keys = read_keys(folder.directory.path() / "keys.yaml");
        REQUIRE(keys);
        CHECK_FALSE((*keys)[0].enabled);
        CHECK_FALSE((*keys)[0].allow_sha1);
        CHECK((*keys)[0].token == "t");
        CHECK((*keys)[1].secret_key == "s2");
        CHECK((*keys)[1].space.value == 7);
        for (const auto* wrong :
             {"", "keys: 1\n", "keys: [{id: a}]\n", "keys: [{secret_key: a}]\n",
              "keys: [{id: a, secret_key: b}, {id: a, secret_key: c}]\n",
              "keys: [{id: a, secret_key: b, secret_key_file: secret}]\n",
              "keys: [{id: a, secret_key: b, namespace: 0}]\n",
              "keys: [{id: a, secret_key: b, enabled: yes}]\n", "keys: []\nmore: 1\n"}) {
            CAPTURE(wrong);
            folder.keys(wrong);
            CHECK(read_keys(folder.directory.path() / "keys.yaml").error().code == Code::invalid);
        }
    }

    TEST_CASE("keys that others may read are refused, and no secret is in the complaint") {
        const Folder folder;
        std::filesystem::permissions(folder.directory.path() / "keys.yaml",
                                     std::filesystem::perms{0640});
        const auto options = folder.parse(least);
        REQUIRE_FALSE(options);
        CHECK(options.error().message.find("chmod 600") != std::string::npos);
        CHECK(options.error().message.find("s1") == std::string::npos);
    }
}
