// Real processes: three nodes on loopback.

#include <doctest/doctest.h>

#include "tests/support/process.h"

using namespace cmq::support;

TEST_SUITE("cluster") {
    SCENARIO("two nodes join a third, the leader is killed and comes back: nothing is lost") {
        const auto outcome = run({"/bin/bash", "tests/demo/three_nodes.sh", cmq_binary()});
        CHECK_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
        CHECK(outcome.out.find("Done.") != std::string::npos);
    }
}
