// Nodes that are cut off from each other, in networks of their own; their clients reach all of
// them.

#include <doctest/doctest.h>

#include <thread>

#include "tests/chaos/network.h"
#include "tests/chaos/story.h"

using namespace cmq::chaos;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

enum class Cut { alone, deaf, mute, apart, one_way };
constexpr std::size_t cuts = 5;
constexpr const char* names[cuts] = {"one node alone", "one node hears nobody",
                                     "nobody hears one node", "two nodes apart",
                                     "one node does not hear one other"};

/// Directions in which everything is lost.
std::vector<std::pair<Number, Number>> losses(Cut cut, Number node, Number one, Number other) {
    switch (cut) {
        case Cut::alone:
            return {{node, one}, {node, other}, {one, node}, {other, node}};
        case Cut::deaf:
            return {{one, node}, {other, node}};
        case Cut::mute:
            return {{node, one}, {node, other}};
        case Cut::apart:
            return {{node, one}, {one, node}};
        case Cut::one_way:
            return {{one, node}};
    }
    return {};
}

/// Half of them around the leader: nothing much happens to the others.
void cut_off(Story& story, Network& network, unsigned times) {
    std::array<unsigned, cuts> done{};
    Figures cut_gaps("cut until the next acknowledged send"), healed("healed until all in sync");
    for (unsigned time = 0; time < times; ++time) {
        story.nodes.await_in_sync();
        const auto node = story.chance.one_in(2) ? story.nodes.await_leader() : story.any_node();
        const auto one = story.nodes.other(node, 1 + story.chance.below(2));
        const auto other = 3 - node - one;
        const auto cut = (time + story.chance.seed()) % cuts;
        const auto begin = Clock::now();
        for (const auto& [from, to] : losses(static_cast<Cut>(cut), node, one, other))
            REQUIRE(network.lose(from, to));
        ++done[cut];
        INFO(names[cut], ", node ", node);
        cut_gaps.add(story.pulse.next_after(begin));
        story.rest(200ms, 2'500ms);
        REQUIRE(network.heal());
        const auto end = Clock::now();
        story.nodes.await_in_sync();
        healed.add(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - end));
        CHECK(story.pulse.next_after(Clock::now()) < 10s);
    }
    for (std::size_t cut = 0; cut < cuts; ++cut)
        say(std::string(names[cut]) + ": " + std::to_string(done[cut]) + " times");
    say(cut_gaps.text());
    say(healed.text());
}

}  // namespace

TEST_SUITE("chaos") {
    SCENARIO("nodes are cut off from each other, both ways and one way") {
        auto network = Network::make(3);
        if (!network) return say("partitions SKIPPED: " + network.error().message);
        Story story("partitions", network->places());
        cut_off(story, *network, amount(50, 2));
        story.end();
    }
}
