// The framing corpus against a real server: what is ambiguous is refused, and nothing behind it is
// ever taken for a request.

#include <doctest/doctest.h>

#include "net/http_server.h"
#include "tests/api/framing_cases.h"
#include "tests/unit/net/raw_client.h"

namespace {

using namespace cmq;

struct EchoServer {
    EchoServer() {
        net::HttpServer::Options options;
        options.limits = framing::limits();
        auto opened =
            net::HttpServer::open(loops, options, [](net::Request request, net::Answer answer) {
                answer.send({200, "application/json", framing::echo(request), false});
            });
        REQUIRE(opened);
        server = *std::move(opened);
    }
    net::Loops loops{1};
    std::unique_ptr<net::HttpServer> server;
};

/// All that comes back for `bytes`: the client ends its side at once, so no case can hang.
std::vector<net::RawAnswer> ask(const EchoServer& here, const std::string& bytes) {
    net::RawClient client(here.server->port());
    client.write(bytes);
    client.end_writing();
    auto in = client.read_all();
    std::vector<net::RawAnswer> answers;
    for (auto answer = net::take_answer(in); answer.status != 0; answer = net::take_answer(in))
        answers.push_back(std::move(answer));
    CHECK(in.empty());
    return answers;
}

bool says_close(const net::RawAnswer& answer) {
    return answer.head.find("\r\nConnection: close\r\n") != std::string::npos;
}

void check_refusal(const net::RawAnswer& answer) {
    CHECK(says_close(answer));
    CHECK(answer.head.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
    CHECK(answer.body.starts_with("{\"error\":\""));
    CHECK(answer.body.ends_with("\"}"));
}

void check_case(const EchoServer& here, const framing::Case& one) {
    CAPTURE(one.name);
    const auto follower = one.status == 0 ? std::string() : net::get("/follower");
    const auto answers = ask(here, one.bytes + follower);
    if (one.status == 0) {
        CHECK(answers.empty());
        return;
    }
    REQUIRE(answers.size() == (one.fate == framing::Fate::keep ? 2 : 1));
    CHECK(answers.front().status == one.status);
    CHECK(says_close(answers.front()) == (one.fate == framing::Fate::close));
    if (one.status != 200) return check_refusal(answers.front());
    if (!one.echo.empty()) CHECK(answers.front().body == one.echo);
    if (one.fate == framing::Fate::keep) CHECK(answers.back().body == "GET /follower|");
}

}  // namespace

TEST_SUITE("api") {
    SCENARIO("each request of the framing corpus gets what it deserves") {
        const EchoServer here;
        const auto all = framing::cases();
        CHECK(all.size() >= 120);
        for (const auto& one : all) check_case(here, one);
    }
}
