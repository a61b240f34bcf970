// metrics/registry.h: counters, gauges and histograms, and the Prometheus text of them.
//
// A registry is owned by the node and passed down. Adding to a metric is one relaxed atomic add,
// from any thread; metrics live as long as their registry, and none is ever taken back.
// Source: Prometheus text exposition format 0.0.4.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cmq::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
public:
    void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

/// Durations, in buckets that double from 50 us to 26 s.
class Histogram {
public:
    static constexpr std::size_t buckets = 20;
    static std::chrono::microseconds bound(std::size_t bucket) {
        return std::chrono::microseconds{50ll << bucket};
    }

    void add(std::chrono::nanoseconds duration);
    std::uint64_t count(std::size_t bucket) const { return counts_[bucket].value(); }
    std::uint64_t nanoseconds() const { return sum_.value(); }

private:
    std::array<Counter, buckets + 1> counts_;  // the last: longer than every bound
    Counter sum_;
};

class Registry {
public:
    /// `name` in snake case with its unit; a counter's ends in _total, a histogram's in _seconds.
    /// Metrics of one name differ in their labels and share `help`; asked for again with the same
    /// labels it is the same metric. A name that is taken by another type stops the process.
    Counter& counter(std::string name, std::string help, Labels labels = {});
    Histogram& histogram(std::string name, std::string help, Labels labels = {});

    struct Sample {
        Labels labels;
        double value = 0;
    };
    /// Asked at each scrape, on the scraping thread; must not call the registry.
    using Read = std::function<std::vector<Sample>()>;
    void gauge(std::string name, std::string help, Read read);
    void counted(std::string name, std::string help, Read read);  // a counter kept elsewhere

    /// What a scrape is answered with, content type "text/plain; version=0.0.4".
    std::string text() const;

private:
    enum class Type { counter, gauge, histogram };
    struct Family {
        std::string name, help;
        Type type = Type::gauge;
        std::vector<std::pair<Labels, std::unique_ptr<Counter>>> counters;
        std::vector<std::pair<Labels, std::unique_ptr<Histogram>>> histograms;
        Read read;
    };
    static std::string_view name_of(Type type);
    Family& family(std::string name, std::string help, Type type);  // mutex_ is held
    static void write(const Family& family, std::string& text);

    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Family>> families_;
};

}  // namespace cmq::metrics
