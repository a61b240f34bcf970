// Peers that are not who they should be, or do what they should not.

#include <doctest/doctest.h>

#include <thread>

#include "net/frames.h"
#include "tests/unit/net/peers.h"

namespace {

using namespace cmq;
using namespace cmq::net;
using namespace std::chrono_literals;

struct Fixture {
    explicit Fixture(FrameLimits limits = {}) : one(loops, certificates, limits) {}

    /// A good peer is still served.
    void check_served() {
        Linked good(loops, certificates, 7, one.port());
        CHECK(one.diary.next() == "up 7");
        CHECK(good.diary.next() == "up");
        good.stop();
        CHECK(one.diary.next() == "down 7: closed by the peer");
    }
    PeerCredentials credentials(std::uint64_t node) const {
        return certificates.credentials(certificates.name(node));
    }

    Certificates certificates;
    Loops loops{2};
    Listening one;
};

/// What a link says that cannot come up.
bool fails_with(Linked& linked, const std::string& why) {
    const auto found =
        eventually([&] { return linked.link().failure().find(why) != std::string::npos; });
    CHECK_MESSAGE(found, linked.link().failure());
    CHECK(linked.diary.empty());
    return found;
}

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("a peer whom the owner does not admit is turned away") {
        Fixture here;
        Linked unknown(here.loops, here.certificates, 100, here.one.port());
        CHECK(fails_with(unknown, "closed by the peer"));
        unknown.stop();
        here.check_served();
    }

    SCENARIO("who is of another CA is turned away, whatever it is called") {
        Fixture here;
        const Certificates others;
        CHECK(others.cluster == here.certificates.cluster);
        auto options = Linked::options(here.certificates, 2, here.one.port());
        WHEN("it does not trust us") {
            options.tls = others.tls(2);
            Linked stranger(here.loops, options);
            CHECK(fails_with(stranger, "its certificate: self-signed certificate"));
        }
        WHEN("it trusts us") {
            auto mixed = others.credentials(others.name(2));
            mixed.authority += here.certificates.authority.certificate;
            options.tls = PeerTls::make(mixed).value();
            Linked stranger(here.loops, options);
            CHECK(fails_with(stranger, "unknown ca"));
        }
        here.check_served();
    }

    SCENARIO("while one CA replaces another both are trusted") {
        Fixture here;
        const Certificates renewed;
        auto ours = here.credentials(1);
        ours.authority += renewed.authority.certificate;
        auto theirs = renewed.credentials(renewed.name(2));
        theirs.authority += here.certificates.authority.certificate;
        FrameServer::Options options;
        options.tls = PeerTls::make(ours).value();
        options.protocols = {protocol};
        auto server = FrameServer::open(here.loops, options,
                                        {[](const PeerName&) { return Status(); },
                                         [](const FrameStream&) { return FrameSink(); }});
        REQUIRE(server);
        auto link_options = Linked::options(here.certificates, 2, (*server)->port());
        link_options.tls = PeerTls::make(theirs).value();
        Linked two(here.loops, link_options);
        CHECK(two.diary.next() == "up");
    }

    SCENARIO("who shows no certificate of a node is turned away") {
        Fixture here;
        WHEN("it shows none") {
            RawPeer peer(here.one.port(), std::nullopt);
            CHECK(peer.read_frame() == "(end)");
        }
        WHEN("it shows one of the clients' door") {
            const auto door =
                issue_certificate(here.certificates.authority, {"localhost"}, now()).value();
            RawPeer peer(here.one.port(), PeerCredentials{"", door.certificate, door.key});
            CHECK(peer.read_frame() == "(end)");
        }
        WHEN("it shows one that has ended") {
            const auto old =
                issue_node_certificate(here.certificates.authority, here.certificates.name(2),
                                       now() - std::chrono::days{826})
                    .value();
            RawPeer peer(here.one.port(), PeerCredentials{"", old.certificate, old.key});
            CHECK(peer.read_frame() == "(end)");
        }
        WHEN("it does not speak TLS") {
            RawSocket plain(here.one.port());
            plain.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            CHECK(plain.ends());
        }
        CHECK(here.one.diary.empty());
        here.check_served();
    }

