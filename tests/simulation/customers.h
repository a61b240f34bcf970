// tests/simulation/customers.h: the clients of a simulated cluster: four queues, each with its
// checker, and a clerk who makes and removes queues.
#pragma once

#include <deque>

#include "tests/simulation/clerk.h"
#include "tests/simulation/shop.h"

namespace cmq::simulation {

class Customers final : public Counter {
public:
    /// Puts a request to a node. The continuation may be forgotten: then no answer comes.
    using Ask = std::function<void(shard::Request, shard::Continuation)>;
    Customers(std::uint64_t seed, const VirtualClock& clock, Coverage& coverage, Ask ask);

    void act();                       // somebody does something
    void give_up();                   // on calls that are too old
    void forget();                    // on all: nobody waits that long
    void spare() { spares_ = true; }  // what is there: nothing is purged from here on
    bool drain();                     // True: every queue is empty
    std::optional<std::string> verdict(bool drained) const;

    bool is_open() const;

    struct Counts {
        std::uint64_t answered = 0, lost = 0, sent = 0, received = 0, deleted = 0;
        std::uint64_t sent_after_purges = 0;
    };
    Counts counts() const;
    std::uint64_t hash() const { return hash_; }  // of everything that was answered

    void call(Operation operation, shard::Request request, shard::Continuation answered,
              std::function<void()> lost) override;
    Moment now() const override;
    Stamp wall() const override { return clock_.now; }

private:
    struct Call {
        Steady until;
        bool over = false;
        std::function<void()> lost;
    };
    void act_in(Shop& shop);
    void end(Call& call);
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    std::mt19937_64 chance_;
    const VirtualClock& clock_;
    Steady began_;
    Coverage& coverage_;
    Ask ask_;
    std::deque<std::shared_ptr<Call>> calls_;  // oldest first
    std::deque<Shop> shops_;
    std::deque<Clerk> clerks_;
    bool spares_ = false;
    Counts counts_;
    std::uint64_t hash_ = 0;
};

}  // namespace cmq::simulation
