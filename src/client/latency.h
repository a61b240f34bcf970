// client/latency.h: how long things took, in buckets that grow with the value: 64 to each doubling,
// so that a percentile is at most 1.6 % too high, from nanoseconds to an hour, in 20 KiB.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace cmq::client {

/// One thread; merge the histograms of several at the end.
class Latency {
public:
    void add(std::chrono::nanoseconds took);  // beyond an hour counts as an hour
    void merge(const Latency& other);

    std::uint64_t count() const { return count_; }
    std::chrono::nanoseconds max() const { return std::chrono::nanoseconds{max_}; }
    std::chrono::nanoseconds mean() const;
    /// `share` of all took at most this long; 0.99 for p99. 0 when there is nothing.
    std::chrono::nanoseconds percentile(double share) const;

private:
    static constexpr unsigned sub_bits = 6;
    static constexpr std::uint64_t value_max = 3'600'000'000'000;
    static constexpr std::size_t buckets = (42 - sub_bits + 1) << sub_bits;
    static_assert(value_max < std::uint64_t{1} << 42);

    static std::size_t bucket_of(std::uint64_t value);
    static std::uint64_t highest_in(std::size_t bucket);

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace cmq::client
