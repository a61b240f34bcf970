// The wire contract seen from outside, in the words of each shipped SDK (sdk.py), against the real
// binary.

#include <doctest/doctest.h>

#include "tests/support/broker.h"
#include "tests/support/process.h"

using namespace cmq::support;

namespace {

Outcome run_python(const Broker& broker, const std::string& script,
                   const std::vector<std::string>& more = {}) {
    const auto& environment = broker.environment();
    const auto key = run({"/bin/cat", environment.at("CMQ_SECRET_KEY_FILE")}).out;
    const auto address = broker.http().substr(std::string("http://").size());
    std::vector<std::string> words{"/usr/bin/python3", script, address,
                                   environment.at("CMQ_SECRET_ID"), key.substr(0, key.find('\n'))};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
}

}  // namespace

TEST_SUITE("api") {
    SCENARIO("each SDK's way to word a request is understood") {
        const Broker broker;
        const auto outcome = run_python(broker, "tests/api/sdk.py");
        CHECK_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
        CHECK(outcome.out.find("ok    delete queue") != std::string::npos);
    }

    SCENARIO("2,000 polls wait on one queue, and one on each of 2,000 queues") {
        const Broker broker;
        const auto outcome =
            run_python(broker, "tests/api/parked.py", {std::to_string(broker.id()), "2000"});
        CHECK_MESSAGE(outcome.status == 0, outcome.out << outcome.err);
    }
}
