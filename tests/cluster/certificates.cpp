// Real processes whose certificates end soon.

#include <doctest/doctest.h>

#include <thread>

#include "base/clock.h"
#include "client/connection.h"
#include "net/peer_tls.h"
#include "net/tls.h"
#include "tests/chaos/nodes.h"

using namespace cmq::support;
using cmq::chaos::Nodes;
using cmq::chaos::Number;
using std::chrono::days;
using namespace std::chrono_literals;

namespace {

cmq::Stamp now() { return cmq::SystemClock().wall(); }

/// Until a certificate of the node ends, as its metrics say.
days days_left(const Nodes& nodes, Number node, const std::string& certificate) {
    const auto options = nodes.broker({node});
    auto endpoint = cmq::client::parse_endpoint(options.endpoints);
    REQUIRE(endpoint);
    auto connection =
        cmq::client::Connection::open(*std::move(endpoint), {.ca_file = options.ca_file});
    REQUIRE(connection);
    const auto page = connection->get("/metrics", 60s);
    REQUIRE(page);
    const auto name = "cmq_certificate_expires_seconds{certificate=\"" + certificate + "\"} ";
    const auto at = page->body.find(name);
    REQUIRE_MESSAGE(at != std::string::npos, page->body);
    const auto seconds = std::stod(page->body.substr(at + name.size()));
    return days{static_cast<int>(seconds / 86'400)};
}

/// Gives a node that joined a certificate that it could have had since `ago`.
void age_certificate(const Nodes& nodes, Number node, days ago) {
    const auto folder = nodes.data(node) / "identity";
    const cmq::net::Identity authority{read_file(folder / "ca.pem"),
                                       read_file(folder / "ca_key.pem")};
    const auto key = read_file(folder / "node_key.pem");
    const auto present =
        cmq::net::PeerTls::make({authority.certificate, read_file(folder / "node.pem"), key});
    REQUIRE(present);
    const auto aged = cmq::net::sign_request(authority, *cmq::net::make_request(key),
                                             (*present)->name(), now() - ago);
    REQUIRE(aged);
    std::ofstream(folder / "node.pem.aged", std::ios::binary) << *aged;
    std::filesystem::rename(folder / "node.pem.aged", folder / "node.pem");
}

void await_days_left(const Nodes& nodes, Number node, days least, days most) {
    for (int rounds = 0; rounds < 1'200; ++rounds, std::this_thread::sleep_for(50ms))
        if (const auto left = days_left(nodes, node, "node"); left >= least && left <= most) return;
    FAIL("not between " << least.count() << " and " << most.count()
                        << " days: " << days_left(nodes, node, "node").count());
}

}  // namespace

TEST_SUITE("cluster") {
    SCENARIO("a node renews its certificate before it ends, at a start and on SIGHUP") {
        Nodes nodes(std::vector<cmq::chaos::Place>(2));
        CHECK(days_left(nodes, 0, "node") >= days{820});  // the founder's
        CHECK(days_left(nodes, 0, "door") >= days{820});

        nodes.stop(1);
        age_certificate(nodes, 1, days{800});
        nodes.start(1);
        nodes.await_in_sync();
        CHECK(days_left(nodes, 1, "node") >= days{820});

        age_certificate(nodes, 1, days{100});
        nodes.hang_up(1);
        await_days_left(nodes, 1, days{720}, days{726});  // long enough: taken as it is
        age_certificate(nodes, 1, days{800});
        nodes.hang_up(1);
        await_days_left(nodes, 1, days{820}, days{826});
        const auto file = read_file(nodes.data(1) / "identity/node.pem");
        CHECK(cmq::net::validity(file)->until > now() + days{820});

        nodes.stop(0);  // connections are made anew
        nodes.start(0);
        nodes.await_in_sync();
    }
}
