// Who knocks at the door for new nodes without a token costs the cluster little.

#include <doctest/doctest.h>

#include "auth/join_token.h"
#include "base/clock.h"
#include "client/connection.h"
#include "cluster/join.h"
#include "tests/chaos/nodes.h"

using namespace cmq::support;
using cmq::chaos::Nodes;
using namespace std::chrono_literals;

namespace {

cmq::client::Connection connection_to(const std::string& url, const std::filesystem::path& ca) {
    auto endpoint = cmq::client::parse_endpoint(url);
    REQUIRE(endpoint);
    auto connection = cmq::client::Connection::open(*std::move(endpoint), {.ca_file = ca});
    REQUIRE(connection);
    return *std::move(connection);
}

/// What the door answers to `body`.
int knock(cmq::client::Connection& at, const std::string& body) {
    const auto answer = at.post_json(std::string(cmq::cluster::join_path), body, 60s);
    REQUIRE_MESSAGE(answer, answer.error().message);
    return answer->status;
}

std::string request_with(const std::string& token) {
    return cmq::cluster::encode(cmq::cluster::JoinRequest{
        token, *cmq::net::make_request(cmq::net::make_key()), "b:3", "https://b:0", "", {}});
}

std::size_t count(const std::string& text, const std::string& word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_SUITE("cluster") {
    SCENARIO("whoever has no token is refused at the door, and the leader is not asked") {
        Nodes nodes(std::vector<cmq::chaos::Place>(2));
        const auto leader = nodes.await_leader(), follower = nodes.other(leader);
        const auto options = nodes.broker({follower});
        auto secure = connection_to(options.endpoints, options.ca_file);
        const auto plain = nodes.plain_broker().endpoints;
        const auto comma = plain.find(',');
        auto open =
            connection_to(follower == 0 ? plain.substr(0, comma) : plain.substr(comma + 1), {});
        // Nobody else could answer now.
        nodes.pause(leader);
        const auto forged = cmq::auth::make_token(
            std::string(32, 'x'),
            {"0123456789abcdef", cmq::SystemClock().wall() + 1h, std::string(64, 'a')});
        CHECK(knock(open, request_with(forged)) == 403);
        CHECK(knock(secure, "{}") == 400);
        CHECK(knock(secure, request_with("no token")) == 400);
        CHECK(knock(secure, request_with(forged)) == 401);
        CHECK(knock(secure, std::string(1 << 20, ' ') + request_with(forged)) == 400);
        nodes.resume(leader);
        nodes.await_in_sync();
    }

    SCENARIO("many who knock are not worth a line each") {
        Nodes nodes(std::vector<cmq::chaos::Place>(1));
        const auto options = nodes.broker({0});
        auto door = connection_to(options.endpoints, options.ca_file);
        const cmq::SystemClock clock;
        const auto begin = clock.steady();
        for (int times = 0; times < 300; ++times) CHECK(knock(door, "{}") == 400);
        const auto took = std::chrono::duration_cast<std::chrono::seconds>(clock.steady() - begin);
        const auto lines = count(read_file(nodes.directory() / "node0.log"), "join_refused");
        CHECK(lines >= 1);
        CHECK(lines <= static_cast<std::size_t>(took.count()) + 2);
    }
}
