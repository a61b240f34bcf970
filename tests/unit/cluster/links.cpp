// Nodes that talk to each other over loopback.

#include "cluster/links.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <optional>
#include <set>
#include <thread>

#include "tests/unit/cluster/nodes.h"

namespace {

using namespace cmq;
using namespace cmq::cluster;
using namespace std::chrono_literals;

struct Pair {
    explicit Pair(Links::Options options = {})
        : one(loops, certificates, 1, options), two(loops, certificates, 2, options) {
        acquaint({{1, &one}, {2, &two}});
    }
    net::Certificates certificates;
    net::Loops loops{2};
    Node one, two;
};

bool starts_with(const std::string& text, std::string_view begin) {
    CHECK_MESSAGE(text.starts_with(begin), text);
    return text.starts_with(begin);
}

}  // namespace

TEST_SUITE("unit/cluster") {
    SCENARIO("three nodes send each other messages") {
        net::Certificates certificates;
        net::Loops loops{2};
        Node one(loops, certificates, 1), two(loops, certificates, 2),
            three(loops, certificates, 3);
        acquaint({{1, &one}, {2, &two}, {3, &three}});
        CHECK(one.links().send(node(2), {make_blob("to "), make_blob("two")}));
        CHECK(two.diary.next() == "1 says: to two");
        CHECK(two.links().send(node(3), {make_blob("to three")}));
        CHECK(three.diary.next() == "2 says: to three");
        CHECK(three.links().send(node(1), {make_blob("to one")}));
        CHECK(one.diary.next() == "3 says: to one");
        CHECK_FALSE(one.links().send(node(4), {make_blob("to nobody")}));
    }

    SCENARIO("a request is answered, on either stream") {
        Pair here;
        for (const auto stream : {Stream::calls, Stream::bulk}) {
            CHECK(Asked(here.one.links(), node(2), "echo hello", stream).get() == "hello");
            CHECK(Asked(here.two.links(), node(1), "echo ", stream).get() == "");
            CHECK(Asked(here.one.links(), node(2), "refuse", stream).get() ==
                  "not_found: no such thing");
            CHECK(starts_with(Asked(here.one.links(), node(2), "drop", stream).get(),
                              "unavailable: "));
            const std::string chunk(4 << 20, 'x');
            CHECK(Asked(here.one.links(), node(2), "echo " + chunk, stream).get() == chunk);
        }
    }

    SCENARIO("an answer may come late and in any order, and from any thread") {
        Pair here;
        Asked first(here.one.links(), node(2), "park a"),
            second(here.one.links(), node(2), "park b");
        CHECK(here.two.diary.next() == "1 parks a");
        CHECK(here.two.diary.next() == "1 parks b");
        CHECK(here.two.parked("b").send("second"));
        CHECK(second.get() == "second");
        const auto reply = here.two.parked("a");
        CHECK_FALSE(first.answered());
        CHECK(reply.send({make_blob("fir"), nullptr, make_blob("st")}));
        CHECK(first.get() == "first");
        CHECK_FALSE(reply.send("again"));
        CHECK_FALSE(reply.fail({Code::internal, "again"}));
        CHECK(here.two.diary.empty());
    }

    SCENARIO("an answer that is work to make is made on a loop") {
        Pair here;
        std::promise<bool> sent;
        const auto made = [&here](std::promise<bool>& told) {
            here.two.parked("a").send_made(
                [self = std::this_thread::get_id()] {
                    return std::string(self == std::this_thread::get_id() ? "here" : "on a loop");
                },
                [&told](bool arrives) { told.set_value(arrives); });
        };
        Asked call(here.one.links(), node(2), "park a");
        CHECK(here.two.diary.next() == "1 parks a");
        WHEN("the caller waits for it") {
            made(sent);
            CHECK(call.get() == "on a loop");
            CHECK(sent.get_future().get());
        }
        WHEN("the caller has gone") {
            here.one.links().cancel(call.id);
            CHECK(here.two.diary.next() == "a gone");
            made(sent);
            CHECK_FALSE(sent.get_future().get());
        }
        WHEN("its node has gone") {
            here.one.stop();
            while (here.two.diary.next() != "a gone") continue;  // and that the node has
            made(sent);
            CHECK_FALSE(sent.get_future().get());
        }
    }

    SCENARIO("a thousand calls wait at once") {
        Pair here;
        std::vector<Asked> asked;
        for (int number = 0; number < 1'000; ++number)
            asked.emplace_back(here.one.links(), node(2), "park " + std::to_string(number));
        CHECK(eventually([&] { return here.two.parked_count() == 1'000; }));
        for (int number = 999; number >= 0; --number)
            here.two.parked(std::to_string(number)).send("answer " + std::to_string(number));
        for (std::size_t number = 0; number < 1'000; ++number)
            CHECK(asked[number].get() == "answer " + std::to_string(number));
    }

    SCENARIO("much bulk and a message go side by side") {
        Pair here;
        const std::string chunk(8 << 20, 'x');
        std::vector<Asked> bulk;
        for (int count = 0; count < 7; ++count)
            bulk.emplace_back(here.one.links(), node(2), "echo " + chunk, Stream::bulk);
        CHECK(here.one.links().send(node(2), {make_blob("beat")}));
        CHECK(here.two.diary.next() == "1 says: beat");
        for (auto& one : bulk) CHECK(one.get() == chunk);
    }

    SCENARIO("a call that is cancelled is not answered, and its server knows") {
        Pair here;
        Asked call(here.one.links(), node(2), "park a");
        CHECK(here.two.diary.next() == "1 parks a");
        here.one.links().cancel(call.id);
        CHECK(here.two.diary.next() == "a gone");
        const auto reply = here.two.parked("a");
        CHECK_FALSE(reply.send("late"));
        CHECK(Asked(here.one.links(), node(2), "echo x").get() == "x");
        CHECK_FALSE(call.answered());
        here.one.links().cancel(call.id);  // nothing happens
    }

    SCENARIO("a call that lasts too long has timed out, and its server knows") {
        Pair here;
        Asked patient(here.one.links(), node(2), "park patient");
        CHECK(here.two.diary.next() == "1 parks patient");
        Asked hasty(here.one.links(), node(2), "park hasty", Stream::calls, 20ms);
        CHECK(here.two.diary.next() == "1 parks hasty");
        CHECK(starts_with(hasty.get(), "timed_out: "));
        CHECK(here.two.diary.next() == "hasty gone");
        CHECK(here.two.parked("patient").send("there"));
        CHECK(patient.get() == "there");
    }

    SCENARIO("who watches too late is told at once") {
        Pair here;
        Asked call(here.one.links(), node(2), "park a");
        CHECK(here.two.diary.next() == "1 parks a");
        here.one.links().cancel(call.id);
        CHECK(here.two.diary.next() == "a gone");
        bool told = false;
        here.two.parked("a").on_gone([&] { told = true; });
        CHECK(told);
    }

    SCENARIO("a node that stops is noticed at once by all who wait") {
        Pair here;
        Asked call(here.one.links(), node(2), "park call");
        Asked bulk(here.one.links(), node(2), "park bulk", Stream::bulk);
        Asked other(here.two.links(), node(1), "park other");
        CHECK(here.one.diary.next() == "2 parks other");
        CHECK(eventually([&] { return here.two.parked_count() == 2; }));
        here.two.stop();
        CHECK(starts_with(call.get(), "unknown_outcome: "));
        CHECK(starts_with(bulk.get(), "unknown_outcome: "));
        std::set<std::string> lines{here.one.diary.next(), here.one.diary.next()};
        CHECK(lines == std::set<std::string>{"2 gone", "other gone"});
        CHECK_FALSE(here.one.links().send(node(2), {make_blob("lost")}));
        CHECK(starts_with(Asked(here.one.links(), node(2), "echo x").get(), "unreachable: node 2"));
        CHECK_FALSE(here.two.parked("call").send("late"));
        CHECK_FALSE(other.answered());
    }

    SCENARIO("a node that comes back is found again") {
        net::Certificates certificates;
        net::Loops loops{2};
        Node one(loops, certificates, 1);
        auto two = std::make_optional<Node>(loops, certificates, 2);
        acquaint({{1, &one}, {2, &*two}});
        Links::Options options;
        options.port = two->links().port();
        const auto address = one.address();
        two.reset();
        CHECK(one.diary.next() == "2 gone");
        two.emplace(loops, certificates, 2, options);
        two->links().set_peers({{node(1), address}});
        CHECK(one.diary.next() == "2 here");
        CHECK(one.links().send(node(2), {make_blob("again")}));
        const std::set<std::string> lines{two->diary.next(), two->diary.next()};
        CHECK(lines == std::set<std::string>{"1 here", "1 says: again"});
        CHECK(eventually([&] { return one.links().figures().at(node(2))[1].counts.connected; }));
        CHECK(Asked(one.links(), node(2), "echo x").get() == "x");
        CHECK(one.links().figures().at(node(2))[0].counts.connects == 2);
    }

    SCENARIO("figures tell what went to and fro") {
        Pair here;
        CHECK(Asked(here.one.links(), node(2), "echo 12345").get() == "12345");
        CHECK(here.one.links().send(node(2), {make_blob("123")}));
        CHECK(here.two.diary.next() == "1 says: 123");
        const auto figures = here.one.links().figures();
        REQUIRE(figures.size() == 1);
        const auto& [consensus, calls, bulk] = figures.at(node(2));
        CHECK(consensus.counts.frames_out == 1);
        CHECK(calls.counts.frames_out == 1);
        CHECK(calls.counts.frames_in == 1);
        CHECK(bulk.counts.frames_out == 0);
        CHECK(bulk.counts.connected);
        CHECK(bulk.failure == "");
        CHECK(here.two.links().figures().at(node(1))[1].counts.frames_in == 1);
    }

    SCENARIO("links stop while calls run, and nothing is called back afterwards") {
        for (int round = 0; round < 5; ++round) {
            Pair here;
            auto answers = std::make_shared<std::atomic<int>>(0);
            for (int number = 0; number < 200; ++number)
                here.one.links().call(
                    node(2), number % 2 == 0 ? Stream::calls : Stream::bulk,
                    number % 3 == 0 ? "park " + std::to_string(number) : "echo x",
                    SystemClock().steady() + std::chrono::milliseconds{number % 7},
                    [answers](const Result<std::string>&) { ++*answers; });
            if (round % 2 == 0) here.two.stop();
            here.one.stop();
            const int before = *answers;
            here.loops.stop();
            CHECK(before == *answers);
        }
    }
}
