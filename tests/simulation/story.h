// tests/simulation/story.h: a machine and its clients, with faults.
#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>

#include "tests/simulation/clients.h"

namespace cmq::simulation {

/// Small files and short intervals, so that a short story meets all of a machine's work.
Machine::Settings small_settings(log::Planted planted = {});

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

    const Clients& clients() const { return clients_; }
    std::uint64_t crashes() const { return crashes_; }
    std::uint64_t flushes() const { return flushes_; }

private:
    void live(unsigned steps);
    void crash();
    void judge_end();
    bool restart();
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    std::mt19937_64 chance_;
    Faults faults_;
    support::Disk disk_;
    VirtualClock clock_;
    Machine::Settings settings_;
    Clients clients_;
    std::unique_ptr<Machine> machine_;
    std::uint64_t crashes_ = 0, flushes_ = 0;
};

}  // namespace cmq::simulation
