#include "net/http_client.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <optional>

#include "base/clock.h"
#include "base/text.h"
#include "net/http_server.h"
#include "tests/support/raw_server.h"

namespace {

using namespace cmq;
using namespace cmq::net;
using namespace std::chrono_literals;
using support::plain_answer;
using support::RawServer;

using Outcome = Result<HttpClient::Response>;

struct Fixture {
    Loops loops{1};
    RawServer server;

    HttpClient client(HttpClient::Options options = {}) {
        auto endpoint = Endpoint::parse(server.url());
        REQUIRE(endpoint);
        auto client = HttpClient::open(loops, *endpoint, std::move(options));
        REQUIRE(client);
        return std::move(*client);
    }
};

std::future<Outcome> send(HttpClient& client, std::string target,
                          std::chrono::milliseconds timeout = 60s) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    HttpClient::Request request;
    request.target = std::move(target);
    request.timeout = timeout;
    client.send(std::move(request), [promise](Outcome answer) { promise->set_value(answer); });
    return future;
}

std::string body_of(std::future<Outcome>& future) {
    const auto answer = future.get();
    return answer ? answer->body : std::string(name_of(answer.error().code));
}

/// A certificate for `name`, of a CA whose certificate is in `ca_file`; files of one test.
struct Certificates {
    explicit Certificates(const std::string& name) {
        std::filesystem::create_directories(folder);
        const auto now = SystemClock().wall();
        const auto authority = make_authority("test", now);
        REQUIRE(authority);
        const auto issued = issue_certificate(*authority, {name}, now);
        REQUIRE(issued);
        std::ofstream(ca_file) << authority->certificate;
        std::ofstream(chain) << issued->certificate;
        std::ofstream(key) << issued->key;
    }
    ~Certificates() { std::filesystem::remove_all(folder); }

    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("cmq-" + hex_encode(random_bytes(8)));
    const std::filesystem::path ca_file = folder / "ca.pem", chain = folder / "chain.pem",
                                key = folder / "key.pem";
};

