#include "net/http_parser.h"

#include <doctest/doctest.h>

namespace {

using namespace cmq;
using namespace cmq::net;

struct Outcome {
    std::vector<Request> requests;
    std::optional<HttpFault> fault;
    bool waits = false;  // in the middle of a request
};

/// Feeds `bytes` in pieces of `piece`, as a connection does.
Outcome parse(std::string_view bytes, std::size_t piece, const Limits& limits) {
    Outcome outcome;
    HttpParser parser(limits);
    std::string in;
    while (!bytes.empty()) {
        in.append(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        std::string_view rest = in;
        while (!rest.empty()) {
            const auto need = parser.feed(rest);
            if (!need) {
                outcome.fault = need.error();
                return outcome;
            }
            if (*need == HttpParser::Need::more) break;
            outcome.requests.push_back(parser.take());
        }
        in.erase(0, in.size() - rest.size());
    }
    outcome.waits = parser.begun();
    return outcome;
}

Outcome parse(std::string_view bytes) { return parse(bytes, bytes.size(), Limits{}); }

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("a request is taken apart") {
        const auto outcome = parse(
            "POST /v2/index.php?a=b HTTP/1.1\r\nHost: broker:80\r\nX-TC-Action:  Send \r\n"
            "Content-Length: 3\r\n\r\nc=d");
        REQUIRE(outcome.requests.size() == 1);
        const auto& request = outcome.requests.front();
        CHECK(request.method == "POST");
        CHECK(request.path == "/v2/index.php");
        CHECK(request.query == "a=b");
        CHECK(request.body == "c=d");
        CHECK(request.header("host") == "broker:80");
        CHECK(request.header("x-tc-action") == "Send");
        CHECK(request.header("absent") == "");
        CHECK(request.headers.front().first == "Host");
    }

    SCENARIO("what a fault says names the limit") {
        Limits limits;
        limits.body_bytes = 10;
        const auto outcome =
            parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 1'000, limits);
        REQUIRE(outcome.fault);
        CHECK(outcome.fault->status == 413);
        CHECK(outcome.fault->what == "the body is longer than 10 bytes");
    }

    SCENARIO("requests that follow each other do not mix") {
        const std::string bytes =
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\n"
            "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n0\r\n\r\n"
            "GET /3 HTTP/1.0\r\n\r\n";
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
            const auto outcome = parse(bytes, piece, Limits{});
            REQUIRE(outcome.requests.size() == 3);
            CHECK(outcome.requests[0].body == "x");
            CHECK(outcome.requests[1].body == "y");
            CHECK(outcome.requests[2].path == "/3");
            CHECK_FALSE(outcome.waits);
        }
    }

    SCENARIO("it does not matter where the bytes of a request are cut") {
        const std::vector<std::string> all{
            "GET /?a b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nX: y\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        };
        for (const auto& bytes : all) {
            CAPTURE(bytes);
            const auto whole = parse(bytes);
            for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
                const auto cut = parse(bytes, piece, Limits{});
                REQUIRE(cut.requests.size() == whole.requests.size());
                CHECK(cut.fault.has_value() == whole.fault.has_value());
                if (whole.fault) CHECK(cut.fault->status == whole.fault->status);
                for (std::size_t at = 0; at < whole.requests.size(); ++at)
                    CHECK(cut.requests[at].body == whole.requests[at].body);
            }
        }
    }

    SCENARIO("what can never become a request is refused at once, not when time is up") {
        const std::string chunked =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (const auto& bytes : {std::string("\x16\x03"), std::string("GET / HTTP/1.1\n"),
                                  std::string("GET / HTTP/1.1\r\nHost: a\n"), chunked + "3\n",
                                  chunked + "3\r\na=bx", chunked + "0\r\nX: y\n"}) {
            CAPTURE(bytes);
            const auto outcome = parse(bytes);
            REQUIRE(outcome.fault);
            CHECK(outcome.fault->status == 400);
        }
    }

    SCENARIO("a head of just the allowed size may be cut anywhere in its end") {
        Limits limits;
        limits.request_line_bytes = 20;
        limits.header_bytes = 9;
        const std::string bytes = "GET /123456 HTTP/1.1\r\nHost: a\r\n\r\n";
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
            CHECK(parse(bytes, piece, limits).requests.size() == 1);
        limits.request_line_bytes = 19;
        CHECK(parse(bytes, 1'000, limits).fault->status == 414);
        CHECK(parse("GET /123456 HTTP/1.1\r\n", 1, limits).fault->status == 414);
        CHECK(parse("GET /123456 HTTP/1.1\r\n", 1'000, limits).fault->status == 414);
        limits.request_line_bytes = 20;
        limits.header_bytes = 8;
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
            CHECK(parse(bytes, piece, limits).fault->status == 431);
    }

    SCENARIO("an empty line behind a request does not begin another") {
        const auto outcome = parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n");
        CHECK(outcome.requests.size() == 1);
        CHECK_FALSE(outcome.waits);
    }

    SCENARIO("a client that waits to be asked for its body is seen once") {
        const Limits limits;
        HttpParser parser(limits);
        std::string_view in =
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n";
        CHECK_FALSE(parser.wants_continue());
        CHECK(parser.feed(in) == HttpParser::Need::more);
        CHECK(parser.wants_continue());
        CHECK_FALSE(parser.wants_continue());
        in = "x";
        CHECK(parser.feed(in) == HttpParser::Need::nothing);
        parser.take();
        CHECK(parser.keep_alive());
        CHECK_FALSE(parser.wants_continue());
    }
}
