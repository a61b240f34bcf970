// A new node at the door of a cluster, over real TLS on loopback.
#include "server/join_door.h"

#include <doctest/doctest.h>

#include <atomic>

#include "base/clock.h"
#include "client/connection.h"
#include "client/join.h"
#include "net/loops.h"
#include "tests/support/temporary.h"

namespace {

using namespace cmq;
using namespace std::chrono_literals;

Stamp now() { return SystemClock().wall(); }

const net::Identity& authority() {
    static const auto made = net::make_authority("test CA", now());
    REQUIRE(made);
    return *made;
}

/// A node of a cluster that takes in everybody with a good token, unless a test says otherwise.
struct Member {
    cluster::Household household{std::string(32, 'c'), authority(), {}, std::string(32, 's')};
    std::atomic<int> leaderless{0};  // so often it says that it has no leader
    std::atomic<int> lost{0};        // so often its answer gets lost
    std::atomic<int> asked{0};
    support::TemporaryDirectory directory;
    net::Loops loops{1};
    server::JoinDoor door{[this](cluster::JoinRequest request, server::JoinDoor::Done done) {
        done(on_join(request));
    }};
    server::JoinDoor closed{{}};
    std::unique_ptr<net::HttpServer> server;
    std::string key;  // of who used the token; the loop's

    explicit Member(std::shared_ptr<net::Tls> tls, bool is_open = true) {
        auto opened = net::HttpServer::open(
            loops, {"127.0.0.1", 0, std::move(tls), {}},
            [this, is_open](const net::Request& request, const net::Answer& answer) {
                REQUIRE(server::JoinDoor::is_for(request));
                (is_open ? door : closed).on_request(request, [answer](net::Response response) {
                    answer.send(std::move(response));
                });
            });
        REQUIRE(opened);
        server = *std::move(opened);
    }
    ~Member() { loops.stop(); }

    Result<cluster::JoinAnswer> on_join(const cluster::JoinRequest& request) {
        ++asked;
        if (leaderless-- > 0) return fail(Code::unavailable, "no leader, try again");
        const auto admitted = CMQ_TRY(cluster::admit(household, request, now()));
        if (key.empty()) key = admitted.key;
        if (admitted.key != key) return fail(Code::exists, "another node used the token");
        if (lost-- > 0) return fail(Code::unknown_outcome, "the lead was lost");
        return cluster::welcome(household, request, broker::node_id(2, 1), {}, now());
    }
    std::string token(Stamp expires) const {
        const auto fingerprint = net::fingerprint(household.authority.certificate);
        return auth::make_token(household.secret, {"0123456789abcdef", expires, *fingerprint});
    }
    std::string url(const char* scheme = "https") const {
        return std::string(scheme) + "://127.0.0.1:" + std::to_string(server->port());
    }
};

/// A door's certificate of `by`, for `name`.
std::shared_ptr<net::Tls> tls_of(const net::Identity& by, const std::string& name = "localhost") {
    const support::TemporaryDirectory directory;
    const auto issued = net::issue_certificate(by, {name}, now());
    REQUIRE(issued);
    const auto chain = directory.write("chain.pem", issued->certificate);
    const auto tls = net::Tls::load(chain, directory.write("key.pem", issued->key));
    REQUIRE(tls);
    return *tls;
}

struct Newcomer {
    std::string key = net::make_key();
    cluster::JoinRequest request{"", *net::make_request(key), "b:3", "https://b:0", "", {}};

    Result<std::string> ask(const std::string& addresses, const std::string& token,
                            std::chrono::milliseconds patience = 10s) {
        request.token = token;
        const auto fingerprint = auth::read_token(token);
        return client::join({addresses, fingerprint ? fingerprint->fingerprint : "",
                             std::string(cluster::join_path), cluster::encode(request), 10s,
                             patience});
    }
};

}  // namespace

