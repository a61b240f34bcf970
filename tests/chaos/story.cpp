#include "tests/chaos/story.h"

#include <doctest/doctest.h>

namespace cmq::chaos {

Story::Story(const std::string& name, std::vector<Place> places, const std::vector<Number>& clients)
    : chance(name),
      nodes(std::move(places)),
      load(nodes.broker(clients), chance),
      pulse(nodes.broker(clients)),
      name_(name) {}

void Story::rest(std::chrono::milliseconds low, std::chrono::milliseconds high) {
    std::this_thread::sleep_for(chance.between(low, high));
}

client::LoadReport Story::end() {
    nodes.await_in_sync();
    load.stop();
    const auto verdict = pulse.finish();
    const auto report = load.finish();
    say(name_ + ": load: " + text_of(report));
    say(name_ + ": pulse: " + text_of(verdict));
    for (const auto* each : {&verdict, &*report.verdict}) {
        CHECK_MESSAGE(each->good(), "SEED=" << chance.seed() << ": " << text_of(*each));
        CHECK(each->duplicates_unexplained() == 0);
    }
    CHECK(report.sent > 0);
    nodes.await_in_sync();
    for (Number node = 0; node < nodes.count(); ++node) nodes.stop(node);
    for (Number node = 0; node < nodes.count(); ++node) {
        const auto verified =
            support::run({support::cmq_binary(), "verify", nodes.data(node).string()});
        CHECK_MESSAGE(verified.status == 0, verified.out << verified.err);
    }
    return report;
}

}  // namespace cmq::chaos