    SCENARIO("protocols must agree") {
        Fixture here;
        WHEN("another is offered") {
            CHECK_FALSE(RawPeer(here.one.port(), here.credentials(2), "cmq-test/2").connected());
        }
        WHEN("none is offered") {
            RawPeer peer(here.one.port(), here.credentials(2), "");
            CHECK(peer.read_frame() == "(end)");
        }
        WHEN("it is an HTTPS client") {
            CHECK_FALSE(RawPeer(here.one.port(), here.credentials(2), "http/1.1").connected());
        }
        CHECK(here.one.diary.empty());
        here.check_served();
    }

    SCENARIO("TLS 1.2 is spoken, and nothing older") {
        Fixture here;
        {
            RawPeer peer(here.one.port(), here.credentials(2), protocol, TLS1_2_VERSION);
            CHECK(peer.version() == "TLSv1.2");
            CHECK(peer.read_frame() == "");
            peer.write_frame("echo x");
            CHECK(peer.read_frame() == "x");
        }
        CHECK_FALSE(
            RawPeer(here.one.port(), here.credentials(3), protocol, TLS1_1_VERSION).connected());
    }

    SCENARIO("a link talks to the node that it wants and to no other") {
        Fixture here;
        auto options = Linked::options(here.certificates, 2, here.one.port());
        WHEN("another node is at the address") { options.peer.node = 3; }
        WHEN("another cluster is at the address") { options.peer.cluster[0] = 'f'; }
        Linked two(here.loops, options);
        CHECK(fails_with(two, "somebody else is there: " + here.certificates.name(1).uri()));
        CHECK(here.one.server().counts(here.certificates.name(2), protocol).frames_in == 0);
    }

    SCENARIO("who is a member no more loses its connection") {
        Fixture here;
        Linked two(here.loops, here.certificates, 2, here.one.port());
        Linked three(here.loops, here.certificates, 3, here.one.port());
        CHECK(two.diary.next() == "up");
        CHECK(three.diary.next() == "up");
        here.one.diary.next();
        here.one.diary.next();
        here.one.admitted_below = 3;
        here.one.server().recheck();
        CHECK(here.one.diary.next() == "down 3: not one of us");
        CHECK(three.diary.next() == "down: closed by the peer");
        CHECK(two.link().send(frame("still here")));
        CHECK(here.one.diary.next() == "2: still here");
    }

    SCENARIO("a newer connection of a node ends the older") {
        Fixture here;
        RawPeer first(here.one.port(), here.credentials(2));
        CHECK(first.read_frame() == "");
        CHECK(here.one.diary.next() == "up 2");
        RawPeer second(here.one.port(), here.credentials(2));
        CHECK(second.read_frame() == "");
        CHECK(first.read_frame() == "(end)");
        second.write_frame("echo x");
        CHECK(second.read_frame() == "x");
        RawPeer other(here.one.port(), here.credentials(2), "cmq-other/1");
        CHECK(other.read_frame() == "");
        second.write_frame("echo y");
        CHECK(second.read_frame() == "y");
    }