TEST_SUITE("unit/server") {
    SCENARIO("a node with a token is taken in, whatever name it calls the cluster by") {
        Member member(tls_of(authority(), "some.other.name"));
        Newcomer newcomer;
        const auto body = newcomer.ask(member.url(), member.token(now() + 1h));
        REQUIRE(body);
        const auto answer = cluster::decode_join_answer(*body);
        REQUIRE(answer);
        const auto fingerprint = net::fingerprint(authority().certificate);
        CHECK(cluster::check(*answer, newcomer.key, *fingerprint));
    }

    SCENARIO("a node sends nothing to who is not of the CA in its token") {
        const auto other = net::make_authority("another CA", now());
        REQUIRE(other);
        Newcomer newcomer;
        GIVEN("a server of another CA") {
            Member stranger(tls_of(*other));
            const auto refused = newcomer.ask(stranger.url(), stranger.token(now() + 1h));
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == Code::unreachable);
            CHECK(refused.error().message.find("the CA that the token names") != std::string::npos);
            CHECK(stranger.asked == 0);
        }
        GIVEN("one that shows the right CA behind a certificate of another") {
            const support::TemporaryDirectory directory;
            const auto issued = net::issue_certificate(*other, {"localhost"}, now());
            REQUIRE(issued);
            const auto leaf =
                issued->certificate.substr(0, issued->certificate.find("-----BEGIN", 1));
            const auto chain = directory.write("chain.pem", leaf + authority().certificate);
            const auto tls = net::Tls::load(chain, directory.write("key.pem", issued->key));
            REQUIRE(tls);
            Member liar(*tls);
            const auto refused = newcomer.ask(liar.url(), liar.token(now() + 1h));
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == Code::unreachable);
            CHECK(liar.asked == 0);
        }
        GIVEN("one whose certificate has ended") {
            const support::TemporaryDirectory directory;
            const auto issued =
                net::issue_certificate(authority(), {"localhost"}, now() - std::chrono::days{900});
            REQUIRE(issued);
            const auto chain = directory.write("chain.pem", issued->certificate);
            const auto tls = net::Tls::load(chain, directory.write("key.pem", issued->key));
            REQUIRE(tls);
            Member late(*tls);
            const auto refused = newcomer.ask(late.url(), late.token(now() + 1h));
            REQUIRE_FALSE(refused);
            CHECK(refused.error().message.find("expired") != std::string::npos);
        }
    }

    SCENARIO("a refusal says why, as the cluster said it") {
        Member member(tls_of(authority()));
        Newcomer newcomer;
        const auto late = newcomer.ask(member.url(), member.token(now() - 1s));
        REQUIRE_FALSE(late);
        CHECK(late.error().code == Code::unauthenticated);
        CHECK(late.error().message.find("cmq cluster token") != std::string::npos);
        newcomer.request.csr = "no request";
        const auto wrong = newcomer.ask(member.url(), member.token(now() + 1h));
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == Code::invalid);
    }

    SCENARIO("a node asks again while there is no leader, and the next node when one is gone") {
        Member member(tls_of(authority()));
        member.leaderless = 2;
        Newcomer newcomer;
        const auto addresses = "https://127.0.0.1:1," + member.url();
        CHECK(newcomer.ask(addresses, member.token(now() + 1h)));
        CHECK(member.asked == 3);
    }

    SCENARIO("a node whose answer was lost asks the same again, and is the same node") {
        Member member(tls_of(authority()));
        Newcomer newcomer;
        const auto addresses = "https://127.0.0.1:1," + member.url();
        WHEN("somebody has an answer in the end") {
            member.lost = 2;
            CHECK(newcomer.ask(addresses, member.token(now() + 1h)));
            CHECK(member.asked == 3);
        }
        WHEN("nobody has") {
            member.lost = 1'000'000;
            const auto unknown = newcomer.ask(addresses, member.token(now() + 1h), 300ms);
            REQUIRE_FALSE(unknown);
            CHECK(unknown.error().code == Code::unknown_outcome);
            CHECK(unknown.error().message.find("cmq cluster remove") != std::string::npos);
        }
        WHEN("it is refused then") {
            member.lost = 1;
            member.key = "of another node";
            const auto refused = newcomer.ask(addresses, member.token(now() + 1h));
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == Code::exists);
        }
    }

    SCENARIO("nobody comes in without TLS") {
        Member plain({});
        Newcomer newcomer;
        const auto refused = newcomer.ask(plain.url("http"), plain.token(now() + 1h));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::invalid);
        auto endpoint = client::parse_endpoint(plain.url("http"));
        REQUIRE(endpoint);
        auto connection = client::Connection::open(*endpoint, {});
        REQUIRE(connection);
        const auto answer = connection->post_json("/cluster/join", "{}", 10s);
        REQUIRE(answer);
        CHECK(answer->status == 403);
        CHECK(plain.asked == 0);
    }

    SCENARIO("a broker that is no cluster says so, and what is no request is refused") {
        Member alone(tls_of(authority()), false);
        Newcomer newcomer;
        const auto refused = newcomer.ask(alone.url(), alone.token(now() + 1h));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::invalid);
        CHECK(refused.error().message == "this broker is no cluster, and takes no nodes in");
        Member member(tls_of(authority()));
        newcomer.request.peer_address.clear();
        const auto wrong = newcomer.ask(member.url(), member.token(now() + 1h));
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().message.find("peer_address") != std::string::npos);
    }
}
