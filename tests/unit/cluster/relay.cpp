#include "cluster/relay.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::cluster;

namespace {

net::Request request() {
    net::Request request;
    request.secure = true;
    request.remote = "192.0.2.1";
    request.method = "POST";
    request.path = "/v2/index.php";
    request.query = "a=b";
    request.headers = {{"Host", "cmq.example.org"}, {"Empty", ""}};
    request.body = "Action=SendMessage&msgBody=%00";
    return request;
}

}  // namespace

TEST_SUITE("unit/cluster") {
    SCENARIO("a request goes as it came, so that its signature still fits") {
        const auto read = decode_request(encode(request()));
        REQUIRE(read);
        CHECK(read->secure);
        CHECK(read->remote == "192.0.2.1");
        CHECK(read->method == "POST");
        CHECK(read->path == "/v2/index.php");
        CHECK(read->query == "a=b");
        CHECK(read->headers == request().headers);
        CHECK(read->body == request().body);
        CHECK_FALSE(given_back(encode(request())));
    }

    SCENARIO("an answer brings the messages that it gives, in case nobody gets it") {
        const shard::GiveBack given{broker::Namespace{7}, "orders", {3, 1ull << 62}};
        const net::Response response{200, "application/json", "{}", true};
        const auto read = decode_relayed(encode(Relayed{false, response, encode(given)}));
        REQUIRE(read);
        CHECK_FALSE(read->leads_not);
        CHECK(read->response.status == 200);
        CHECK(read->response.content_type == "application/json");
        CHECK(read->response.body == "{}");
        CHECK(read->response.close);
        const auto call = give_back_call(read->given);
        const auto back = given_back(call);
        REQUIRE(back);
        const auto decoded = decode_given(*back);
        REQUIRE(decoded);
        CHECK(decoded->space == broker::Namespace{7});
        CHECK(decoded->queue == "orders");
        CHECK(decoded->handles == given.handles);
    }

    SCENARIO("what is cut short or goes on too long is refused") {
        const auto asked = encode(request());
        for (std::size_t length = 0; length < asked.size(); ++length)
            CHECK_FALSE(decode_request(asked.substr(0, length)));
        const auto told = encode(Relayed{true, {}, "given"});
        for (std::size_t length = 0; length < told.size(); ++length)
            CHECK_FALSE(decode_relayed(told.substr(0, length)));
        CHECK_FALSE(decode_relayed(told + '.'));
        CHECK_FALSE(decode_given(encode(shard::GiveBack{{}, "q", {1}}) + '.'));
    }
}
