#include "net/http_server.h"

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "tests/unit/net/server_fixture.h"

namespace {

using namespace cmq;
using namespace cmq::net;
using namespace std::chrono_literals;

constexpr std::string_view close_field = "\r\nConnection: close\r\n";

bool says_close(const RawAnswer& answer) {
    return answer.head.find(close_field) != std::string::npos;
}

HttpServer::Options with(const Limits& limits) {
    HttpServer::Options options;
    options.limits = limits;
    return options;
}

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("requests follow each other on one connection") {
        ServerFixture here;
        auto client = here.client();
        for (const auto* target : {"/1", "/2", "/3"}) {
            client.write(post(target, "x"));
            const auto asked = here.next();
            CHECK(asked.request.path == target);
            CHECK(asked.request.remote.starts_with("127.0.0.1:"));
            CHECK_FALSE(asked.request.secure);
            asked.answer.send(text(target));
            CHECK(client.read_answer().body == target);
        }
        CHECK(here.server().counts().accepted == 1);
        CHECK(here.server().counts().requests == 3);
    }

    SCENARIO("an answer has what it needs and nothing else") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/"));
        here.next().answer.send({200, "application/json", "{}", false});
        CHECK(client.read_answer().head ==
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n");
        client.write("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        here.next().answer.send({200, "application/json", "{\"long\":true}", true});
        const auto rest = client.read_all();
        CHECK(rest.find("Content-Length: 13\r\n") != std::string::npos);
        CHECK(rest.ends_with("\r\n\r\n"));  // and no body
    }

