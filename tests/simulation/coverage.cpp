#include "tests/simulation/coverage.h"

#include <algorithm>
#include <cstdio>

namespace cmq::simulation {
namespace {

/// So long operations count as done in the face of a trouble.
constexpr std::chrono::seconds aftermath{15};

constexpr std::string_view trouble_names[] = {"kill",
                                              "power_cut",
                                              "all_killed",
                                              "all_cut",
                                              "blackout",
                                              "pause",
                                              "cut_off",
                                              "deaf",
                                              "mute",
                                              "bridge",
                                              "lost",
                                              "doubled",
                                              "late",
                                              "overtaken",
                                              "clock_skew",
                                              "clock_jump",
                                              "slow_disk",
                                              "full_disk",
                                              "io_error",
                                              "hand_over",
                                              "node_joins",
                                              "node_leaves",
                                              "node_wiped",
                                              "flip_sealed",
                                              "flip_body",
                                              "flip_active",
                                              "flip_state",
                                              "stale_block",
                                              "misplaced_block",
                                              "old_copy",
                                              "chunk_damaged",
                                              "snapshot_cut"};
static_assert(std::size(trouble_names) == troubles);

constexpr std::string_view operation_names[] = {
    "send",         "send_batch",   "send_delayed",  "send_once", "receive",
    "remove",       "extend",       "release",       "rewind",    "purge",
    "create_queue", "delete_queue", "describe_queue"};
static_assert(std::size(operation_names) == operations);

constexpr std::string_view part_names[] = {"leader", "follower", "candidate", "learner"};
static_assert(std::size(part_names) == parts);

/// What cannot be, and what strikes all at once and so whoever happens to be there.
bool makes_sense(Trouble trouble, Part part) {
    switch (trouble) {
        case Trouble::hand_over:
            return part == Part::leader;
        case Trouble::node_joins:
            return part == Part::learner;
        case Trouble::chunk_damaged:
            return part == Part::follower || part == Part::learner;
        case Trouble::snapshot_cut:
            return part != Part::candidate;
        case Trouble::node_leaves:
        case Trouble::node_wiped:
        case Trouble::flip_sealed:
        case Trouble::flip_body:
        case Trouble::flip_active:
        case Trouble::flip_state:
        case Trouble::stale_block:
        case Trouble::misplaced_block:
        case Trouble::old_copy:
            return part == Part::leader || part == Part::follower;
        case Trouble::blackout:
        case Trouble::all_killed:
        case Trouble::all_cut:
            return part == Part::leader || part == Part::follower;
        default:
            return true;
    }
}

std::size_t least_of(const Coverage::Cell& cell) {
    const auto least = std::ranges::min_element(cell.answered);
    return static_cast<std::size_t>(least - cell.answered.begin());
}

}  // namespace

std::string_view name_of(Trouble trouble) {
    return trouble_names[static_cast<std::size_t>(trouble)];
}

void Coverage::struck(Trouble trouble, Part part, Steady now) {
    const auto cell = at(trouble, part);
    ++cells_[cell].struck;
    until_[cell] = now + aftermath;
}

void Coverage::answered(Operation operation, Steady now) {
    for (std::size_t cell = 0; cell < cells; ++cell)
        if (now < until_[cell]) ++cells_[cell].answered[static_cast<std::size_t>(operation)];
}

void Coverage::add(const Coverage& other) {
    for (std::size_t cell = 0; cell < cells; ++cell) {
        cells_[cell].struck += other.cells_[cell].struck;
        for (std::size_t each = 0; each < operations; ++each)
            cells_[cell].answered[each] += other.cells_[cell].answered[each];
    }
}

std::uint64_t Coverage::times(Trouble trouble) const {
    std::uint64_t sum = 0;
    for (std::size_t part = 0; part < parts; ++part)
        sum += cells_[at(trouble, static_cast<Part>(part))].struck;
    return sum;
}

std::string Coverage::rare(std::uint64_t least) const {
    std::string all;
    for (std::size_t trouble = 0; trouble < troubles; ++trouble) {
        const auto count = times(static_cast<Trouble>(trouble));
        if (count < least)
            all += std::string(trouble_names[trouble]) + ' ' + std::to_string(count) + " times ";
    }
    return all;
}

std::string Coverage::table() const {
    std::string all =
        "how often each trouble struck whom (and the operation least often answered after it)\n";
    char text[80];
    std::snprintf(text, sizeof text, "%-16s%-9s", "", "in all");
    all += text;
    for (const auto part : part_names) {
        std::snprintf(text, sizeof text, "%-32s", std::string(part).c_str());
        all += text;
    }
    for (std::size_t trouble = 0; trouble < troubles; ++trouble) {
        std::snprintf(text, sizeof text, "\n%-16s%-9llu",
                      std::string(trouble_names[trouble]).c_str(),
                      static_cast<unsigned long long>(times(static_cast<Trouble>(trouble))));
        all += text;
        for (std::size_t part = 0; part < parts; ++part) {
            const auto& cell = cells_[trouble * parts + part];
            const auto least = least_of(cell);
            std::snprintf(text, sizeof text, "%-9llu(%llu %s)",
                          static_cast<unsigned long long>(cell.struck),
                          static_cast<unsigned long long>(cell.answered[least]),
                          std::string(operation_names[least]).c_str());
            const std::string shown = makes_sense(Trouble{static_cast<std::uint8_t>(trouble)},
                                                  Part{static_cast<std::uint8_t>(part)})
                                          ? text
                                          : "-";
            std::snprintf(text, sizeof text, "%-32s", shown.c_str());
            all += text;
        }
    }
    return all;
}

std::string Coverage::missing(std::uint64_t least) const {
    std::string all;
    for (std::size_t trouble = 0; trouble < troubles; ++trouble)
        for (std::size_t part = 0; part < parts; ++part)
            for (std::size_t operation = 0; operation < operations; ++operation) {
                const auto count = cells_[trouble * parts + part].answered[operation];
                if (count >= least || !makes_sense(Trouble{static_cast<std::uint8_t>(trouble)},
                                                   Part{static_cast<std::uint8_t>(part)}))
                    continue;
                all += (all.empty() ? "did not test: " : ", ") +
                       std::string(operation_names[operation]) + " after " +
                       std::string(trouble_names[trouble]) + " of a " +
                       std::string(part_names[part]) + " (" + std::to_string(count) + " of " +
                       std::to_string(least) + ')';
            }
    return all;
}

}  // namespace cmq::simulation
