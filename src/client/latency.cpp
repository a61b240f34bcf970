#include "client/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cmq::client {

/// Values below 64 have a bucket each; above, the highest 7 bits of the value choose it.
std::size_t Latency::bucket_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= sub_bits) return value;
    const auto shift = width - sub_bits - 1;
    return (std::size_t{shift} << sub_bits) + (value >> shift);
}

std::uint64_t Latency::highest_in(std::size_t bucket) {
    if (bucket < (2u << sub_bits)) return bucket;
    const auto shift = (bucket >> sub_bits) - 1;
    const auto top = (bucket & ((1u << sub_bits) - 1)) + (1u << sub_bits);
    return ((top + 1) << shift) - 1;
}

void Latency::add(std::chrono::nanoseconds took) {
    const auto value =
        std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)), value_max);
    ++counts_[bucket_of(value)];
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
}

void Latency::merge(const Latency& other) {
    for (std::size_t bucket = 0; bucket < buckets; ++bucket)
        counts_[bucket] += other.counts_[bucket];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
}

std::chrono::nanoseconds Latency::mean() const {
    return std::chrono::nanoseconds{count_ == 0 ? 0 : sum_ / count_};
}

std::chrono::nanoseconds Latency::percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(
        std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        seen += counts_[bucket];
        if (seen >= std::max<std::uint64_t>(wanted, 1))
            return std::chrono::nanoseconds{std::min(highest_in(bucket), max_)};
    }
    return {};
}

}  // namespace cmq::client
