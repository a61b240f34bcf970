// tests/simulation/story.h: clients of a simulated machine, and what they were promised.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/machine.h"

namespace cmq::simulation {

/// What became of a message, as far as its clients know.
enum class Fate { asked, acknowledged, refused };

/// Random clients on a machine that is killed and loses power at random calls of its disk. After
/// each restart and at the end everything acknowledged must be there. Same seed, same story.
class Story {
public:
    struct Faults {
        bool power_cuts = true;  // what was not synced is lost, whole, in part or torn
        bool kills = true;       // it is not
        bool io_errors = false;  // a call fails, and then the process ends
    };
    Story(std::uint64_t seed, Faults faults, log::Planted planted = {});

    /// What is wrong, or nothing.
    std::optional<std::string> run(unsigned lives, unsigned steps);

    struct Counts {
        std::uint64_t sent = 0, received = 0, deleted = 0, crashes = 0, flushes = 0, in_doubt = 0;
    };
    const Counts& counts() const { return counts_; }
    std::uint64_t hash() const { return hash_; }  // of everything that happened

private:
    struct Lease {
        std::string body;
        std::uint64_t handle;
    };

    void live(unsigned steps);
    void act();
    void send();
    void receive();
    void remove();
    void crash();
    bool restart();
    bool drain();
    void on_received(const broker::Answer& answer);
    void wrong(std::string what);
    void note(std::string_view what);
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    std::mt19937_64 chance_;
    Faults faults_;
    support::Disk disk_;
    VirtualClock clock_;
    Machine::Settings settings_;
    std::unique_ptr<Machine> machine_;
    std::map<std::string, Fate> sent_;
    std::set<std::string> deleted_;        // acknowledged
    std::set<std::string> maybe_deleted_;  // asked
    std::set<std::string> seen_;           // received after the last restart
    std::vector<Lease> leases_;
    std::uint64_t bodies_ = 0;
    bool draining_ = false;
    std::optional<std::string> problem_;
    Counts counts_;
    std::uint64_t hash_ = 0;
};

}  // namespace cmq::simulation
