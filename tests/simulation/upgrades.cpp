// Two releases in one cluster: nodes are upgraded one after the other, and put back too early.

#include <doctest/doctest.h>

#include "tests/simulation/cluster.h"
#include "tests/simulation/settings.h"
#include "tests/simulation/story.h"

using namespace cmq;
using namespace cmq::simulation;
using namespace std::chrono_literals;

namespace {

constexpr broker::FormatVersion old_release{1}, next_release{2};

struct Fleet : Cluster {
    explicit Fleet(std::uint64_t seed, Options options) : Cluster(seed, options) {}

    broker::FormatVersion in_force() {
        const auto* leads = leading();
        return leads ? leads->figures().format : broker::FormatVersion{};
    }
    void put(std::size_t number, broker::FormatVersion release) {
        kill(number);
        install(number, release);
        start(number);
    }
    bool rises() {
        return live_until(60s, [this] { return in_force() == next_release; });
    }
    void upgrade_all() {
        for (std::size_t number = 1; number <= count(); ++number) put(number, next_release);
    }
};

/// Three nodes of the old release with some messages in them, without troubles of their own.
struct Tale : Fleet {
    explicit Tale(bool forgets = false)
        : Fleet(1, {.troubles = false, .forgets = forgets, .newest = old_release}) {
        REQUIRE(grow());
        live(3s);
    }
    std::uint64_t sent() { return customers().counts().sent; }
    void good() {
        const auto problem = finish();
        CHECK_MESSAGE(!problem, problem.value_or(""));
        CHECK(in_force() == next_release);
    }
};

/// Releases come and go at random while everything else happens, too; in the end all have the next
/// one. What is wrong, or nothing.
std::optional<std::string> come_and_go(std::uint64_t seed, shard::Planted planted) {
    Fleet fleet(seed, {.planted = {.shard = planted}, .newest = old_release});
    if (!fleet.grow()) return fleet.problem();
    std::mt19937_64 chance(seed);
    fleet.trouble(true);
    for (int change = 0; change < 20 && !fleet.problem(); ++change) {
        fleet.live(std::chrono::milliseconds{500 + chance() % 6'000});
        const bool back = chance() % 4 == 0;
        fleet.put(1 + chance() % fleet.count(), back ? old_release : next_release);
        fleet.new_nodes_know(chance() % 2 == 0 ? old_release : next_release);
    }
    fleet.new_nodes_know(next_release);
    fleet.upgrade_all();
    auto problem = fleet.finish();
    if (!problem && !fleet.rises()) problem = "the version does not rise although all know it";
    return problem;
}

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("nodes are upgraded one after the other, and the last one raises the version") {
        Tale tale;
        for (const std::size_t number : {1, 2, 3}) {
            CHECK(tale.in_force() == old_release);
            const auto before = tale.sent();
            tale.put(number, next_release);
            tale.live(5s);
            CHECK(tale.sent() > before);
        }
        CHECK(tale.rises());
        tale.good();
    }

    SCENARIO("a node that is away holds the version back until it is upgraded") {
        Tale tale;
        const std::size_t away = tale.leader_number() == 3 ? 2 : 3;
        tale.kill(away);
        for (std::size_t number = 1; number <= 3; ++number)
            if (number != away) tale.put(number, next_release);
        tale.live(20s);
        CHECK(tale.in_force() == old_release);
        tale.start(away);
        tale.live(5s);
        CHECK(tale.is_up(away));
        CHECK(tale.in_force() == old_release);
        tale.put(away, next_release);
        CHECK(tale.rises());
        tale.good();
    }

    SCENARIO("a node is put back before the version rose: it goes on, and holds it back") {
        Tale tale;
        tale.put(1, next_release);
        tale.put(2, next_release);
        tale.live(3s);
        tale.put(1, old_release);
        tale.live(3s);
        tale.put(3, next_release);
        tale.live(10s);
        CHECK(tale.is_up(1));
        CHECK(tale.in_force() == old_release);
        tale.put(1, next_release);
        CHECK(tale.rises());
        tale.good();
    }

    SCENARIO("a node is put back after the version rose: it stops, and goes on once upgraded") {
        for (const bool forgets : {false, true}) {  // the other time it gets a whole state
            CAPTURE(forgets);
            Tale tale(forgets);
            tale.upgrade_all();
            REQUIRE(tale.rises());
            const std::size_t back = tale.leader_number() == 1 ? 2 : 1;
            tale.live(5s);
            tale.kill(back);
            if (forgets) tale.live(20s);
            tale.install(back, old_release);
            tale.start(back);
            const auto before = tale.sent();
            CHECK(tale.live_until(20s, [&] { return tale.is_too_old(back); }));
            tale.live(2s);
            CHECK(tale.sent() > before);
            tale.put(back, next_release);
            tale.good();
        }
    }

    SCENARIO("an old program on the disk of a newer one stops, and has damaged nothing") {
        support::Disk disk(1);
        VirtualClock clock;
        auto settings = small_settings();
        settings.send = [](const raft::Message&, const shard::JournalNote&) {};
        const auto run = [&](broker::FormatVersion release) {
            settings.core.newest_format = release;
            Machine machine(disk, clock, settings, 1);
            const bool started = machine.start();
            if (!started) CHECK(machine.failure().code == Code::exists);
            disk.kill();
            return started ? machine.figures().format : broker::FormatVersion{};
        };
        CHECK(run(old_release) == old_release);
        CHECK(run(next_release) == next_release);
        CHECK(run(old_release) == broker::FormatVersion{});
        CHECK(run(next_release) == next_release);
    }

    SCENARIO("releases come and go in a cluster in all its troubles") {
        for_seeds(8, [](std::uint64_t seed) {
            const auto problem = come_and_go(seed, shard::Planted::none);
            CHECK_MESSAGE(!problem, "SEED=" << seed << ": " << problem.value_or(""));
        });
    }

    SCENARIO("a leader that writes its newest version without asking is missed (planted)") {
        std::uint64_t seed = 1;
        auto problem = come_and_go(seed, shard::Planted::newest_at_once);
        while (!problem && seed < 10) problem = come_and_go(++seed, shard::Planted::newest_at_once);
        CHECK(problem);
        MESSAGE("seed " << seed << ": " << problem.value_or("not caught"));
    }
}
