// tests/simulation/clients.h: random clients of a simulated machine.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/simulation/promises.h"

namespace cmq::simulation {

inline const std::string orders = "orders";  // the queue that clients use

/// Send, receive and delete as the seed wants, and remember what they were promised.
class Clients {
public:
    Clients(std::uint64_t seed, VirtualClock& clock) : chance_(seed), clock_(clock) {}

    void create_queue(Machine& machine);
    void act(Machine& machine);
    void forget_leases() { leases_.clear(); }

    Promises promises;

    struct Counts {
        std::uint64_t sent = 0, received = 0, deleted = 0;
    };
    const Counts& counts() const { return counts_; }
    std::uint64_t hash() const { return hash_; }  // of everything that was answered

private:
    void send(Machine& machine);
    void receive(Machine& machine);
    void remove(Machine& machine);
    void note(std::string_view what);
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    std::mt19937_64 chance_;
    VirtualClock& clock_;
    std::vector<Promises::Lease> leases_;
    std::uint64_t bodies_ = 0;
    Counts counts_;
    std::uint64_t hash_ = 0;
};

}  // namespace cmq::simulation
