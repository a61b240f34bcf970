// A bit of any file of a broker is turned while it is down.

#include <doctest/doctest.h>

#include <map>

#include "tests/simulation/story.h"

using namespace cmq;
using namespace cmq::simulation;
using support::Disk;

namespace {

enum class Seen { nothing, refused_to_start, stopped, damaged_body, silent };

struct Found {
    Seen seen = Seen::nothing;
    std::string what;
};

/// A broker that has worked for a while and was killed.
struct Remains {
    Remains() {
        Disk::seed_sqlite(29);
        Machine machine(disk, clock, settings, 5);
        REQUIRE(machine.start());
        clients.create_queue(machine);
        for (unsigned done = 0; done < 300; ++done) {
            clients.act(machine);
            for (unsigned step = 0; step < 3; ++step) machine.step();
        }
        disk.kill();
    }

    Found after_flip(const store::Files::Path& path, std::uint64_t byte) const {
        const auto copy = disk.copy();
        copy->flip_bit(path, byte, static_cast<unsigned>(byte % 8));
        auto later = clock;
        auto promises = clients.promises;
        Machine machine(*copy, later, settings, byte);
        if (!machine.start()) return {Seen::refused_to_start, machine.failure().message};
        const auto problem = promises.drain(machine, later, orders);
        if (machine.failed()) return {Seen::stopped, machine.failure().message};
        if (!problem) return {};
        const bool told = problem->starts_with("a body that was acknowledged cannot be read");
        return {told ? Seen::damaged_body : Seen::silent, *problem};
    }

    Disk disk;
    VirtualClock clock;
    Machine::Settings settings = small_settings();
    Clients clients{3, clock};
};

/// Which kind of file: "seg-wal", "body", "db" and so on.
std::string kind_of(const store::Files::Path& path) {
    const auto extension = path.extension().string();
    return extension.empty() ? path.filename().string() : extension.substr(1);
}

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("a turned bit in any file is reported or does no harm, never a wrong answer") {
        const Remains remains;
        auto& disk = const_cast<Disk&>(remains.disk);
        std::map<std::string, std::map<Seen, unsigned>> kinds;
        for (const auto& path : disk.paths()) {
            const auto size = disk.size_of(path);
            const auto stride = size / 40 + 13;
            for (std::uint64_t byte = stride % 29; byte < size; byte += stride) {
                const auto found = remains.after_flip(path, byte);
                ++kinds[kind_of(path)][found.seen];
                CHECK_MESSAGE(found.seen != Seen::silent,
                              path.string() << " byte " << byte << ": " << found.what);
            }
        }
        for (const auto& [kind, seen] : kinds) {
            std::string line = kind + ":";
            const auto count = [&](Seen which) {
                const auto at = seen.find(which);
                return std::to_string(at == seen.end() ? 0 : at->second);
            };
            line += " harmless " + count(Seen::nothing) + ", refused " +
                    count(Seen::refused_to_start) + ", stopped " + count(Seen::stopped) +
                    ", told the client " + count(Seen::damaged_body);
            MESSAGE(line);
        }
        CHECK(kinds["seg-wal"][Seen::refused_to_start] > 0);
    }
}
