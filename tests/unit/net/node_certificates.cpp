// Names of nodes, certificates that carry them, and requests for those.

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/clock.h"
#include "net/peer_tls.h"
#include "net/tls.h"

namespace {

using namespace cmq;
using namespace cmq::net;

const std::string cluster = "0123456789abcdef0123456789abcdef";

Stamp now() { return SystemClock().wall(); }

const Identity& authority() {
    static const auto made = make_authority("test CA", now());
    REQUIRE(made);
    return *made;
}

std::shared_ptr<X509> parsed(const std::string& pem) {
    const std::shared_ptr<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                    BIO_free_all);
    return {PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free};
}

Result<std::shared_ptr<PeerTls>> use(const std::string& trusted, const std::string& chain,
                                     const std::string& key) {
    return PeerTls::make({trusted, chain, key});
}

/// A request of an RSA key: a good one, but not of the kind that we sign.
std::string rsa_request() {
    const std::shared_ptr<EVP_PKEY> key(EVP_RSA_gen(2048), EVP_PKEY_free);
    const std::shared_ptr<X509_REQ> request(X509_REQ_new(), X509_REQ_free);
    X509_REQ_set_pubkey(request.get(), key.get());
    REQUIRE(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
    const std::shared_ptr<BIO> text(BIO_new(BIO_s_mem()), BIO_free_all);
    REQUIRE(PEM_write_bio_X509_REQ(text.get(), request.get()) == 1);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("the name of a node is one URI and no other") {
        const PeerName name{cluster, 65'537};
        CHECK(name.uri() == "cmq://" + cluster + "/node/65537");
        CHECK(*PeerName::parse(name.uri()) == name);
        const PeerName last{cluster, ~std::uint64_t{0}};
        CHECK(*PeerName::parse(last.uri()) == last);
        for (const auto& wrong :
             {std::string(), "cmq://" + cluster, "cmq://" + cluster + "/node/",
              "cmq://" + cluster + "/node/0", "cmq://" + cluster + "/node/01",
              "cmq://" + cluster + "/node/-1", "cmq://" + cluster + "/node/1/",
              "cmq://" + cluster + "/node/18446744073709551616", "cmq://" + cluster + "/NODE/1",
              "CMQ://" + cluster + "/node/1", "cmq://0" + cluster + "/node/1",
              "cmq://" + std::string(32, 'A') + "/node/1",
              "cmq://" + std::string(32, '/') + "/node/1"})
            CHECK_MESSAGE(!PeerName::parse(wrong), wrong);
    }

    SCENARIO("a node's certificate names it, and serves for both ends") {
        const PeerName name{cluster, 7};
        const auto issued = issue_node_certificate(authority(), name, now());
        REQUIRE(issued);
        const auto tls = use(authority().certificate, issued->certificate, issued->key);
        REQUIRE(tls);
        CHECK((*tls)->name() == name);
        CHECK((*tls)->expires() - now() > std::chrono::days{824});
        const auto certificate = parsed(issued->certificate);
        CHECK(X509_check_ca(certificate.get()) == 0);
        CHECK(X509_get_extended_key_usage(certificate.get()) == (XKU_SSL_SERVER | XKU_SSL_CLIENT));
        CHECK(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr) == 0);
    }

    SCENARIO("a node gets its certificate without giving its key away") {
        const PeerName name{cluster, 7};
        const auto key = make_key();
        const auto request = make_request(key);
        REQUIRE(request);
        CHECK(request->find("PRIVATE") == std::string::npos);
        const auto chain = sign_request(authority(), *request, name, now());
        REQUIRE(chain);
        CHECK(chain->find("PRIVATE") == std::string::npos);
        const auto tls = use(authority().certificate, *chain, key);
        REQUIRE(tls);
        CHECK((*tls)->name() == name);
        CHECK(use(authority().certificate, *chain, make_key()).error().code == Code::invalid);
    }

    SCENARIO("what is not a sound request is not signed") {
        const PeerName name{cluster, 7};
        const auto good = make_request(make_key());
        REQUIRE(good);
        auto damaged = *good;
        const auto middle = damaged.size() * 3 / 4;  // of the signature, about
        damaged[middle] = damaged[middle] == 'A' ? 'B' : 'A';
        for (const auto& wrong : {std::string(), std::string("nonsense"), damaged,
                                  authority().certificate, rsa_request()})
            CHECK_MESSAGE(
                sign_request(authority(), wrong, name, now()).error().code == Code::invalid, wrong);
        CHECK(make_request("nonsense").error().code == Code::invalid);
    }

    SCENARIO("nobody is given a name that is none, nor by a CA that is none") {
        const auto request = make_request(make_key());
        REQUIRE(request);
        for (const auto& name :
             {PeerName{cluster, 0}, PeerName{"", 1}, PeerName{cluster + ",DNS:a", 1},
              PeerName{std::string(32, 'x'), 1}}) {
            CHECK(issue_node_certificate(authority(), name, now()).error().code == Code::invalid);
            CHECK(sign_request(authority(), *request, name, now()).error().code == Code::invalid);
        }
        const PeerName name{cluster, 7};
        const Identity mixed{authority().certificate, make_key()};
        CHECK(issue_node_certificate(mixed, name, now()).error().code == Code::invalid);
        CHECK(sign_request(mixed, *request, name, now()).error().code == Code::invalid);
    }

    SCENARIO("a node does not start with credentials that its peers would refuse") {
        const PeerName name{cluster, 7};
        const auto issued = issue_node_certificate(authority(), name, now());
        REQUIRE(issued);
        const auto other = make_authority("another CA", now());
        REQUIRE(other);
        const auto door = issue_certificate(authority(), {"localhost"}, now());
        REQUIRE(door);
        const auto& ca = authority().certificate;
        CHECK(use(other->certificate, issued->certificate, issued->key).error().code ==
              Code::invalid);
        CHECK(use(ca, door->certificate, door->key).error().message ==
              "a certificate that names no node");
        CHECK(use(ca, issued->certificate, make_key()).error().code == Code::invalid);
        CHECK(use("", issued->certificate, issued->key).error().code == Code::invalid);
        CHECK(use(ca, issued->certificate, "").error().code == Code::invalid);
        CHECK(use(ca, "", issued->key).error().code == Code::invalid);
        CHECK(use(ca + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                  issued->certificate, issued->key)
                  .error()
                  .code == Code::invalid);
        CHECK(use(other->certificate + ca, issued->certificate, issued->key));
    }

    SCENARIO("bad new credentials leave the old ones in use") {
        const auto first = issue_node_certificate(authority(), {cluster, 7}, now());
        const auto second = issue_node_certificate(authority(), {cluster, 8}, now());
        REQUIRE(first);
        REQUIRE(second);
        const auto& ca = authority().certificate;
        const auto tls = use(ca, first->certificate, first->key);
        REQUIRE(tls);
        CHECK_FALSE((*tls)->replace({ca, second->certificate, first->key}));
        CHECK((*tls)->name().node == 7);
        CHECK((*tls)->replace({ca, second->certificate, second->key}));
        CHECK((*tls)->name().node == 8);
    }

    SCENARIO("a fingerprint is of the certificate and not of its text") {
        const auto one = fingerprint(authority().certificate);
        REQUIRE(one);
        CHECK(one->size() == 64);
        CHECK(fingerprint("a title\n" + authority().certificate).value() == *one);
        CHECK(fingerprint(make_authority("test CA", now())->certificate).value() != *one);
        CHECK(fingerprint("nonsense").error().code == Code::invalid);
    }
}
