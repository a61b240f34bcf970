// The joining exchange without sockets: what is asked, what is answered, and what is believed.
#include "cluster/join.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "broker/limits.h"

namespace cmq::cluster {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

Stamp now() { return SystemClock().wall(); }

const net::Identity& authority() {
    static const auto made = net::make_authority("test CA", now());
    REQUIRE(made);
    return *made;
}

Household household() {
    return {std::string(32, 'c'),
            authority(),
            {{"AKIDa", "secret a", broker::Namespace{1}, true, true, ""},
             {"AKIDb", "secret b", broker::Namespace{7}, false, false, "token"}},
            std::string(32, 's')};
}

std::string token(Stamp expires, const std::string& secret = std::string(32, 's')) {
    return auth::make_token(
        secret, {"0123456789abcdef", expires, *net::fingerprint(authority().certificate)});
}

/// A new node: its key, and what it asks.
struct Newcomer {
    std::string key = net::make_key();
    JoinRequest request{token(now() + 1h),
                        *net::make_request(key),
                        "10.0.0.2:7803",
                        "https://10.0.0.2:7800",
                        "west",
                        {},
                        {3}};
    std::string fingerprint = *net::fingerprint(authority().certificate);
};

std::vector<broker::NodeEntry> two_nodes() {
    return {{broker::node_id(1, 1), "10.0.0.1:7803", "https://10.0.0.1:7800", "east"},
            {broker::node_id(2, 1), "10.0.0.2:7803", "https://10.0.0.2:7800", ""}};
}

JoinAnswer answer_to(const JoinRequest& request) {
    auto answer = welcome(household(), request, broker::node_id(2, 1), two_nodes(), now());
    REQUIRE(answer);
    return *std::move(answer);
}

/// What `text` reads as with one member set to `value`, or without it.
template <class Decode>
auto changed(const std::string& text, Decode decode, const char* member, const Json& value) {
    auto json = Json::parse(text);
    json[member] = value;
    return decode(json.dump());
}
template <class Decode>
auto without(const std::string& text, Decode decode, const char* member) {
    auto json = Json::parse(text);
    json.erase(member);
    return decode(json.dump());
}

}  // namespace

