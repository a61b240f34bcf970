#include "config/values.h"

#include <array>

#include "base/text.h"

namespace cmq::config {
namespace {

constexpr std::uint64_t duration_max = 10ull * 365 * 24 * 3600 * 1000;  // ms

struct Unit {
    std::string_view name;
    std::uint64_t worth;
};
constexpr std::array time_units{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array size_units{Unit{"TiB", 1ull << 40}, Unit{"GiB", 1ull << 30},
                                Unit{"MiB", 1ull << 20}, Unit{"KiB", 1ull << 10}, Unit{"B", 1}};

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

tl::unexpected<Error> no_duration(std::string_view text) {
    const bool bare = parse_digits(text).has_value();
    return fail(Code::invalid,
                bare ? quoted(text) + " has no unit; write " + std::string(text) + "s for seconds"
                     : quoted(text) + " is not a duration like 500ms, 5s, 2m, 1h30m or 4d");
}

std::string_view take(std::string_view& rest, std::string_view of) {
    const auto end = std::min(rest.find_first_not_of(of), rest.size());
    const auto taken = rest.substr(0, end);
    rest.remove_prefix(end);
    return taken;
}

template <std::size_t count>
const Unit* find_unit(const std::array<Unit, count>& units, std::string_view name) {
    for (const auto& unit : units)
        if (unit.name == name) return &unit;
    return nullptr;
}

}  // namespace

Result<std::uint64_t> parse_whole(std::string_view text) {
    const auto number = parse_digits(text);
    if (!number) return fail(Code::invalid, quoted(text) + " is not a whole number");
    if (text.size() > 1 && text[0] == '0')
        return fail(Code::invalid,
                    quoted(text) + " has a leading zero; write " + std::to_string(*number));
    return *number;
}

Result<bool> parse_truth(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail(Code::invalid, quoted(text) + " is not true or false");
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    if (text == "0") return std::chrono::milliseconds{0};
    if (text.empty()) return no_duration(text);
    std::uint64_t total = 0;
    std::uint64_t unit_before = time_units[0].worth + 1;
    for (auto rest = text; !rest.empty();) {
        const auto number = parse_whole(take(rest, "0123456789"));
        const auto* unit = find_unit(time_units, take(rest, "abcdefghijklmnopqrstuvwxyz"));
        // Units fall, so that none stands twice.
        if (!number || !unit || unit->worth >= unit_before) return no_duration(text);
        if (*number > duration_max / unit->worth)
            return fail(Code::invalid, quoted(text) + " is longer than 10 years");
        total += *number * unit->worth;
        unit_before = unit->worth;
    }
    if (total > duration_max) return fail(Code::invalid, quoted(text) + " is longer than 10 years");
    return std::chrono::milliseconds{total};
}

Result<std::chrono::seconds> parse_seconds(std::string_view text) {
    const auto duration = CMQ_TRY(parse_duration(text));
    const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
    if (whole != duration)
        return fail(Code::invalid, quoted(text) + " has a part of a second; whole ones are needed");
    return whole;
}

Result<std::uint64_t> parse_size(std::string_view text) {
    auto rest = text;
    const auto number = parse_whole(take(rest, "0123456789"));
    const auto* unit = find_unit(size_units, rest.empty() ? "B" : rest);
    if (!number || !unit)
        return fail(Code::invalid, quoted(text) + " is not a size like 512B, 64KiB, 1MiB or 2GiB");
    if (*number > (1ull << 60) / unit->worth)
        return fail(Code::invalid, quoted(text) + " is more than 1 EiB");
    return *number * unit->worth;
}

std::string format_duration(std::chrono::milliseconds duration) {
    auto left = static_cast<std::uint64_t>(duration.count());
    std::string text;
    for (const auto& unit : time_units) {
        if (left < unit.worth) continue;
        text += std::to_string(left / unit.worth);
        text += unit.name;
        left %= unit.worth;
    }
    return text.empty() ? "0s" : text;
}

std::string format_size(std::uint64_t bytes) {
    for (const auto& unit : size_units)
        if (bytes >= unit.worth && bytes % unit.worth == 0)
            return std::to_string(bytes / unit.worth) + std::string(unit.name);
    return "0B";
}

}  // namespace cmq::config
