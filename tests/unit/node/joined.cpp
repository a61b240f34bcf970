// What a cluster gives a new node lies in its directory, whole, before the directory counts as a
// node's.
#include "node/joined.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cluster/identity.h"
#include "config/keys.h"
#include "net/tls.h"
#include "node/setup.h"
#include "tests/support/temporary.h"

namespace {

using namespace cmq;
namespace fs = std::filesystem;

Stamp now() { return SystemClock().wall(); }

struct Newcomer {
    support::TemporaryDirectory directory;
    std::unique_ptr<store::Files> files = store::system_files();
    fs::path data = directory.path() / "data";
    std::string key = net::make_key();
    cluster::JoinAnswer answer;

    Newcomer() {
        const auto authority = net::make_authority("test CA", now());
        REQUIRE(authority);
        const cluster::Household household{
            std::string(32, 'c'),
            *authority,
            {{"AKIDfirst", "first secret", broker::Namespace{1}, true, true, ""},
             {"AKID: \"odd\" #", "x'\"\\ ", broker::Namespace{7}, false, false, "t"}},
            std::string(32, 's')};
        const std::vector<broker::NodeEntry> nodes{
            {broker::node_id(1, 1), "a:3", "https://a:0", "east"},
            {broker::node_id(2, 5), "b:3", "https://b:0", ""}};
        const cluster::JoinRequest request{"", *net::make_request(key), "b:3", "https://b:0", "",
                                           {}};
        auto made = cluster::welcome(household, request, broker::node_id(2, 5), nodes, now());
        REQUIRE(made);
        answer = *std::move(made);
    }
    Status write() { return node::write_joined(*files, data, key, answer); }
    bool is_new() { return !*cluster::has_identity(*files, data); }
};

}  // namespace

TEST_SUITE("unit/node") {
    SCENARIO("a node that was taken in finds itself, its keys and the others again") {
        Newcomer newcomer;
        CHECK(newcomer.is_new());
        REQUIRE(newcomer.write());
        CHECK_FALSE(newcomer.is_new());
        const auto identity = cluster::open_identity(*newcomer.files, newcomer.data);
        REQUIRE(identity);
        CHECK(identity->node.value == broker::node_id(2, 5).value);
        CHECK(identity->incarnation == 5);
        CHECK(identity->cluster == std::string(32, 'c'));
        const auto joined = node::read_joined(*newcomer.files, newcomer.data);
        REQUIRE(joined);
        REQUIRE(*joined);
        CHECK((*joined)->secret == newcomer.answer.secret);
        CHECK((*joined)->nodes == newcomer.answer.nodes);
        const auto keys = config::read_keys(node::joined_keys_file(newcomer.data));
        REQUIRE(keys);
        REQUIRE(keys->size() == 2);
        CHECK((*keys)[1].id == "AKID: \"odd\" #");
        CHECK((*keys)[1].secret_key == "x'\"\\ ");
        CHECK((*keys)[1].space == broker::Namespace{7});
        CHECK_FALSE((*keys)[1].enabled);
        CHECK_FALSE((*keys)[1].allow_sha1);
        CHECK((*keys)[1].token == "t");
    }

    SCENARIO("its door has a certificate of the cluster's CA, and the cluster's first key") {
        Newcomer newcomer;
        // A start before the join had made a CA and a key of its own.
        REQUIRE(node::set_up(*newcomer.files, newcomer.data, {"localhost"}, now()));
        CHECK(newcomer.is_new());
        REQUIRE(newcomer.write());
        const auto setup = node::set_up(*newcomer.files, newcomer.data, {"localhost"}, now());
        REQUIRE(setup);
        CHECK(setup->secret_id == "AKIDfirst");
        CHECK(setup->secret_key == "first secret");
        const auto chain = support::read_file(setup->certificate);
        CHECK(chain.find(newcomer.answer.authority.certificate) != std::string::npos);
        CHECK(net::Tls::load(setup->certificate, setup->key));
    }

    SCENARIO("nobody else reads what is secret") {
        Newcomer newcomer;
        REQUIRE(newcomer.write());
        for (const auto& entry : fs::directory_iterator(newcomer.data / "identity")) {
            CAPTURE(entry.path().string());
            CHECK((entry.status().permissions() & fs::perms{077}) == fs::perms::none);
        }
    }

    SCENARIO("a directory in which a node lives is left alone") {
        Newcomer newcomer;
        REQUIRE(newcomer.write());
        const auto again = newcomer.write();
        REQUIRE_FALSE(again);
        CHECK(again.error().code == Code::exists);
        Newcomer other;
        REQUIRE(cluster::open_identity(*other.files, other.directory.path()));
        other.data = other.directory.path();
        CHECK_FALSE(other.is_new());
        const auto founder = cluster::open_identity(*other.files, other.data);
        REQUIRE(founder);
        CHECK(founder->node.value == broker::node_id(1, 1).value);
        CHECK_FALSE(other.write());
        CHECK_FALSE(*node::read_joined(*other.files, other.data));
    }

    SCENARIO("a file of facts that is not what was written is told") {
        Newcomer newcomer;
        REQUIRE(newcomer.write());
        newcomer.directory.write("data/identity/cluster.json", "{");
        const auto joined = node::read_joined(*newcomer.files, newcomer.data);
        REQUIRE_FALSE(joined);
        CHECK(joined.error().code == Code::corrupt);
    }
}