TEST_SUITE("unit/cluster") {
    SCENARIO("a new node with a good token gets what it can start from") {
        const Newcomer newcomer;
        const auto asked = decode_join_request(encode(newcomer.request));
        REQUIRE(asked);
        CHECK(asked->token == newcomer.request.token);
        CHECK(asked->csr == newcomer.request.csr);
        CHECK(asked->peer_address == "10.0.0.2:7803");
        CHECK(asked->endpoint == "https://10.0.0.2:7800");
        CHECK(asked->zone == "west");
        CHECK(asked->replaces == broker::NodeId{});
        CHECK(asked->knows == broker::FormatVersion{3});
        const auto admitted = admit(household(), *asked, now());
        REQUIRE(admitted);
        CHECK(admitted->token.id == "0123456789abcdef");
        CHECK(admitted->key == net::key_digest(*net::make_request(newcomer.key)));
        CHECK(admitted->key.size() == broker::node_key_bytes);
        CHECK(admitted->key != net::key_digest(*net::make_request(net::make_key())));
        const auto answer = decode_join_answer(encode(answer_to(*asked)));
        REQUIRE(answer);
        CHECK(answer->node == broker::node_id(2, 1));
        CHECK(answer->cluster == household().cluster);
        CHECK(answer->authority.key == authority().key);
        CHECK(answer->nodes == two_nodes());
        CHECK(answer->secret == household().secret);
        REQUIRE(answer->keys.size() == 2);
        CHECK(answer->keys[1].id == "AKIDb");
        CHECK(answer->keys[1].secret_key == "secret b");
        CHECK(answer->keys[1].space == broker::Namespace{7});
        CHECK_FALSE(answer->keys[1].enabled);
        CHECK_FALSE(answer->keys[1].allow_sha1);
        CHECK(answer->keys[1].token == "token");
        CHECK(check(*answer, newcomer.key, newcomer.fingerprint));
    }

    SCENARIO("who has no good token stays outside") {
        Newcomer newcomer;
        const auto refused = [&newcomer] {
            const auto admitted = admit(household(), newcomer.request, now());
            return admitted ? Code{} : admitted.error().code;
        };
        newcomer.request.token = token(now() - 1ms);
        CHECK(refused() == Code::unauthenticated);
        newcomer.request.token = token(now() + 1h, std::string(32, 't'));
        CHECK(refused() == Code::unauthenticated);
        newcomer.request.token = "cmq-join-";
        CHECK(refused() == Code::invalid);
        newcomer.request.token = auth::make_token(
            household().secret, {"0123456789abcdef", now() + 1h, std::string(64, 'a')});
        CHECK(refused() == Code::unauthenticated);
    }

    SCENARIO("who was refused knows whether asking again helps") {
        using broker::Reason;
        CHECK(refusal(Reason::token_used).code == Code::exists);
        CHECK(refusal(Reason::token_used).message.find("cluster remove") != std::string::npos);
        CHECK(refusal(Reason::too_many_nodes).code == Code::throttled);
        CHECK(refusal(Reason::no_leader).code == Code::unavailable);
        for (const auto lost : {Reason::unknown_outcome, Reason::change_under_way,
                                Reason::copies_missing, Reason::stopping})
            CHECK(refusal(lost).code == Code::unknown_outcome);
    }

    SCENARIO("a certificate request that cannot be signed does not cost the token") {
        Newcomer newcomer;
        newcomer.request.csr = authority().certificate;
        const auto admitted = admit(household(), newcomer.request, now());
        REQUIRE_FALSE(admitted);
        CHECK(admitted.error().code == Code::invalid);
    }

    SCENARIO("a new node believes only the CA that its token names") {
        const Newcomer newcomer;
        const auto answer = answer_to(newcomer.request);
        const auto other = check(answer, newcomer.key, std::string(64, 'a'));
        REQUIRE_FALSE(other);
        CHECK(other.error().code == Code::unauthenticated);
        CHECK_FALSE(check(answer, net::make_key(), newcomer.fingerprint));
        auto odd = answer;
        odd.node = broker::node_id(3, 1);
        CHECK_FALSE(check(odd, newcomer.key, newcomer.fingerprint));
        odd = answer;
        odd.cluster = std::string(32, 'd');
        CHECK_FALSE(check(odd, newcomer.key, newcomer.fingerprint));
        odd = answer;
        odd.authority.key = net::make_key();
        CHECK_FALSE(check(odd, newcomer.key, newcomer.fingerprint));
        odd = answer;
        odd.certificate = "no certificate";
        CHECK_FALSE(check(odd, newcomer.key, newcomer.fingerprint));
    }

    SCENARIO("a request with a member missing, of another kind, or too long is refused by name") {
        const auto text = encode(Newcomer().request);
        for (const auto* member :
             {"token", "csr", "peer_address", "endpoint", "zone", "replaces", "knows"}) {
            CAPTURE(member);
            const auto missing = without(text, decode_join_request, member);
            REQUIRE_FALSE(missing);
            CHECK(missing.error().code == Code::invalid);
            CHECK(missing.error().message.find(member) != std::string::npos);
            for (const Json& wrong : {Json(7), Json(nullptr), Json::array(), Json::object(),
                                      Json(true), Json(std::string(9'000, 'x'))})
                CHECK_FALSE(changed(text, decode_join_request, member, wrong));
        }
        for (const auto* wrong : {"-1", "", "1x", "9223372036854775808"})
            CHECK_FALSE(changed(text, decode_join_request, "replaces", wrong));
        CHECK_FALSE(changed(text, decode_join_request, "knows", "0"));
        CHECK(changed(text, decode_join_request, "replaces", "131073"));
        CHECK(changed(text, decode_join_request, "zone", ""));
        CHECK(changed(text, decode_join_request, "of a later release", 7));
        for (const auto* odd : {"", "[]", "null", "7", "{", "{}", "\xff"})
            CHECK_FALSE(decode_join_request(odd));
        CHECK_FALSE(decode_join_request(text + std::string(join_request_bytes_max, ' ')));
        CHECK_FALSE(decode_join_request(std::string(join_request_bytes_max, '[')));
    }

    SCENARIO("an answer with a member missing or of another kind is refused") {
        const auto text = encode(answer_to(Newcomer().request));
        for (const auto* member :
             {"node", "cluster", "certificate", "ca", "ca_key", "keys", "nodes", "secret"}) {
            CAPTURE(member);
            CHECK_FALSE(without(text, decode_join_answer, member));
            for (const Json& wrong : {Json(7), Json(nullptr), Json({1}), Json::object(), Json("")})
                CHECK_FALSE(changed(text, decode_join_answer, member, wrong));
        }
        CHECK_FALSE(changed(text, decode_join_answer, "cluster", std::string(32, 'z')));
        CHECK_FALSE(changed(text, decode_join_answer, "node", "65536"));
        CHECK_FALSE(changed(text, decode_join_answer, "secret", "c2hvcnQ="));
        auto many = Json::parse(text)["nodes"];
        while (many.size() <= broker::nodes_max) many.push_back(many[0]);
        CHECK_FALSE(changed(text, decode_join_answer, "nodes", many));
        auto nameless = Json::parse(text)["keys"];
        nameless[1].erase("id");
        const auto wrong = changed(text, decode_join_answer, "keys", nameless);
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == Code::internal);
        CHECK(wrong.error().message.find("keys") != std::string::npos);
        CHECK(changed(text, decode_join_answer, "keys", Json::array()));
    }
}

}  // namespace cmq::cluster
