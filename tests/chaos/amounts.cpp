#include "tests/chaos/amounts.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "base/clock.h"
#include "base/hash.h"

namespace cmq::chaos {
namespace {

constexpr unsigned share_of_tests = 1;

std::uint64_t draw_seed() {
    const char* text = std::getenv("SEED");
    return text ? std::strtoull(text, nullptr, 10) : random_number() % 1'000'000;
}

std::uint64_t seed_of_run() {
    static const auto seed = draw_seed();
    return seed;
}

std::string in_milliseconds(std::chrono::microseconds time) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << static_cast<double>(time.count()) / 1000;
    return text.str() + " ms";
}

}  // namespace

unsigned share() {
    const char* text = std::getenv("CHAOS");
    return text ? static_cast<unsigned>(std::atoi(text)) : share_of_tests;
}

unsigned amount(unsigned whole, unsigned least) { return std::max(least, whole * share() / 100); }

bool is_its_turn(const std::string& story, unsigned turn, unsigned turns) {
    const bool runs = share() > share_of_tests || seed_of_run() % turns == turn;
    if (!runs) say(story + ": not in this short run");
    return runs;
}

/// Each story has its own sequence, so that one can be run alone.
Chance::Chance(const std::string& story) : seed_(seed_of_run()), engine_(seed_ ^ xxh3(story)) {
    say(story + ": SEED=" + std::to_string(seed_) + " CHAOS=" + std::to_string(share()));
}

std::size_t Chance::below(std::size_t end) { return engine_() % end; }

std::chrono::milliseconds Chance::between(std::chrono::milliseconds low,
                                          std::chrono::milliseconds high) {
    const auto range = static_cast<std::size_t>((high - low).count()) + 1;
    return low + std::chrono::milliseconds{below(range)};
}

std::chrono::microseconds Figures::percentile(unsigned percent) const {
    if (all_.empty()) return {};
    auto sorted = all_;
    std::ranges::sort(sorted);
    const auto rank = (sorted.size() * percent + 99) / 100;
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::string Figures::text() const {
    return name_ + ": " + std::to_string(count()) + " times, p50 " +
           in_milliseconds(percentile(50)) + ", p99 " + in_milliseconds(percentile(99)) +
           ", longest " + in_milliseconds(percentile(100));
}

void say(const std::string& line) { std::cout << "chaos: " << line << std::endl; }

}  // namespace cmq::chaos
