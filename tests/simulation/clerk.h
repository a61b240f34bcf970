// tests/simulation/clerk.h: makes queues and removes them, one step after the other, and looks
// whether what was answered is so: the control plane is linearizable.
#pragma once

#include <optional>
#include <string>

#include "tests/simulation/shop.h"

namespace cmq::simulation {

class Clerk {
public:
    Clerk(std::string name, Counter& counter)
        : counter_(counter), base_(std::move(name)), name_(base_) {}

    void act();  // does nothing while it waits for an answer
    const std::optional<std::string>& problem() const { return problem_; }

private:
    enum class Queue { absent, present, unknown };

    void create();
    void describe();
    void remove();
    void expect(bool good, const char* what);

    Counter& counter_;
    std::string base_, name_;
    std::uint64_t made_ = 1;
    Queue queue_ = Queue::absent;
    unsigned looks_ = 0;  // at the queue as it is
    bool waiting_ = false;
    std::optional<std::string> problem_;
};

}  // namespace cmq::simulation
