// chaos/amounts.h: how much is done, and what decides everything that is left to chance.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace cmq::chaos {

/// $CHAOS is a share of the long form in per cent: 100 in `make chaos`, 1 in `make test`.
unsigned share();
inline bool is_long() { return share() >= 100; }

/// `whole` in the long form, else its share, and not less than `least`.
unsigned amount(unsigned whole, unsigned least);

/// In the short form some stories take turns, as the seed decides; in any longer one all are told.
bool is_its_turn(const std::string& story, unsigned turn, unsigned turns);

/// All that is left to chance comes from one seed: $SEED, else another one each time. It is
/// printed.
class Chance {
public:
    explicit Chance(const std::string& story);

    std::uint64_t seed() const { return seed_; }
    std::size_t below(std::size_t end);  // 0 .. end - 1
    bool one_in(std::size_t count) { return below(count) == 0; }
    std::chrono::milliseconds between(std::chrono::milliseconds low,
                                      std::chrono::milliseconds high);

private:
    std::uint64_t seed_;
    std::mt19937_64 engine_;
};

/// Times of one kind, for the last line of a story.
class Figures {
public:
    explicit Figures(std::string name) : name_(std::move(name)) {}

    void add(std::chrono::microseconds took) { all_.push_back(took); }
    std::size_t count() const { return all_.size(); }
    std::chrono::microseconds percentile(unsigned percent) const;  // 0 without any
    std::string text() const;  // "fail-over: 100 times, p50 412 ms, p99 803 ms, longest 811 ms"

private:
    std::string name_;
    std::vector<std::chrono::microseconds> all_;
};

/// A line of the report: on standard output, whatever becomes of the test.
void say(const std::string& line);

}  // namespace cmq::chaos
