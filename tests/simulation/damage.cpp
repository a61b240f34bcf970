#include "tests/simulation/damage.h"

#include "shard/verify.h"

namespace cmq::simulation {

std::optional<std::string> damage_on(const support::Disk& disk, broker::FormatVersion newest) {
    const auto copy = disk.copy();  // SQLite recovers what it opens
    const auto log = log::verify(*copy, "data/log");
    if (!log && log.error().code == Code::not_found) return std::nullopt;  // it never started
    if (!log) return log.error().message;
    for (const auto& finding : log->findings)
        if (finding.severity == log::Severity::damage)
            return finding.file.string() + ": " + finding.what;
    const auto there = copy->exists("data/state/0001.db");
    if (!there) return there.error().message;
    if (!*there) return std::nullopt;
    const auto state = shard::verify_state(*copy, "data/state", *log, newest);
    if (!state) return state.error().message;
    return std::nullopt;
}

}  // namespace cmq::simulation
