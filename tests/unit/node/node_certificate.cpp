// A node's certificate is replaced before it ends, by the node itself.
#include "node/node_certificate.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "node/setup.h"
#include "tests/support/temporary.h"

namespace {

using namespace cmq;
using std::chrono::days;

Stamp now() { return SystemClock().wall(); }

/// The directory of a node that joined `ago`.
struct Member {
    support::TemporaryDirectory directory;
    std::unique_ptr<store::Files> files = store::system_files();
    net::Identity authority;
    std::string key = net::make_key();
    node::Issuing issuing{{std::string(32, 'c'), 131'073}, directory.path(), {}, {}};

    explicit Member(std::chrono::milliseconds ago) {
        const auto made = net::make_authority("test CA", now() - days{1'000});
        REQUIRE(made);
        authority = *made;
        directory.write("identity/ca.pem", authority.certificate);
        directory.write("identity/ca_key.pem", authority.key);
        directory.write("identity/node_key.pem", key);
        directory.write("identity/node.pem", issued(now() - ago));
    }
    std::string issued(Stamp when) const {
        const auto request = net::make_request(key);
        const auto chain = net::sign_request(authority, *request, issuing.name, when);
        REQUIRE(chain);
        return *chain;
    }
    std::filesystem::path file() const { return directory.path() / "identity/node.pem"; }
    Result<net::PeerCredentials> credentials() {
        return node::peer_credentials(*files, issuing, now());
    }
};

constexpr days life{825};

}  // namespace

TEST_SUITE("unit/node") {
    SCENARIO("a certificate that has more than a month is used as it is") {
        Member member(life - days{31});
        const auto before = support::read_file(member.file());
        const auto credentials = member.credentials();
        REQUIRE(credentials);
        CHECK(credentials->certificate == before);
        CHECK(credentials->key == member.key);
        CHECK(support::read_file(member.file()) == before);
    }

    SCENARIO("one that ends within a month, has ended, or is of the future, is issued again") {
        for (const auto ago : {life - days{29}, life + days{1}, days{-2}}) {
            CAPTURE(ago.count());
            Member member(ago);
            const auto credentials = member.credentials();
            REQUIRE(credentials);
            const auto validity = net::validity(credentials->certificate);
            REQUIRE(validity);
            CHECK(validity->from <= now());
            CHECK(validity->until > now() + life - days{1});
            const auto tls = net::PeerTls::make(*credentials);
            REQUIRE(tls);
            CHECK((*tls)->name() == member.issuing.name);
            CHECK(support::read_file(member.file()) == credentials->certificate);
            struct stat about {};
            REQUIRE(stat(member.file().c_str(), &about) == 0);
            CHECK((about.st_mode & 0777) == 0600);
            const auto again = member.credentials();
            REQUIRE(again);
            CHECK(again->certificate == credentials->certificate);
        }
    }

    SCENARIO("a founder's is issued at each start, and leaves nothing behind") {
        Member member(days{1});
        std::filesystem::remove(member.file());
        const auto without = member.credentials();
        REQUIRE_FALSE(without);
        CHECK(without.error().message.find("cluster.ca_key") != std::string::npos);
        member.issuing.ca_file = member.directory.path() / "identity/ca.pem";
        member.issuing.ca_key_file = member.directory.path() / "identity/ca_key.pem";
        const auto credentials = member.credentials();
        REQUIRE(credentials);
        CHECK(net::PeerTls::make(*credentials));
        CHECK_FALSE(std::filesystem::exists(member.file()));
    }

    SCENARIO("what is no certificate is told, and not replaced") {
        Member member(days{1});
        member.directory.write("identity/node.pem", "damaged");
        const auto refused = member.credentials();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::invalid);
        CHECK(support::read_file(member.file()) == "damaged");
    }
}
