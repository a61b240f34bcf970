#include "client/endpoint.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::client;

TEST_SUITE("unit/client") {
    TEST_CASE("an endpoint is a scheme, a host and perhaps a port") {
        const auto endpoint = parse_endpoint("https://broker.example:8443");
        REQUIRE(endpoint);
        CHECK(endpoint->secure);
        CHECK(endpoint->host == "broker.example");
        CHECK(endpoint->port == 8443);
        CHECK(endpoint->path == "/v2/index.php");
        CHECK(endpoint->authority() == "broker.example:8443");
    }

    TEST_CASE("the usual port is neither needed nor sent") {
        CHECK(parse_endpoint("https://broker")->port == 443);
        CHECK(parse_endpoint("http://broker/")->port == 80);
        CHECK(parse_endpoint("https://broker:443")->authority() == "broker");
        CHECK(parse_endpoint("http://broker:443")->authority() == "broker:443");
    }

    TEST_CASE("an IPv6 address stands in brackets, a broker may be behind a path") {
        const auto endpoint = parse_endpoint("http://[::1]:8080/cmq/v2");
        REQUIRE(endpoint);
        CHECK(endpoint->host == "::1");
        CHECK(endpoint->authority() == "[::1]:8080");
        CHECK(endpoint->url() == "http://[::1]:8080");
        CHECK(endpoint->path == "/cmq/v2");
    }

    TEST_CASE("what is not an endpoint is refused by name") {
        for (const auto* wrong :
             {"", "broker:80", "ftp://broker", "https://", "https://:80", "https://a:0",
              "https://a:65536", "https://a:+1", "https://a:", "https://user@host", "https://a b",
              "https://a/x?y=z", "https://a/b\r\nX: y", "https://[::1"}) {
            CAPTURE(wrong);
            const auto endpoint = parse_endpoint(wrong);
            REQUIRE_FALSE(endpoint);
            CHECK(endpoint.error().code == Code::invalid);
            CHECK(endpoint.error().message.find("endpoint") == 0);
        }
    }

    TEST_CASE("several endpoints are separated by commas") {
        const auto endpoints = parse_endpoints("https://a:1, http://b:2");
        REQUIRE(endpoints);
        REQUIRE(endpoints->size() == 2);
        CHECK((*endpoints)[1].host == "b");
        CHECK_FALSE(parse_endpoints("https://a:1,"));
    }
}
