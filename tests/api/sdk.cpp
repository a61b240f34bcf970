// The wire contract seen from outside, in the words of each shipped SDK (sdk.py), against the real
// binary.

#include <doctest/doctest.h>

#include "tests/support/broker.h"
#include "tests/support/process.h"

using namespace cmq::support;

TEST_SUITE("api") {
    SCENARIO("each SDK's way to word a request is understood") {
        const Broker broker;
        const auto& environment = broker.environment();
        const auto key = run({"/bin/cat", environment.at("CMQ_SECRET_KEY_FILE")}).out;
        const auto address = broker.http().substr(std::string("http://").size());
        const auto outcome = run({"/usr/bin/python3", "tests/api/sdk.py", address,
                                  environment.at("CMQ_SECRET_ID"), key.substr(0, key.find('\n'))});
        CHECK_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
        CHECK(outcome.out.find("ok    delete queue") != std::string::npos);
    }
}