    SCENARIO("pipelined requests are answered in their order, whoever is ready first") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/1") + get("/2") + get("/3"));
        const auto first = here.next(), second = here.next(), third = here.next();
        auto third_written = answer_all(third, "three");
        auto second_written = answer_all(second, "two");
        CHECK(third_written.wait_for(0s) == std::future_status::timeout);
        auto first_written = answer_all(first, "one");
        CHECK(client.read_answer().body == "one");
        CHECK(client.read_answer().body == "two");
        CHECK(client.read_answer().body == "three");
        CHECK(first_written.get());
        CHECK(second_written.get());
        CHECK(third_written.get());
    }

    SCENARIO("a client that sends more than it may have waiting is read no further") {
        Limits limits;
        limits.pipelined = 2;
        ServerFixture here(with(limits));
        auto client = here.client();
        for (int number = 0; number < 5; ++number) client.write(post("/", std::to_string(number)));
        const auto first = here.next(), second = here.next();
        second.answer.send(text("1"));
        CHECK(here.waiting() == 0);
        first.answer.send(text("0"));
        for (int number = 2; number < 5; ++number)
            here.next().answer.send(text(std::to_string(number)));
        for (int number = 0; number < 5; ++number)
            CHECK(client.read_answer().body == std::to_string(number));
    }

    SCENARIO("a client that asks before it sends its body is invited") {
        ServerFixture here;
        auto client = here.client();
        const std::string head =
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
        WHEN("nothing else is under way") {
            client.write(head);
            CHECK(client.read_answer().status == 100);
        }
        WHEN("an answer stands before it") {
            client.write(get("/") + head);
            here.next().answer.send(text("first"));
            CHECK(client.read_answer().body == "first");
            CHECK(client.read_answer().status == 100);
        }
        client.write("a=b");
        const auto asked = here.next();
        CHECK(asked.request.body == "a=b");
        asked.answer.send(text("done"));
        CHECK(client.read_answer().body == "done");
    }

    SCENARIO("a body that is too large is refused while it is being sent") {
        ServerFixture here;
        auto client = here.client();
        client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 16000000\r\n\r\n");
        client.write(std::string(16'000'000, 'x'));
        const auto answer = client.read_answer();
        CHECK(answer.status == 413);
        CHECK(answer.body == "{\"error\":\"the body is longer than 4194304 bytes\"}");
        CHECK(says_close(answer));
        CHECK(here.server().counts().refused == 1);
    }

    SCENARIO("long bodies go both ways") {
        ServerFixture here;
        auto client = here.client();
        const std::string body(4 << 20, 'y');
        client.write(post("/", body));
        const auto asked = here.next();
        CHECK(asked.request.body == body);
        auto written = answer_all(asked, body + body);
        CHECK(client.read_answer().body == body + body);
        CHECK(written.get());
    }

    SCENARIO("a client that goes away while its request waits is noticed at once") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/"));
        const auto asked = here.next();
        auto noticed = gone(asked);
        WHEN("it ends the connection") { client.end_writing(); }
        WHEN("it resets the connection") { client.reset(); }
        noticed.get();
        CHECK_FALSE(answer_all(asked, "late").get());
        gone(asked).get();  // told again to whoever asks late
    }

    SCENARIO("nobody is told of a client that went after its answer") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/"));
        const auto asked = here.next();
        std::atomic<bool> told = false;
        asked.answer.on_gone([&told] { told = true; });
        CHECK(answer_all(asked, "x").get());
        client.end_writing();
        CHECK(client.read_all().ends_with("x"));
        CHECK(here.server().wait_drained(1min));
        CHECK_FALSE(told);
    }

    SCENARIO("the first answer counts") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/"));
        const auto asked = here.next();
        asked.answer.send(text("one"));
        asked.answer.send(text("two"));
        CHECK(client.read_answer().body == "one");
        client.write(get("/"));
        here.next().answer.send_made([] { return text("made"); });
        CHECK(client.read_answer().body == "made");
    }

    SCENARIO("a request that is dropped without an answer gets one") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/"));
        { const auto dropped = here.next(); }
        const auto answer = client.read_answer();
        CHECK(answer.status == 500);
        CHECK(says_close(answer));
        CHECK(client.read_all() == "");
    }

    SCENARIO("an answer may end the connection, once those behind it are answered") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/1") + get("/2"));
        const auto first = here.next(), second = here.next();
        first.answer.send({500, "text/plain", "bye", true});
        const auto bye = client.read_answer();
        CHECK(bye.body == "bye");
        CHECK_FALSE(says_close(bye));  // what stands behind a close was not done
        CHECK(answer_all(second, "two").get());
        const auto last = client.read_answer();
        CHECK(last.body == "two");
        CHECK(says_close(last));
        CHECK(client.read_all() == "");
        CHECK(here.waiting() == 0);
    }

    SCENARIO("slow clients run out of time, patient ones do not") {
        Limits limits;
        limits.request_time = 0s;  // due at the next look, which is once a second
        limits.idle_time = 0s;
        ServerFixture here(with(limits));
        auto parked = here.client();
        parked.write(get("/parked"));
        const auto asked = here.next();
        auto slow = here.client(), idle = here.client();
        slow.write("POST / HTTP/1.1\r\nHost");
        const auto answer = slow.read_answer();
        CHECK(answer.status == 408);
        CHECK(answer.body == "{\"error\":\"the request took longer than 0 s to arrive\"}");
        CHECK(slow.read_all() == "");
        CHECK(idle.read_all() == "");
        asked.answer.send(text("patient"));
        CHECK(parked.read_answer().body == "patient");
    }

    SCENARIO("in a crowd, who asks nothing has to go soon") {
        Limits limits;
        limits.connections = 2;
        limits.stranger_time = 0s;
        ServerFixture here(with(limits));
        auto known = here.client();
        known.write(get("/"));
        here.next().answer.send(text("x"));
        CHECK(known.read_answer().body == "x");
        auto stranger = here.client();
        CHECK(stranger.read_all() == "");
        known.write(get("/"));
        here.next().answer.send(text("y"));
        CHECK(known.read_answer().body == "y");
    }

    SCENARIO("a client whose answers are not read is read no further") {
        Limits limits;
        limits.unread_bytes = 10;
        ServerFixture here(with(limits));
        auto client = here.client();
        client.write(get("/1") + get("/2"));
        const auto first = here.next(), second = here.next();
        second.answer.send(text("longer than that"));
        client.write(get("/3"));
        CHECK(here.waiting() == 0);
        first.answer.send(text("1"));
        CHECK(client.read_answer().body == "1");
        CHECK(client.read_answer().body == "longer than that");
        here.next().answer.send(text("3"));
        CHECK(client.read_answer().body == "3");
    }

    SCENARIO("connections have a limit, in all and by address") {
        Limits limits;
        WHEN("in all") { limits.connections = 1; }
        WHEN("by address") { limits.connections_per_address = 1; }
        ServerFixture here(with(limits));
        {
            auto first = here.client();
            first.write(get("/"));
            const auto asked = here.next();
            auto second = here.client();
            CHECK(second.read_all() == "");
            asked.answer.send(text("x"));
            CHECK(first.read_answer().body == "x");
        }
        CHECK(here.server().wait_drained(1min));
        auto third = here.client();
        third.write(get("/"));
        here.next().answer.send(text("y"));
        CHECK(third.read_answer().body == "y");
    }

    SCENARIO("a server that stops finishes what it has begun") {
        ServerFixture here;
        auto idle = here.client(), busy = here.client();
        idle.write(get("/"));
        here.next().answer.send(text("x"));
        CHECK(idle.read_answer().body == "x");
        busy.write(get("/1") + get("/2"));
        const auto first = here.next(), second = here.next();
        here.server().stop();
        CHECK(idle.read_all() == "");
        CHECK_FALSE(here.server().wait_drained(0ms));
        CHECK(answer_all(first, "one").get());
        CHECK(answer_all(second, "two").get());
        const auto one = busy.read_answer(), two = busy.read_answer();
        CHECK(one.body == "one");
        CHECK_FALSE(says_close(one));
        CHECK(two.body == "two");
        CHECK(says_close(two));
        CHECK(busy.read_all() == "");
        busy.end_writing();
        CHECK(here.server().wait_drained(1min));
        CHECK(here.server().counts().connections == 0);
    }

    SCENARIO("a server that dismisses its clients answers each once more") {
        ServerFixture here;
        auto client = here.client(), silent = here.client();
        for (auto* each : {&client, &silent}) {
            each->write(get("/"));
            here.next().answer.send(text("x"));
            CHECK_FALSE(says_close(each->read_answer()));
        }
        here.server().dismiss();
        client.write(get("/"));
        here.next().answer.send(text("y"));
        const auto last = client.read_answer();
        CHECK(last.body == "y");
        CHECK(says_close(last));
        CHECK(client.read_all() == "");
        here.server().stop();
        CHECK(silent.read_all() == "");
        client.end_writing();
        CHECK(here.server().wait_drained(1min));
    }

    SCENARIO("the last answer says close, though it was ready before the server stopped") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/1") + get("/2"));
        const auto first = here.next(), second = here.next();
        auto written = answer_all(second, "two");
        here.server().stop();  // takes its turn on the loop before what comes next
        CHECK(answer_all(first, "one").get());
        CHECK(written.get());
        CHECK_FALSE(says_close(client.read_answer()));
        CHECK(says_close(client.read_answer()));
    }

    SCENARIO("who pipelines reads the last answer, and that the rest was not looked at") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/1"));
        here.next().answer.send(text("x"));
        client.read_answer();
        here.server().dismiss();
        client.write(get("/2"));
        const auto asked = here.next();
        CHECK(answer_all(asked, "last").get());
        client.write(get("/3") + get("/4"));  // before it has read that
        const auto last = client.read_answer();
        CHECK(last.body == "last");
        CHECK(says_close(last));
        CHECK(client.read_all() == "");
        CHECK(here.waiting() == 0);
    }

    SCENARIO("a request that is still coming when the server stops is told so") {
        ServerFixture here;
        auto client = here.client();
        client.write(get("/1"));
        const auto asked = here.next();
        client.write("POST /2 HTTP/1.1\r\nHo");
        while (here.server().counts().bytes_in <= get("/1").size()) std::this_thread::yield();
        here.server().stop();
        CHECK(answer_all(asked, "one").get());
        CHECK(client.read_answer().body == "one");
        const auto last = client.read_answer();
        CHECK(last.status == 503);
        CHECK(says_close(last));
        CHECK(client.read_all() == "");
    }

    SCENARIO("an answer may outlive its server and its loops") {
        std::optional<Asked> asked;
        {
            ServerFixture here;
            auto client = here.client();
            client.write(get("/"));
            asked = here.next();
        }
        bool told = true;
        asked->answer.send(text("late"), [&told](bool all) { told = all; });
        CHECK_FALSE(told);
    }

    SCENARIO("a port that is taken and an address that is none are refused") {
        ServerFixture here;
        Loops loops(1);
        HttpServer::Options options;
        const auto open = [&] { return HttpServer::open(loops, options, [](Request, Answer) {}); };
        options.port = here.server().port();
        CHECK(open().error().code == Code::busy);
        options.address = "localhost";
        CHECK(open().error().code == Code::invalid);
        CHECK(open().error().message == "localhost: not an IP address to listen on");
    }
}
