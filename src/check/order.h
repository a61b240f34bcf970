// check/order.h: were the messages of one producer first delivered in the order of their numbers?
//
// Only what is certain counts: message s came too late when one with a higher number was already
// in a consumer's hands before the request that brought s was even asked.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "check/history.h"

namespace cmq::check {

class Order {
public:
    /// The first delivery of `sequence`. Gives the highest number that was certainly delivered
    /// before it, when that is higher: then this one came too late.
    std::optional<std::uint64_t> delivered(std::uint64_t sequence, std::uint64_t answer, Span span);

private:
    struct High {
        std::uint32_t by;  // ms: every delivery that it counts was over by then
        std::uint64_t sequence;
    };
    void remember(std::uint64_t sequence, Moment answered);
    std::uint64_t highest_before(Moment asked) const;  // 0: none

    // The highest number seen so far, by time; both rise. Old ones go: a request older than
    // 32,768 different milliseconds of progress is judged leniently.
    static constexpr std::size_t highs_max = 32'768;
    std::deque<High> highs_;
    std::uint64_t answer_ = 0;  // the latest answer, and the highest number in it so far
    std::uint64_t in_answer_ = 0;
};

/// Moments at which the queue was certainly empty, or so it said.
class Empties {
public:
    void add(Span certain);  // empty at some moment of `certain`
    /// Did it say "no message" somewhere wholly within [`from`, `to`]?
    bool any_within(std::uint32_t from, std::uint32_t to) const;

private:
    struct Claim {
        std::uint32_t from, to;  // ms, rounded towards the longer span
    };
    // Sorted by `to`; `from` is the highest of it and all before, which is all that is asked.
    static constexpr std::size_t claims_max = 65'536;
    std::deque<Claim> claims_;
};

}  // namespace cmq::check
