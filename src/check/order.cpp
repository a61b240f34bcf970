#include "check/order.h"

#include <algorithm>

#include "check/records.h"

namespace cmq::check {

bool Order::delivered(std::uint64_t sequence, std::uint64_t answer, Span span, Judged judged) {
    const bool same_answer = answer == answer_;
    const bool too_late = judged == Judged::yes && ((same_answer && sequence < in_answer_) ||
                                                    higher_before(sequence, span.asked));
    in_answer_ = same_answer ? std::max(in_answer_, sequence) : sequence;
    answer_ = answer;
    remember(sequence, span.answered);
    return !too_late;
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

bool Order::higher_before(std::uint64_t sequence, Moment asked) const {
    const auto after =
        std::upper_bound(highs_.begin(), highs_.end(), whole_ms(asked),
                         [](std::uint32_t moment, const High& high) { return moment < high.by; });
    return after != highs_.begin() && std::prev(after)->sequence > sequence;
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
