// Calls whose caller has lost interest, and still takes what is on its way.

#include <doctest/doctest.h>

#include <future>

#include "tests/unit/cluster/nodes.h"

namespace {

using namespace cmq;
using namespace cmq::cluster;
using namespace std::chrono_literals;

struct Pair {
    Pair() : one(loops, certificates, 1), two(loops, certificates, 2) {
        acquaint({{1, &one}, {2, &two}});
    }
    /// Node 1 hears no answer of node 2 until `go`; it does not when this returns.
    void hold_answers(const std::shared_future<void>& go) {
        std::promise<void> held;
        one.links().call(node(2), Stream::calls, "echo x", SystemClock().steady() + 10min,
                         [go, &held](const Result<std::string>&) {
                             held.set_value();
                             go.wait();
                         });
        held.get_future().wait();
    }
    void abandon(const Asked& call, std::chrono::milliseconds patience) {
        one.links().abandon(call.id, SystemClock().steady() + patience);
    }

    net::Certificates certificates;
    net::Loops loops{2};
    Node one, two;
};

}  // namespace

TEST_SUITE("unit/cluster") {
    SCENARIO("an abandoned call still takes an answer that has crossed the cancel") {
        Pair here;
        Asked call(here.one.links(), node(2), "park a");
        CHECK(here.two.diary.next() == "1 parks a");
        std::promise<void> go;
        here.hold_answers(go.get_future().share());
        CHECK(here.two.parked("a").send("messages"));
        here.abandon(call, 10min);
        CHECK_FALSE(call.answered());
        go.set_value();
        CHECK(call.get() == "messages");
        CHECK(Asked(here.one.links(), node(2), "echo x").get() == "x");  // behind the cancel
        CHECK(here.two.diary.empty());
        here.abandon(call, 0ms);  // nothing happens
    }

    SCENARIO("the other side of an abandoned call knows, and the call times out") {
        Pair here;
        Asked call(here.one.links(), node(2), "park a");
        CHECK(here.two.diary.next() == "1 parks a");
        here.abandon(call, 20ms);
        CHECK(here.two.diary.next() == "a gone");
        CHECK_FALSE(here.two.parked("a").send("late"));
        CHECK(call.get().starts_with("timed_out: "));
    }
}