    SCENARIO("a frame beyond the limit ends the connection") {
        FrameLimits limits;
        limits.frame_bytes = 1'000;
        Fixture here(limits);
        RawPeer peer(here.one.port(), here.credentials(2));
        CHECK(peer.read_frame() == "");
        CHECK(here.one.diary.next() == "up 2");
        peer.write_frame(std::string(1'000, 'x'));
        CHECK(here.one.diary.next() == "2: " + std::string(1'000, 'x'));
        peer.write_frame(std::string(1'001, 'x'));
        CHECK(here.one.diary.next() == "down 2: a frame of 1001 bytes; 1000 is the limit");
        CHECK(peer.read_frame() == "(end)");
    }

    SCENARIO("a peer that does not read costs no more memory than the queue") {
        FrameLimits limits;
        limits.queue_bytes = 1 << 20;
        limits.idle_time = 10min;
        Fixture here(limits);
        RawPeer peer(here.one.port(), here.credentials(2));
        CHECK(here.one.diary.next() == "up 2");
        const auto stream = here.one.stream(2);
        const auto piece = make_blob(std::string(10'000, 'x'));
        // The kernel takes some megabytes on the way.
        std::size_t sent = 0;
        CHECK(eventually([&] {
            if (stream.send({piece})) return ++sent, false;
            return here.one.server().counts(here.certificates.name(2), protocol).bytes_out > 0;
        }));
        const auto written =
            here.one.server().counts(here.certificates.name(2), protocol).bytes_out;
        CHECK(sent * 10'004 - written <= 1 << 20);
        CHECK(stream.send(frame("short"), Room::reserve));
        for (std::size_t at = 0; at <= sent; ++at) {
            auto next = peer.read_frame();
            if (next.empty()) next = peer.read_frame();  // a sign of life
            if (at < sent && next.size() != 10'000) FAIL("lost at " << at);
            if (at == sent) CHECK(next == "short");
        }
        CHECK(eventually([&] { return stream.send({piece}); }));
    }

    SCENARIO("a peer that does not read, or is silent, is given up") {
        FrameLimits limits;
        limits.idle_time = 60ms;
        limits.queue_bytes = 64 << 20;
        Fixture here(limits);
        RawPeer peer(here.one.port(), here.credentials(2));
        CHECK(here.one.diary.next() == "up 2");
        WHEN("it is silent") { CHECK(here.one.diary.next() == "down 2: it is silent"); }
        WHEN("it talks, but does not read") {
            const auto stream = here.one.stream(2);
            const auto piece = make_blob(std::string(1 << 20, 'x'));
            for (int count = 0; count < 40; ++count) stream.send({piece});
            std::jthread talker([&](const std::stop_token& stop) {
                while (!stop.stop_requested()) peer.write_frame("");
            });
            CHECK(here.one.diary.next() == "down 2: it does not read");
        }
    }

    SCENARIO("a link does not wait for ever") {
        Certificates certificates;
        Loops loops{1};
        const RawListener listener;
        auto options = Linked::options(certificates, 2, listener.port());
        options.limits.connect_time = 30ms;
        WHEN("nobody answers its handshake") {
            Linked two(loops, options);
            CHECK(fails_with(two, "timed out in the TLS handshake"));
        }
        WHEN("nobody welcomes it") {
            options.limits.connect_time = 1s;
            Linked two(loops, options);
            RawPeer peer(listener, certificates.credentials(certificates.name(1)));
            CHECK(peer.connected());
            CHECK(fails_with(two, "timed out before it welcomed us"));
        }
        WHEN("something else than a welcome comes") {
            options.limits.connect_time = 30s;  // it must not give up meanwhile
            Linked two(loops, options);
            std::optional<RawPeer> peer;
            CHECK(eventually([&] {
                peer.emplace(listener, certificates.credentials(certificates.name(1)));
                return peer->connected();
            }));
            peer->write_frame("who are you?");
            CHECK(fails_with(two, "it talks before it welcomed us"));
        }
        WHEN("there is no such host") {
            options.address.host = "no.such.host.invalid";
            Linked two(loops, options);
            CHECK(eventually([&] { return two.link().failure() != "no connection yet"; }));
        }
    }

    SCENARIO("strangers cannot take all places") {
        FrameLimits limits;
        limits.strangers_per_address = 3;
        limits.connect_time = 10min;
        Fixture here(limits);
        Linked friendly(here.loops, here.certificates, 2, here.one.port());
        CHECK(friendly.diary.next() == "up");
        CHECK(here.one.diary.next() == "up 2");
        {
            std::vector<RawSocket> strangers;
            for (int count = 0; count < 3; ++count) strangers.emplace_back(here.one.port());
            CHECK(RawSocket(here.one.port()).ends());
            CHECK(friendly.link().send(frame("still here")));
            CHECK(here.one.diary.next() == "2: still here");
            strangers.clear();
            CHECK(eventually(
                [&] { return RawPeer(here.one.port(), here.credentials(3)).read_frame() == ""; }));
        }
    }
}
