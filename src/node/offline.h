// node/offline.h: looking at and mending a data directory that no broker has open.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "log/repair.h"
#include "log/verify.h"
#include "shard/verify.h"
#include "store/files.h"

namespace cmq::node {

struct VerifyReport {
    log::Report log;
    shard::StateReport state;
    std::vector<std::string> state_damage;  // "file: what"

    bool sound() const { return log.sound() && state_damage.empty(); }
};

/// Every checksum, chain and invariant of log and state, and whether they fit; changes no file.
/// errors  busy: a broker has it open; not_found: no data directory; io; exists: the state is of a
///         newer format than this program knows.
Result<VerifyReport> verify(store::Files& files, const std::filesystem::path& data);

/// What must be given up so that the broker starts again. Changes nothing.
Result<log::RepairPlan> plan_repair(store::Files& files, const std::filesystem::path& data);
Status apply_repair(store::Files& files, const std::filesystem::path& data,
                    const log::RepairPlan& plan);

}  // namespace cmq::node
