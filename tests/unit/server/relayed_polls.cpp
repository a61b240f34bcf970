// A receive that waits at another node, whose client goes away: a follower with its door, and a
// leader that answers as the test says.

#include <doctest/doctest.h>

#include <future>
#include <optional>

#include "client/client.h"
#include "cluster/relay.h"
#include "server/http_api.h"
#include "tests/support/disk.h"
#include "tests/unit/cluster/nodes.h"

using namespace cmq;
using namespace cmq::cluster;
using namespace std::chrono_literals;

namespace {

/// Node 2. Lines: "asked", "gone", "gets back a1,a2" with the handles.
class Leader {
public:
    Leader(net::Loops& loops, const net::Certificates& certificates) {
        Links::Options options;
        options.self = node(2);
        options.cluster = certificates.cluster;
        options.credentials = certificates.credentials(certificates.name(2));
        Links::Handlers handlers;
        handlers.admit = [](raft::NodeId) { return true; };
        handlers.on_call = [this](raft::NodeId, const std::string& call, const Reply& reply) {
            serve(call, reply);
        };
        auto opened = Links::open(loops, std::move(options), std::move(handlers));
        REQUIRE(opened);
        links_ = *std::move(opened);
    }

    Diary diary;
    net::PeerAddress address() const { return {"127.0.0.1", links_->port()}; }

    /// True: it went out, so that it is not for the leader to take the message back.
    bool give(std::uint64_t handle) const {
        const shard::GiveBack given{broker::Namespace{1}, "orders", {handle}};
        return poll_->send(cluster::encode(
            Relayed{false, {200, "application/json", "{}", false}, cluster::encode(given)}));
    }

private:
    void serve(const std::string& call, const Reply& reply) {
        if (call == "hold") return void(reply.send(std::string()));
        if (const auto back = given_back(call)) {
            const auto given = decode_given(*back);
            for (const auto handle : given->handles)
                diary.write("gets back " + std::to_string(handle));
            return void(reply.send(std::string()));
        }
        reply.on_gone([this] { diary.write("gone"); });
        poll_ = reply;
        diary.write("asked");
    }

    std::optional<Reply> poll_;
    std::unique_ptr<Links> links_;
};

shard::Options shard_options() {
    shard::Options options;
    options.directory = "data";
    options.founder = false;
    options.core.secret = std::string(32, 's');
    options.fatal = [](const Error& error) { FAIL(error.message); };
    options.send = [](const raft::Message&, const shard::JournalNote&) {};  // all are in sync
    return options;
}

/// Node 1, that relays, with a client whose receive waits at the leader.
class Follower {
public:
    Follower(net::Loops& loops, const net::Certificates& certificates, const Leader& leader)
        : links_(loops, certificates, 1) {
        credentials_.add({"AKIDTEST", "key", {1}, true, true, {}});
        auto opened = shard::Shard::open(shard_options(), disk_, clock_);
        REQUIRE(opened);
        shard_ = *std::move(opened);
        server::HttpApiOptions options;
        options.links = &links_.links();
        api_.emplace(options, clock_, credentials_, *shard_, figures_);
        auto door =
            net::HttpServer::open(doors_, {}, [this](net::Request request, net::Answer answer) {
                api_->on_request(std::move(request), std::move(answer));
            });
        REQUIRE(door);
        door_ = *std::move(door);
        links_.links().set_peers({{node(2), leader.address()}});
        CHECK(links_.diary.next() == "2 here");
        CHECK(eventually([&] { return follows(); }));
    }
    ~Follower() {
        doors_.stop();
        shard_->stop();
    }

    void receive() {
        const auto address = "http://127.0.0.1:" + std::to_string(door_->port());
        auto client = client::Client::open({.endpoints = address, .signer = {"AKIDTEST", "key"}});
        REQUIRE(client);
        client_.emplace(*std::move(client));
        received_ = std::async(std::launch::async, [this] {
            return client_->receive("orders", {.count = 1, .wait = 30s}).has_value();
        });
    }
    /// The door knows it when this returns.
    void hang_up() {
        client_->cancel();
        CHECK_FALSE(received_.get());
        client_.reset();
        CHECK(eventually([&] { return door_->counts().connections == 0; }));
    }
    /// No answer of the leader is heard until `go`; none is when this returns.
    void hold_answers(const std::shared_future<void>& go) {
        std::promise<void> held;
        links_.links().call(node(2), Stream::calls, "hold", clock_.steady() + 10min,
                            [go, &held](const Result<std::string>&) {
                                held.set_value();
                                go.wait();
                            });
        held.get_future().wait();
    }

private:
    bool follows() {
        shard_->receive({node(2), node(1), raft::Term{1}, raft::Append{}}, clock_.wall(), {});
        return shard_->leader() == node(2) &&
               links_.links().figures().at(node(2))[1].counts.connected;
    }

    const SystemClock clock_;
    support::Disk disk_;
    auth::Credentials credentials_;
    metrics::Registry registry_;
    server::ApiFigures figures_{registry_};
    net::Loops doors_{1};
    std::unique_ptr<shard::Shard> shard_;
    std::optional<server::HttpApi> api_;
    Node links_;
    std::unique_ptr<net::HttpServer> door_;
    std::optional<client::Client> client_;
    std::future<bool> received_;
};

struct Cluster {
    net::Certificates certificates;
    net::Loops loops{2};
    Leader leader{loops, certificates};
    Follower follower{loops, certificates, leader};
};

}  // namespace

TEST_SUITE("unit/server") {
    SCENARIO("the client of a relayed receive goes away") {
        Cluster here;
        here.follower.receive();
        CHECK(here.leader.diary.next() == "asked");
        WHEN("nothing has come for it") {
            here.follower.hang_up();
            CHECK(here.leader.diary.next() == "gone");
            CHECK_FALSE(here.leader.give(7));  // the leader keeps it
        }
        WHEN("a message is on its way to the node that it asked") {
            std::promise<void> go;
            here.follower.hold_answers(go.get_future().share());
            CHECK(here.leader.give(7));
            here.follower.hang_up();
            go.set_value();
            CHECK(here.leader.diary.next() == "gets back 7");
        }
    }
}
