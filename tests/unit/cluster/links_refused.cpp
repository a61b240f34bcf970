// Nodes that are not members, and what is too much.

#include <doctest/doctest.h>

#include "cluster/links.h"
#include "tests/unit/cluster/nodes.h"

namespace {

using namespace cmq;
using namespace cmq::cluster;
using namespace std::chrono_literals;

struct Pair {
    explicit Pair(const Links::Options& options = {})
        : one(loops, certificates, 1, options), two(loops, certificates, 2, options) {
        acquaint({{1, &one}, {2, &two}});
    }
    net::Certificates certificates;
    net::Loops loops{2};
    Node one, two;
};

std::string failure_of(Node& from, std::uint64_t to) {
    std::string failure;
    CHECK(eventually([&] {
        failure = from.links().figures().at(node(to))[0].failure;
        return failure.find("no connection yet") == std::string::npos;
    }));
    return failure;
}

std::string code_of(Asked asked) {
    const auto answer = asked.get();
    return answer.substr(0, answer.find(':'));
}

}  // namespace

TEST_SUITE("unit/cluster") {
    SCENARIO("who is not a member gets no word in") {
        const net::Certificates certificates;
        net::Loops loops{2};
        Node one(loops, certificates, 1);
        one.links().set_peers({{node(2), {"127.0.0.1", 1}}});
        WHEN("it is of this cluster, and unknown") {
            Node three(loops, certificates, 3);
            three.links().set_peers({{node(1), one.address()}});
            CHECK(failure_of(three, 1).starts_with("not welcomed"));
        }
        WHEN("it has this node's own name") {
            net::FrameLink::Options options;
            options.address = one.address();
            options.peer = certificates.name(1);
            options.tls = certificates.tls(1);
            options.protocol = "cmq-consensus/1";
            const auto link = net::FrameLink::open(loops, options, {});
            CHECK(eventually([&] { return link->failure().starts_with("not welcomed"); }));
        }
        WHEN("it is of another cluster with the same CA") {
            auto foreign = certificates;
            foreign.cluster = std::string(32, 'f');
            Node two(loops, foreign, 2);
            two.links().set_peers({{node(1), one.address()}});
            CHECK(failure_of(two, 1).starts_with("somebody else is there"));
        }
        WHEN("it is of another CA with the same names") {
            const net::Certificates forged;
            Node two(loops, forged, 2);
            two.links().set_peers({{node(1), one.address()}});
            CHECK(failure_of(two, 1).starts_with("its certificate: self-signed"));
        }
        CHECK(one.diary.empty());
    }

    SCENARIO("the owner may let in who is not a peer yet") {
        const net::Certificates certificates;
        net::Loops loops{2};
        Node leader(loops, certificates, 1);
        Diary diary;
        Links::Options options;
        options.self = node(2);
        options.cluster = certificates.cluster;
        options.credentials = certificates.credentials(certificates.name(2));
        Links::Handlers handlers;
        handlers.admit = [](raft::NodeId peer) { return peer == node(1); };
        handlers.on_message = [&](raft::NodeId, std::string_view bytes) {
            diary.write(std::string(bytes));
        };
        auto learner = Links::open(loops, options, handlers);
        REQUIRE(learner);
        leader.links().set_peers({{node(2), {"127.0.0.1", (*learner)->port()}}});
        CHECK(leader.diary.next() == "2 here");
        CHECK(leader.links().send(node(2), {make_blob("welcome")}));
        CHECK(diary.next() == "welcome");
        CHECK_FALSE((*learner)->send(node(1), {make_blob("thanks")}));
    }

    SCENARIO("who is left out loses its connections, both ways") {
        Pair here;
        Asked to(here.one.links(), node(2), "park to"),
            from(here.two.links(), node(1), "park from");
        CHECK(here.two.diary.next() == "1 parks to");
        CHECK(here.one.diary.next() == "2 parks from");
        here.one.links().set_peers({});
        CHECK(to.get().starts_with("unknown_outcome: "));
        CHECK(from.get().starts_with("unknown_outcome: "));
        CHECK(here.one.diary.next() == "from gone");
        CHECK_FALSE(here.one.links().send(node(2), {make_blob("x")}));
        CHECK(code_of({here.one.links(), node(2), "echo x"}) == "unreachable");
        CHECK(here.one.links().figures().empty());
        CHECK(eventually([&] { return failure_of(here.two, 1).starts_with("not welcomed"); }));
    }

    SCENARIO("a peer that moves is found at its new address") {
        Pair here;
        Node moved(here.loops, here.certificates, 3);
        here.one.links().set_peers({{node(2), here.two.address()}, {node(3), {"127.0.0.1", 1}}});
        moved.links().set_peers({{node(1), here.one.address()}});
        CHECK(moved.diary.next() == "1 here");
        here.one.links().set_peers({{node(2), here.two.address()}, {node(3), moved.address()}});
        CHECK(here.one.diary.next() == "3 here");
        CHECK(here.one.links().send(node(3), {make_blob("found")}));
        CHECK(moved.diary.next() == "1 says: found");
        CHECK(here.one.links().figures().at(node(2))[0].counts.connects == 1);  // left alone
    }

    SCENARIO("what is too long is refused where it begins") {
        Links::Options options;
        options.limits.frame_bytes = 1'000;
        Pair here(options);
        const std::string most(1'000 - 11, 'x');
        CHECK(code_of({here.one.links(), node(2), most}) ==
              "unavailable");  // it came, and was dropped
        CHECK(code_of({here.one.links(), node(2), most + "x"}) == "invalid");
        Asked call(here.one.links(), node(2), "park a");
        CHECK(here.two.diary.next() == "1 parks a");
        CHECK_FALSE(here.two.parked("a").send(most + "x"));
        CHECK(call.get().starts_with("internal: "));  // asked again it would be as long
        Asked next(here.one.links(), node(2), "park b");
        CHECK(here.two.diary.next() == "1 parks b");
        CHECK(here.two.parked("b").send(most));
        CHECK(next.get() == most);
    }

    SCENARIO("more calls than may wait are turned away") {
        Links::Options options;
        options.calls_max = 3;
        Pair here(options);
        std::vector<Asked> waiting;
        for (int number = 0; number < 3; ++number)
            waiting.emplace_back(here.one.links(), node(2), "park " + std::to_string(number));
        CHECK(code_of({here.one.links(), node(2), "echo x"}) == "throttled");
        CHECK(Asked(here.one.links(), node(2), "echo x", Stream::bulk).get() == "x");
        CHECK(eventually([&] { return here.two.parked_count() == 3; }));
        CHECK(here.two.parked("1").send("done"));
        CHECK(waiting[1].get() == "done");
        CHECK(Asked(here.one.links(), node(2), "echo x").get() == "x");
    }

    SCENARIO("a peer that does not read holds up nobody, and costs a bounded memory") {
        Links::Options options;
        options.limits.queue_bytes = 1 << 20;
        Pair here(options);
        std::promise<void> go_on;
        const auto held = go_on.get_future().share();
        const std::string chunk(100'000, 'x');
        std::atomic<bool> holding = false;
        // The answer's callback blocks the loop of the bulk stream of node 1 for a while.
        here.one.links().call(node(2), Stream::bulk, "echo x", SystemClock().steady() + 1min,
                              [&](const Result<std::string>&) {
                                  holding = true;
                                  held.wait();
                              });
        CHECK(eventually([&] { return holding.load(); }));
        std::vector<Asked> asked;
        for (int count = 0; count < 200; ++count)
            asked.emplace_back(here.one.links(), node(2), "echo " + chunk, Stream::bulk);
        go_on.set_value();
        std::size_t answered = 0, throttled = 0;
        for (auto& one : asked) {
            const auto answer = one.get();
            answered += answer == chunk ? 1 : 0;
            throttled += answer.starts_with("throttled: ") ? 1 : 0;
        }
        CHECK(answered > 0);
        CHECK(throttled > 0);
        CHECK(answered + throttled == 200);
    }

    SCENARIO("links do not open with another's certificate") {
        const net::Certificates certificates;
        net::Loops loops{1};
        Links::Options options;
        options.self = node(1);
        options.cluster = certificates.cluster;
        WHEN("it is of another node") {
            options.credentials = certificates.credentials(certificates.name(2));
        }
        WHEN("it is of another cluster") {
            options.credentials = certificates.credentials({std::string(32, 'f'), 1});
        }
        WHEN("there is none") {}
        CHECK(Links::open(loops, options, {}).error().code == Code::invalid);
    }

    SCENARIO("a certificate is renewed while the node runs") {
        Pair here;
        const auto& certificates = here.certificates;
        const auto before = here.one.links().certificate_expires();
        const auto renewed = issue_node_certificate(certificates.authority, certificates.name(1),
                                                    net::now() + std::chrono::days{10})
                                 .value();
        CHECK(here.one.links().renew(
            {certificates.authority.certificate, renewed.certificate, renewed.key}));
        CHECK(here.one.links().certificate_expires() - before > std::chrono::days{9});
        CHECK_FALSE(here.one.links().renew(certificates.credentials(certificates.name(2))));
        CHECK(here.one.links().certificate_expires() - before > std::chrono::days{9});
        CHECK(Asked(here.one.links(), node(2), "echo x").get() == "x");
    }
}
