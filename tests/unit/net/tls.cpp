#include "net/tls.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <optional>

#include "base/clock.h"
#include "tests/support/temporary.h"
#include "tests/unit/net/server_fixture.h"
#include "tests/unit/net/tls_client.h"

namespace {

using namespace cmq;
using namespace cmq::net;
using namespace std::chrono_literals;

Stamp now() { return SystemClock().wall(); }

Identity authority() {
    static const auto made = make_authority("test CA", now());
    REQUIRE(made);
    return *made;
}

Identity issued(const std::vector<std::string>& names = {"localhost", "127.0.0.1", "::1"}) {
    const auto made = issue_certificate(authority(), names, now());
    REQUIRE(made);
    return *made;
}

/// A certificate in files.
struct Files {
    Files() { write(issued()); }
    void write(const Identity& identity) const {
        directory.write("chain.pem", identity.certificate);
        directory.write("key.pem", identity.key);
    }
    std::shared_ptr<Tls> load() const {
        const auto loaded = Tls::load(directory.path() / "chain.pem", directory.path() / "key.pem");
        REQUIRE(loaded);
        return *loaded;
    }
    support::TemporaryDirectory directory;
};

struct TlsFixture {
    TlsClient client(TlsWishes wishes = {}) {
        if (wishes.authority.empty()) wishes.authority = authority().certificate;
        return TlsClient(server.server().port(), wishes);
    }
    Files files;
    std::shared_ptr<Tls> tls = files.load();
    ServerFixture server{{"127.0.0.1", 0, tls, {}}};
};

std::string talk(TlsFixture& here, TlsClient& client) {
    client.write(get("/"));
    const auto asked = here.server.next();
    CHECK(asked.request.secure);
    asked.answer.send(text("hello"));
    return client.read_answer().body;
}

std::shared_ptr<X509> parsed(const std::string& pem) {
    const std::unique_ptr<BIO, FreeWith<BIO_free_all>> text(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return {PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free};
}

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("a client that trusts our CA talks to us by name and by address") {
        TlsFixture here;
        for (const auto* host : {"127.0.0.1", "localhost", "::1"}) {
            TlsWishes wishes;
            wishes.host = host;
            auto client = here.client(wishes);
            CHECK(client.verdict() == X509_V_OK);
            CHECK(client.version() == "TLSv1.3");
            CHECK(talk(here, client) == "hello");
        }
    }

    SCENARIO("a client that does not trust us says so, and the next one is served") {
        TlsFixture here;
        TlsWishes wishes;
        WHEN("it knows another CA") {
            wishes.authority = make_authority("another CA", now())->certificate;
        }
        WHEN("it wanted somebody else") { wishes.host = "elsewhere"; }
        CHECK_FALSE(here.client(wishes).connected());
        auto next = here.client();
        CHECK(talk(here, next) == "hello");
    }

    SCENARIO("old versions and suites are refused") {
        TlsFixture here;
        TlsWishes wishes;
        wishes.oldest = TLS1_VERSION;
        wishes.newest = TLS1_2_VERSION;
        WHEN("TLS 1.1 is the newest that is offered") { wishes.newest = TLS1_1_VERSION; }
        WHEN("only CBC is offered") { wishes.suites_1_2 = "ECDHE-ECDSA-AES128-SHA256"; }
        WHEN("no forward secrecy is offered") { wishes.suites_1_2 = "AES128-GCM-SHA256"; }
        WHEN("no authentication is offered") { wishes.suites_1_2 = "AECDH-AES128-SHA"; }
        CHECK_FALSE(here.client(wishes).connected());
    }

    SCENARIO("TLS 1.2 with an AEAD suite is served") {
        TlsFixture here;
        TlsWishes wishes;
        wishes.newest = TLS1_2_VERSION;
        for (const auto* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                                  "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
            wishes.suites_1_2 = suite;
            auto client = here.client(wishes);
            CHECK(client.version() == "TLSv1.2");
            CHECK(talk(here, client) == "hello");
        }
    }

    SCENARIO("a client that comes again shakes hands anew") {
        TlsFixture here;
        TlsWishes wishes;
        WHEN("over TLS 1.3") {}
        WHEN("over TLS 1.2") { wishes.newest = TLS1_2_VERSION; }
        auto first = here.client(wishes);
        CHECK_FALSE(first.resumed());
        CHECK(talk(here, first) == "hello");
        wishes.resume = first.session();
        auto second = here.client(wishes);
        CHECK_FALSE(second.resumed());
        CHECK(talk(here, second) == "hello");
    }

    SCENARIO("HTTP/1.1 is chosen from what a client offers") {
        TlsFixture here;
        TlsWishes wishes;
        wishes.offers = {"h2", "http/1.1"};
        CHECK(here.client(wishes).offer_taken() == "http/1.1");
        wishes.offers = {"h2"};
        auto client = here.client(wishes);
        CHECK(client.offer_taken() == "");
        CHECK(talk(here, client) == "hello");
    }

    SCENARIO("a new certificate is used by those who come after it") {
        TlsFixture here;
        auto before = here.client();
        const auto renewed = issued();
        here.files.write(renewed);
        REQUIRE(here.tls->reload());
        auto after = here.client();
        CHECK(after.serial() != before.serial());
        CHECK(talk(here, before) == "hello");
        CHECK(talk(here, after) == "hello");
    }

    SCENARIO("a bad new certificate leaves the old one in use") {
        TlsFixture here;
        const auto before = here.client().serial();
        std::string names;
        WHEN("the chain is not PEM") {
            here.files.directory.write("chain.pem", "nonsense");
            names = "chain.pem";
        }
        WHEN("the key is missing") {
            std::filesystem::remove(here.files.directory.path() / "key.pem");
            names = "key.pem";
        }
        WHEN("the key is of another certificate") {
            here.files.directory.write("key.pem", issued().key);
            names = "key.pem";
        }
        const auto reloaded = here.tls->reload();
        REQUIRE_FALSE(reloaded);
        CHECK(reloaded.error().code == Code::invalid);
        CHECK(reloaded.error().message.find(names) != std::string::npos);
        auto client = here.client();
        CHECK(client.serial() == before);
        CHECK(talk(here, client) == "hello");
    }

    SCENARIO("a key with a passphrase is refused, and nobody is asked for it") {
        const Files files;
        const std::unique_ptr<BIO, FreeWith<BIO_free_all>> locked(BIO_new(BIO_s_mem()));
        const auto key = issued().key;
        const std::unique_ptr<BIO, FreeWith<BIO_free_all>> open(
            BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
        const std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>> handle(
            PEM_read_bio_PrivateKey(open.get(), nullptr, nullptr, nullptr));
        REQUIRE(PEM_write_bio_PKCS8PrivateKey(locked.get(), handle.get(), EVP_aes_256_cbc(),
                                              "secret", 6, nullptr, nullptr) == 1);
        char* data = nullptr;
        const auto size = BIO_get_mem_data(locked.get(), &data);
        files.directory.write("key.pem", {data, static_cast<std::size_t>(size)});
        CHECK_FALSE(
            Tls::load(files.directory.path() / "chain.pem", files.directory.path() / "key.pem"));
    }

    SCENARIO("long bodies and pipelined requests go through TLS") {
        TlsFixture here;
        auto client = here.client();
        const std::string body(3 << 20, 'x');
        client.write(post("/1", body) + post("/2", body) + get("/3"));
        const auto first = here.server.next(), second = here.server.next(),
                   third = here.server.next();
        CHECK(first.request.body == body);
        CHECK(second.request.body == body);
        third.answer.send(text(body));
        second.answer.send(text(body + body));
        auto written = answer_all(first, "one");
        CHECK(client.read_answer().body == "one");
        CHECK(client.read_answer().body == body + body);
        CHECK(client.read_answer().body == body);
        CHECK(written.get());
    }

    SCENARIO("a TLS client that goes away while its request waits is noticed at once") {
        TlsFixture here;
        auto client = std::make_optional<TlsClient>(
            here.server.server().port(), TlsWishes{.authority = authority().certificate});
        client->write(get("/"));
        const auto asked = here.server.next();
        auto noticed = gone(asked);
        WHEN("it says goodbye") { client->say_goodbye(); }
        WHEN("it is simply gone") { client.reset(); }
        noticed.get();
        CHECK_FALSE(answer_all(asked, "late").get());
    }

    SCENARIO("a connection that we end says goodbye, so that nothing can be cut off unseen") {
        TlsFixture here;
        auto client = here.client();
        client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        here.server.next().answer.send(text("bye"));
        CHECK(client.read_answer().body == "bye");
        CHECK(client.ends_well());
        auto refused = here.client();
        refused.write("nonsense\r\n\r\n" + std::string(100'000, 'x'));
        CHECK(refused.read_answer().status == 400);
        CHECK(refused.ends_well());
    }

    SCENARIO("what is not TLS is turned away") {
        TlsFixture here;
        auto plain = here.server.client();
        plain.write(get("/"));
        plain.read_all();  // an alert, and the end
        auto client = here.client();
        CHECK(talk(here, client) == "hello");
        CHECK(here.server.server().counts().requests == 1);
    }

    SCENARIO("a handshake that stands still does not hold up a stop") {
        TlsFixture here;
        auto silent = here.server.client();
        auto client = here.client();  // accepted behind the silent one
        CHECK(talk(here, client) == "hello");
        here.server.server().stop();
        CHECK(silent.read_all() == "");
        CHECK(client.ends_well());
        CHECK(here.server.server().wait_drained(1min));
    }

    SCENARIO("a CA may sign certificates and nothing below them") {
        const auto certificate = parsed(authority().certificate);
        CHECK(X509_check_ca(certificate.get()) == 1);
        CHECK(X509_get_pathlen(certificate.get()) == 0);
        CHECK(X509_get_key_usage(certificate.get()) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
    }

    SCENARIO("a certificate is for its names, for 825 days, and different each time") {
        const auto one = issued({"broker.example", "*.cluster.example", "10.0.0.1", "fe80::1"});
        const auto certificate = parsed(one.certificate);
        CHECK(X509_check_ca(certificate.get()) == 0);
        for (const auto* name : {"broker.example", "a.cluster.example"})
            CHECK(X509_check_host(certificate.get(), name, 0, 0, nullptr) == 1);
        CHECK(X509_check_host(certificate.get(), "cluster.example", 0, 0, nullptr) == 0);
        for (const auto* address : {"10.0.0.1", "fe80::1"})
            CHECK(X509_check_ip_asc(certificate.get(), address, 0) == 1);
        CHECK(X509_check_ip_asc(certificate.get(), "10.0.0.2", 0) == 0);
        const Files files;
        const auto left = files.load()->expires() - now();
        CHECK(left > std::chrono::days{824});
        CHECK(left <= std::chrono::days{825});
        CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(certificate.get()),
                               X509_get0_serialNumber(parsed(issued().certificate).get())) != 0);
    }

    SCENARIO("no certificate is issued for what is not a name") {
        for (const auto* name : {"", "a,IP:1.2.3.4", "a b", "a/b", "a\nb", "1.2.3.4:5"})
            CHECK(issue_certificate(authority(), {name}, now()).error().code == Code::invalid);
        CHECK(issue_certificate(authority(), {}, now()).error().code == Code::invalid);
        CHECK(issue_certificate({"x", "y"}, {"a"}, now()).error().code == Code::invalid);
    }
}