std::string target_of(const std::string& request) {
    return request.substr(4, request.find(' ', 4) - 4);
}

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("an endpoint is a scheme, a host and a port") {
        const auto url = [](std::string_view text) {
            const auto endpoint = Endpoint::parse(text);
            return endpoint ? endpoint->url() : endpoint.error().message;
        };
        CHECK(url("http://127.0.0.1:8080") == "http://127.0.0.1:8080");
        CHECK(url("http://broker/") == "http://broker:80");
        CHECK(url("https://broker") == "https://broker:443");
        CHECK(url("https://[::1]:9443/") == "https://[::1]:9443");
        CHECK(Endpoint::parse("https://[::1]:9443")->host == "::1");
        for (const auto* wrong :
             {"broker:80", "ftp://broker", "http://", "http://:80", "http://a:0", "http://a:65536",
              "http://a:b", "http://a/path", "http://user@a", "http://[::1:80", "http://a b"})
            CHECK_MESSAGE(!Endpoint::parse(wrong), wrong);
    }

    SCENARIO("an answer is read when it is complete") {
        const auto whole = plain_answer("{}");
        for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
            const auto parsed = parse_answer(std::string_view(whole).substr(0, bytes), 100);
            REQUIRE(parsed);
            CHECK_FALSE(*parsed);
        }
        const auto parsed = parse_answer(whole + "HTTP/1.1 200", 100);
        REQUIRE(parsed);
        REQUIRE(*parsed);
        CHECK((*parsed)->bytes == whole.size());
        CHECK((*parsed)->response.status == 200);
        CHECK((*parsed)->response.content_type == "application/json");
        CHECK((*parsed)->response.body == "{}");
        CHECK_FALSE((*parsed)->close);
    }

    SCENARIO("answers of 1xx are passed over, 204 has no body") {
        const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        const auto parsed = parse_answer(bytes, 100);
        REQUIRE(parsed);
        REQUIRE(*parsed);
        CHECK((*parsed)->response.status == 204);
        CHECK((*parsed)->bytes == bytes.size());
    }

    SCENARIO("an answer that is not ours to read is refused") {
        for (const auto* wrong :
             {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
              "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"})
            CHECK_MESSAGE(!parse_answer(wrong, 100), wrong);
        CHECK_FALSE(parse_answer(std::string(16 << 10, 'x'), 100));
        CHECK(parse_answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", 100));
    }

    SCENARIO("requests are pipelined, answers matched in order") {
        Fixture here;
        auto client = here.client();
        auto first = send(client, "/1");
        auto connection = here.server.accept();
        auto second = send(client, "/2");
        CHECK(target_of(connection.read_request()) == "/1");
        CHECK(target_of(connection.read_request()) == "/2");
        connection.write(plain_answer("one") + plain_answer("two"));
        CHECK(body_of(first) == "one");
        CHECK(body_of(second) == "two");
    }

    SCENARIO("a request says what it must") {
        Fixture here;
        auto client = here.client();
        client.send({"POST", "/v2/index.php", {{"Content-Type", "text/plain"}}, "a=b", 60s},
                    [](const Outcome&) {});
        const auto authority = here.server.url().substr(7);
        CHECK(here.server.accept().read_request() ==
              "POST /v2/index.php HTTP/1.1\r\nHost: " + authority +
                  "\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\na=b");
    }

    SCENARIO("the window bounds what is written before an answer") {
        Fixture here;
        HttpClient::Options options;
        options.window = 2;
        auto client = here.client(options);
        std::vector<std::future<Outcome>> answers;
        for (int number = 0; number < 4; ++number)
            answers.push_back(send(client, "/" + std::to_string(number)));
        auto connection = here.server.accept();
        for (int number = 0; number < 4; ++number) {
            CHECK(target_of(connection.read_request()) == "/" + std::to_string(number));
            if (number == 1) connection.write(plain_answer("0") + plain_answer("1"));
        }
        connection.write(plain_answer("2") + plain_answer("3"));
        for (std::size_t number = 0; number < 4; ++number)
            CHECK(body_of(answers[number]) == std::to_string(number));
    }

    SCENARIO("a long answer in small pieces is one answer") {
        Fixture here;
        auto client = here.client();
        auto answer = send(client, "/");
        auto connection = here.server.accept();
        const std::string body(300'000, 'x');
        const auto bytes = plain_answer(body);
        for (std::size_t at = 0; at < bytes.size(); at += 10'000)
            connection.write(bytes.substr(at, 10'000));
        CHECK(body_of(answer) == body);
    }

    SCENARIO("what was written before the connection broke has an unknown outcome") {
        Fixture here;
        HttpClient::Options options;
        options.window = 1;
        auto client = here.client(options);
        auto written = send(client, "/written");
        auto waiting = send(client, "/waiting");
        CHECK(target_of(here.server.accept().read_request()) == "/written");  // and closes
        CHECK(body_of(written) == "unknown_outcome");
        auto connection = here.server.accept();
        CHECK(target_of(connection.read_request()) == "/waiting");
        connection.write(plain_answer("yes"));
        CHECK(body_of(waiting) == "yes");
    }

    SCENARIO("a server that says close is left, and found again") {
        Fixture here;
        auto client = here.client();
        auto first = send(client, "/1");
        auto connection = here.server.accept();
        CHECK(target_of(connection.read_request()) == "/1");
        connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye");
        CHECK(body_of(first) == "bye");
        CHECK(connection.read_request() == "");
        auto second = send(client, "/2");
        auto again = here.server.accept();
        CHECK(target_of(again.read_request()) == "/2");
        again.write(plain_answer("two"));
        CHECK(body_of(second) == "two");
    }

    SCENARIO("what stands behind a close was not looked at, and goes out again") {
        Fixture here;
        auto client = here.client();
        auto first = send(client, "/1");
        std::optional<support::RawConnection> connection(here.server.accept());
        CHECK(target_of(connection->read_request()) == "/1");
        auto second = send(client, "/2"), third = send(client, "/3");
        CHECK(target_of(connection->read_request()) == "/2");
        connection->write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye");
        CHECK(body_of(first) == "bye");
        auto again = here.server.accept();
        CHECK(target_of(again.read_request()) == "/2");
        CHECK(target_of(again.read_request()) == "/3");
        again.write(plain_answer("two") + plain_answer("three"));
        CHECK(body_of(second) == "two");
        CHECK(body_of(third) == "three");
    }

    SCENARIO("a request without an answer in time has an unknown outcome") {
        Fixture here;
        auto client = here.client();
        auto answer = send(client, "/", 20ms);
        auto connection = here.server.accept();
        CHECK(target_of(connection.read_request()) == "/");
        CHECK(body_of(answer) == "unknown_outcome");
        CHECK(connection.read_request() == "");
    }

    SCENARIO("an answer that nobody asked for ends the connection") {
        Fixture here;
        auto client = here.client();
        auto answer = send(client, "/");
        auto connection = here.server.accept();
        CHECK(target_of(connection.read_request()) == "/");
        connection.write(plain_answer("one") + plain_answer("two"));
        CHECK(body_of(answer) == "one");
        CHECK(connection.read_request() == "");
    }

    SCENARIO("nobody listens") {
        Fixture here;
        std::optional<RawServer> gone(std::in_place);
        const auto endpoint = *Endpoint::parse(gone->url());
        gone.reset();
        HttpClient::Options options;
        WHEN("the caller wants to know at once") {
            options.unreachable = HttpClient::Unreachable::fail_fast;
            auto client = HttpClient::open(here.loops, endpoint, options);
            REQUIRE(client);
            const auto answer = send(*client, "/").get();
            REQUIRE_FALSE(answer);
            CHECK(answer.error().code == Code::unreachable);
            CHECK(answer.error().message ==
                  "could not connect to " + endpoint.url() + ": Connection refused");
        }
        WHEN("the caller has patience") {
            auto client = HttpClient::open(here.loops, endpoint, options);
            REQUIRE(client);
            auto answer = send(*client, "/", 30ms);
            CHECK(body_of(answer) == "unreachable");
        }
    }

    SCENARIO("too many waiting requests are turned away") {
        Fixture here;
        HttpClient::Options options;
        options.window = 1;
        options.waiting_max = 1;
        auto client = here.client(options);
        auto written = send(client, "/written");
        auto connection = here.server.accept();
        CHECK(target_of(connection.read_request()) == "/written");
        auto waiting = send(client, "/waiting");
        auto refused = send(client, "/refused");
        CHECK(body_of(refused) == "throttled");
        connection.write(plain_answer("1") + plain_answer("2"));
        CHECK(body_of(written) == "1");
    }

    SCENARIO("a client that goes away takes its callbacks along") {
        Fixture here;
        auto counted = std::make_shared<int>(0);
        {
            auto client = here.client();
            client.send({}, [counted](const Outcome&) { ++*counted; });
            CHECK(here.server.accept().read_request() != "");
        }
        here.loops.stop();
        CHECK(*counted <= 1);
    }

    SCENARIO("TLS: the server's name and its CA are verified") {
        Loops loops{1};
        const Certificates ours("127.0.0.1"), other("127.0.0.1");
        const auto tls = Tls::load(ours.chain, ours.key);
        REQUIRE(tls);
        const auto server = HttpServer::open(
            loops, {"127.0.0.1", 0, *tls, {}}, [](const Request& request, const Answer& answer) {
                answer.send({200, "text/plain", "hello " + request.path, false});
            });
        REQUIRE(server);
        const auto ask = [&](const std::string& host, const std::filesystem::path& ca_file) {
            HttpClient::Options options;
            options.ca_file = ca_file;
            auto client =
                HttpClient::open(loops, {Scheme::https, host, (*server)->port()}, options);
            REQUIRE(client);
            auto first = send(*client, "/1"), second = send(*client, "/2");
            return body_of(first) + ", " + body_of(second);
        };
        CHECK(ask("127.0.0.1", ours.ca_file) == "hello /1, hello /2");
        CHECK(ask("127.0.0.1", other.ca_file) == "unreachable, unreachable");
        CHECK(ask("localhost", ours.ca_file) == "unreachable, unreachable");
    }

    SCENARIO("a CA file that cannot be read is named") {
        Fixture here;
        HttpClient::Options options;
        options.ca_file = "/nowhere/ca.pem";
        const auto client = HttpClient::open(here.loops, {Scheme::https, "127.0.0.1", 1}, options);
        REQUIRE_FALSE(client);
        CHECK(client.error().message.find("/nowhere/ca.pem") != std::string::npos);
    }
}
