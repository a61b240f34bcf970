#include "check/order.h"

#include <algorithm>

#include "check/records.h"

namespace cmq::check {

std::optional<std::uint64_t> Order::delivered(std::uint64_t sequence, std::uint64_t answer,
                                              Span span) {
    const bool same_answer = answer == answer_;
    const auto before = std::max(highest_before(span.asked), same_answer ? in_answer_ : 0);
    in_answer_ = same_answer ? std::max(in_answer_, sequence) : sequence;
    answer_ = answer;
    remember(sequence, span.answered);
    if (before > sequence) return before;
    return {};
}

void Order::remember(std::uint64_t sequence, Moment answered) {
    if (!highs_.empty() && highs_.back().sequence >= sequence) return;
    const auto by = ms_above(answered);
    if (!highs_.empty() && highs_.back().by >= by) {
        highs_.back().sequence = sequence;
        return;
    }
    highs_.push_back({by, sequence});
    if (highs_.size() > highs_max) highs_.pop_front();
}

std::uint64_t Order::highest_before(Moment asked) const {
    const auto after =
        std::upper_bound(highs_.begin(), highs_.end(), whole_ms(asked),
                         [](std::uint32_t moment, const High& high) { return moment < high.by; });
    return after == highs_.begin() ? 0 : std::prev(after)->sequence;
}

void Empties::add(Span certain) {
    Claim claim{whole_ms(certain.asked), ms_above(certain.answered)};
    // Answers arrive nearly in order; one that comes late is dated later, which accuses nobody.
    if (!claims_.empty()) {
        if (claim.from <= claims_.back().from) return;
        claim.to = std::max(claim.to, claims_.back().to);
    }
    claims_.push_back(claim);
    if (claims_.size() > claims_max) claims_.pop_front();
}

bool Empties::any_within(std::uint32_t from, std::uint32_t to) const {
    if (claims_.empty() || claims_.back().from < from) return false;
    const auto after = std::upper_bound(
        claims_.begin(), claims_.end(), to,
        [](std::uint32_t moment, const Claim& claim) { return moment < claim.to; });
    return after != claims_.begin() && std::prev(after)->from >= from;
}

}  // namespace cmq::check
