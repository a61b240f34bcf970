#include "cmd/nearest.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace cmq::cmd {
namespace {

/// Letters to put in, take out, change or swap with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before, row(b.size() + 1), last;
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before = std::exchange(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

/// One slip in three letters is a slip, more is another word. The dashes of an option are none.
std::size_t slips_allowed(std::string_view word) {
    const auto first = std::min(word.find_first_not_of('-'), word.size());
    return std::max<std::size_t>((word.size() - first) / 3, 1);
}

/// Whoever typed `ord` had begun with `orders`. Nothing but dashes begins with everything.
std::optional<std::string> shortest_that_begins_with(std::string_view small,
                                                     const std::vector<std::string>& candidates) {
    if (small.find_first_not_of('-') == std::string_view::npos) return {};
    std::optional<std::string> best;
    for (const auto& candidate : candidates)
        if (candidate.size() > small.size() && lower(candidate).starts_with(small) &&
            (!best || candidate.size() < best->size()))
            best = candidate;
    return best;
}

}  // namespace

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
    const auto small = lower(word.substr(0, 100));
    if (auto begun = shortest_that_begins_with(small, candidates)) return begun;
    std::optional<std::string> best;
    auto best_distance = slips_allowed(small);
    for (const auto& candidate : candidates) {
        const auto away = distance(small, lower(candidate));
        if (candidate == word || away > best_distance) continue;
        if (best && away == best_distance) continue;
        best = candidate;
        best_distance = away;
    }
    return best;
}

}  // namespace cmq::cmd
