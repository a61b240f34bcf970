// check/verdict.h: what the checker found.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cmq::check {

/// What a broker must not do. One delivery counts at most once.
enum class Violation {
    lost,          // acknowledged, never received, not expired
    vanished,      // received, never deleted, and gone from the drained queue
    unreturned,    // deleted, rewound, and gone from the drained queue
    invented,      // received, though never sent, or refused when it was sent
    damaged,       // received with another body
    undeleted,     // received after its delete was acknowledged, without a rewind so far back
    stale_delete,  // a delete with an old handle was acknowledged under a newer lease
    overlap,       // two leases of one message at one time
    miscounted,    // the count of receives did not rise
    early,         // received before its delay was over, or before it was sent
    overlooked,    // "no message" was answered while one was ready
    out_of_order,  // the first delivery of a message came after that of a later one
};
inline constexpr std::size_t violations = 12;

std::string_view name_of(Violation violation);  // "out_of_order"

struct Verdict {
    std::uint64_t sent = 0;  // sends started, retries not counted
    std::uint64_t acknowledged = 0;
    std::uint64_t refused = 0;
    std::uint64_t unknown = 0;            // no answer
    std::uint64_t unknown_appeared = 0;   // of these, received later
    std::uint64_t received = 0;           // deliveries, duplicates included
    std::uint64_t deleted = 0;            // messages with an acknowledged delete
    std::uint64_t deletes_refused = 0;    // the lease was over, or a rewind came between
    std::uint64_t expired = 0;            // acknowledged, never received, older than the retention
    std::uint64_t sent_after_purges = 0;  // acknowledged: no purge excuses that they are not there

    /// Deliveries after the first of the same message; explained or not.
    std::uint64_t duplicates = 0;
    struct Explained {
        std::uint64_t lapsed_lease = 0;
        std::uint64_t lost_answer = 0;  // of a send (two copies) or of a delete
        std::uint64_t rewind = 0;
    } explained;
    std::uint64_t duplicates_unexplained() const {
        return duplicates - explained.lapsed_lease - explained.lost_answer - explained.rewind;
    }

    std::array<std::uint64_t, violations> counts{};  // by Violation
    std::uint64_t count(Violation violation) const {
        return counts[static_cast<std::size_t>(violation)];
    }
    std::vector<std::uint64_t> out_of_order_by_producer;

    std::vector<std::string> examples;  // sentences, the first few of each violation

    bool good() const;  // no violation
};

}  // namespace cmq::check
