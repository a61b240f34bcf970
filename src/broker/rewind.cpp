#include "broker/rewind.h"

#include <algorithm>

namespace cmq::broker {

std::optional<std::uint64_t> Rewinds::first_after(std::uint64_t epoch) const {
    for (const auto& pair : pairs_) {
        if (pair.epoch > epoch) return pair.from;
    }
    return std::nullopt;
}

bool Rewinds::fits(std::uint64_t from) const {
    const auto kept = std::count_if(pairs_.begin(), pairs_.end(),
                                    [from](const Pair& pair) { return pair.from < from; });
    return kept < rewinds_max;
}

void Rewinds::add(std::uint64_t from, Planted planted) {
    while (!pairs_.empty() && pairs_.back().from >= from) pairs_.pop_back();
    if (planted == Planted::single_rewind) pairs_.clear();
    pairs_.push_back(Pair{from, ++epoch_});
}

void Rewinds::forget_below(std::uint64_t settled) {
    // Blocks between the first two pairs were settled after the first; above, the second says all.
    while (pairs_.size() > 1 && pairs_[1].from <= settled) pairs_.erase(pairs_.begin());
}

void Rewinds::encode(Encoder& out) const {
    out.varint(epoch_).varint(pairs_.size());
    for (const auto& pair : pairs_) out.varint(pair.from).varint(pair.epoch);
}

bool Rewinds::decode(Decoder& in) {
    epoch_ = in.varint();
    const auto count = in.varint();
    if (count > static_cast<std::uint64_t>(rewinds_max)) return false;
    pairs_.clear();
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto from = in.varint();
        pairs_.push_back(Pair{from, in.varint()});
    }
    return in.ok();
}

}  // namespace cmq::broker
