#include "net/free_ports.h"

#include <doctest/doctest.h>

#include <set>

#include "net/http_server.h"

namespace {

using namespace cmq;

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("free ports differ from each other and can be listened on") {
        const auto ports = net::free_ports("127.0.0.1", 3);
        REQUIRE(ports);
        CHECK(std::set(ports->begin(), ports->end()).size() == 3);
        net::Loops loops{1};
        for (const auto port : *ports)
            CHECK(net::HttpServer::open(loops, {"127.0.0.1", port, {}, {}},
                                        [](const net::Request&, const net::Answer&) {}));
        CHECK(net::free_ports("::1", 1));
        CHECK(net::free_ports("localhost", 1).error().code == Code::invalid);
    }
}
