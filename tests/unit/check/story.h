// tests/unit/check/story.h: a history in the making, for the tests of the checker.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "check/checker.h"

namespace cmq::check {

using namespace std::chrono_literals;

constexpr std::uint64_t hash_of(Name name) { return 1000 + name.producer * 7 + name.sequence; }

/// A history in the making: what a producer, two consumers and a queue with 5 s leases did.
struct Story {
    Checker checker;
    std::uint64_t answers = 0;

    void start(Name name, Moment at, std::chrono::milliseconds delay = 0ms) {
        checker.add(SendStarted{name, hash_of(name), at, delay});
    }
    void send(Name name, Moment at, std::chrono::milliseconds delay = 0ms) {
        start(name, at, delay);
        checker.add(SendAcknowledged{name, at + 1ms});
    }
    void receive(Name name, std::uint64_t handle, unsigned receives, Span span) {
        checker.add(Received{name, hash_of(name), handle, receives, ++answers, span, 5s});
    }
    void remove(Name name, std::uint64_t handle, Span span) {
        checker.add(DeleteAcknowledged{name, handle, span});
    }
    Verdict end(Checker::Queue queue = Checker::Queue::drained) {
        return checker.verdict(queue, 100s);
    }
};

inline constexpr Name first{0, 0}, second{0, 1};

/// Exactly this violation, once, with one example that names it.
inline void check_only(const Verdict& verdict, Violation violation) {
    for (std::size_t each = 0; each < violations; ++each)
        CHECK_MESSAGE(verdict.counts[each] == (each == static_cast<std::size_t>(violation) ? 1 : 0),
                      name_of(static_cast<Violation>(each)));
    REQUIRE(verdict.examples.size() == 1);
    CHECK(verdict.examples[0].rfind(std::string(name_of(violation)) + ": ", 0) == 0);
    CHECK_FALSE(verdict.good());
}

}  // namespace cmq::check
