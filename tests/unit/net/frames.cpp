// Frames between nodes that keep the rules.

#include "net/frames.h"

#include <future>
#include <thread>

#include "tests/unit/net/peers.h"

namespace {

using namespace cmq;
using namespace cmq::net;
using namespace std::chrono_literals;

/// Loops are destroyed last, and what runs on them stops before what it uses.
struct Fixture {
    Certificates certificates;
    Loops loops{2};
    FrameLimits calm = {.idle_time = 10min};  // no signs of life
    Listening one{loops, certificates, calm};
};

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("a link comes up, and frames go both ways") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port());
        CHECK(here.one.diary.next() == "up 2");
        CHECK(two.diary.next() == "up");
        CHECK(two.link().send({make_blob("hel"), nullptr, make_blob("lo")}));
        CHECK(here.one.diary.next() == "2: hello");
        CHECK(two.link().send(frame("echo back")));
        CHECK(two.diary.next() == "back");
        CHECK(here.one.stream(2).send(frame("unasked")));
        CHECK(two.diary.next() == "unasked");
        CHECK(here.one.stream(2).protocol() == protocol);
        CHECK(two.link().failure() == "");
    }

    SCENARIO("frames of all lengths arrive whole and in order") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port());
        CHECK(two.diary.next() == "up");
        std::vector<std::string> sent;
        for (const std::size_t size :
             {1u, 15u, 16'379u, 16'380u, 16'384u, 65'536u, 1'000'000u, 16u << 20, 3u, 300'000u})
            sent.push_back("echo " + std::string(size - 1, static_cast<char>('a' + size % 26)));
        sent.front() = "echo x";
        sent[7].resize(16 << 20);
        for (const auto& one : sent) CHECK(two.link().send(frame(one)));
        for (const auto& one : sent) CHECK(two.diary.next() == one.substr(5));
    }

    SCENARIO("many threads send, and each one's frames keep their order") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port());
        CHECK(here.one.diary.next() == "up 2");
        CHECK(two.diary.next() == "up");
        constexpr int threads = 4, frames = 500;
        {
            std::vector<std::jthread> senders;
            for (int thread = 0; thread < threads; ++thread)
                senders.emplace_back([&two, thread] {
                    for (int number = 0; number < frames; ++number)
                        CHECK(two.link().send(frame(std::to_string(thread * frames + number))));
                });
        }
        std::vector<int> expected(threads, 0);
        for (int count = 0; count < threads * frames; ++count) {
            const auto number = std::stoi(here.one.diary.next().substr(3));
            const auto thread = static_cast<std::size_t>(number / frames);
            CHECK(number % frames == expected[thread]++);
        }
    }

    SCENARIO("a peer that comes back on the same port is found again") {
        Fixture here;
        const auto port = here.one.port();
        Linked two(here.loops, here.certificates, 2, port);
        CHECK(two.diary.next() == "up");
        CHECK(here.one.diary.next() == "up 2");
        here.one.stop();
        CHECK(two.diary.next() == "down: closed by the peer");
        CHECK_FALSE(two.link().send(frame("lost")));
        CHECK(eventually([&] { return two.link().failure() == "Connection refused"; }));
        Listening again(here.loops, here.certificates, {}, port);
        CHECK(two.diary.next() == "up");
        CHECK(two.link().send(frame("again")));
        CHECK(again.diary.next() == "up 2");
        CHECK(again.diary.next() == "2: again");
        CHECK(two.link().counts().connects == 2);
    }

    SCENARIO("a link waits for a peer that is not there yet") {
        Certificates certificates;
        Loops loops{1};
        std::uint16_t port = 0;
        { port = Listening(loops, certificates).port(); }
        Linked two(loops, certificates, 2, port);
        CHECK_FALSE(two.link().send(frame("early")));
        CHECK(eventually([&] { return two.link().failure() == "Connection refused"; }));
        Listening one(loops, certificates, {}, port);
        CHECK(two.diary.next() == "up");
        two.stop();
    }

    SCENARIO("a link that is closed is noticed at once") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port());
        CHECK(here.one.diary.next() == "up 2");
        CHECK(two.diary.next() == "up");
        WHEN("its owner does it") {
            two.stop();
            CHECK(here.one.diary.next() == "down 2: closed by the peer");
            CHECK(two.diary.empty());
        }
        WHEN("the other end does it") {
            here.one.stream(2).close("enough");
            CHECK(here.one.diary.next() == "down 2: enough");
            CHECK(two.diary.next() == "down: closed by the peer");
            CHECK(two.diary.next() == "up");
        }
    }

    SCENARIO("a stream that is gone takes nothing") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port());
        CHECK(here.one.diary.next() == "up 2");
        const auto stream = here.one.stream(2);
        two.stop();
        CHECK(here.one.diary.next() == "down 2: closed by the peer");
        CHECK_FALSE(stream.send(frame("late")));
        stream.close("late");
        here.one.stop();
        CHECK_FALSE(stream.send(frame("later")));
    }

    SCENARIO("idle connections stay up") {
        Certificates certificates;
        Loops loops{1};
        FrameLimits limits;
        limits.idle_time = 30ms;
        Listening one(loops, certificates, limits);
        Linked two(loops, certificates, 2, one.port(), limits);
        CHECK(two.diary.next() == "up");
        // Twenty idle times, told by the signs of life that come meanwhile.
        const auto begin = two.link().counts().bytes_in;
        CHECK(eventually([&] { return two.link().counts().bytes_in > begin + 60 * 4; }));
        CHECK(two.diary.empty());
        CHECK(two.link().counts().frames_in == 0);
        CHECK(two.link().counts().connects == 1);
        two.stop();
    }

    SCENARIO("what a peer does is counted") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port(), here.calm);
        CHECK(two.diary.next() == "up");
        CHECK(two.link().send(frame("echo 12345")));
        CHECK(two.diary.next() == "12345");
        const auto ours = two.link().counts();
        CHECK(ours.connected);
        CHECK(ours.connects == 1);
        CHECK(ours.frames_out == 1);
        CHECK(ours.frames_in == 1);
        CHECK(ours.bytes_out == 14);
        CHECK(ours.bytes_in == 4 + 9);
        const auto theirs = here.one.server().counts(here.certificates.name(2), protocol);
        CHECK(theirs.connected);
        CHECK(theirs.connects == 1);
        CHECK(theirs.frames_in == 1);
        CHECK_FALSE(here.one.server().counts(here.certificates.name(3), protocol).connected);
        two.stop();
        CHECK(eventually([&] {
            return !here.one.server().counts(here.certificates.name(2), protocol).connected;
        }));
    }

    SCENARIO("keys are renewed, and nobody notices") {
        Certificates certificates;
        Loops loops{1};
        FrameLimits limits;
        limits.key_records = 3;
        Listening one(loops, certificates, limits);
        Linked two(loops, certificates, 2, one.port(), limits);
        CHECK(two.diary.next() == "up");
        for (int number = 0; number < 50; ++number) {
            const auto bytes = std::to_string(number) + std::string(40'000, 'x');
            CHECK(two.link().send(frame("echo " + bytes)));
            CHECK(two.diary.next() == bytes);
        }
        CHECK(two.link().counts().connects == 1);
        two.stop();
    }

    SCENARIO("a new certificate is used by the next connection") {
        Fixture here;
        const auto tls = here.certificates.tls(2);
        auto options = Linked::options(here.certificates, 2, here.one.port());
        options.tls = tls;
        Linked two(here.loops, options);
        CHECK(here.one.diary.next() == "up 2");
        CHECK(two.diary.next() == "up");
        REQUIRE(tls->replace(here.certificates.credentials(here.certificates.name(3))));
        CHECK(two.link().send(frame("still")));
        CHECK(here.one.diary.next() == "2: still");
        here.one.stream(2).close("come again");
        CHECK(here.one.diary.next() == "down 2: come again");
        CHECK(here.one.diary.next() == "up 3");
    }

    SCENARIO("a link may be destroyed in its own callback") {
        Fixture here;
        std::unique_ptr<FrameLink> link;
        std::promise<void> may, done;
        auto may_go = may.get_future();
        link = FrameLink::open(here.loops, Linked::options(here.certificates, 2, here.one.port()),
                               {[&] {
                                    may_go.get();
                                    link.reset();
                                    done.set_value();
                                },
                                {}});
        may.set_value();
        done.get_future().get();
        CHECK(here.one.diary.next() == "up 2");
        CHECK(here.one.diary.next() == "down 2: closed by the peer");
    }

    SCENARIO("the loops may stop before servers and links are gone") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port());
        CHECK(two.diary.next() == "up");
        const auto stream = here.one.stream(2);
        here.loops.stop();
        stream.send(frame("lost"));
        two.link().send(frame("lost"));
    }
}
