// log/repair.h: making a damaged log one that opens, and saying what that gives up (D14).
//
// A plan is made and shown to a person before it is carried out. Damaged files are moved or copied
// to damaged/, never deleted. What can be read is kept: the beginning of a segment, the entries of
// a body file that are whole. Offline: nobody has the log open.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "log/log.h"

namespace cmq::log {

struct RepairStep {
    enum class What {
        make_anew,      // the database file of a segment, which never changes
        cut_tail,       // the last segment ends before the damage
        keep_readable,  // what can be read of a segment or body file becomes a body file
        set_aside,      // a segment behind the last that can be read
        forget,         // a file that is missing is not asked for any more
        set_mark,       // the log ends where it ends
    };
    What what;
    std::uint64_t number = 0;           // of the segment
    std::filesystem::path file;         // the damaged one
    std::string reason;                 // what is wrong with it
    std::vector<std::string> given_up;  // "group 1: entries 120 to 139"
};

struct RepairPlan {
    std::filesystem::path directory;
    std::uint64_t incarnation = 1;
    std::uint64_t mark = 0;         // of set_mark
    std::vector<RepairStep> steps;  // empty: nothing is damaged

    /// For people, one line a step and what it gives up.
    std::string text() const;
};

/// Changes nothing. errors  io, not_found.
Result<RepairPlan> plan_repair(store::Files& files, const Options& options);

/// Does what the plan says; a plan that was interrupted is made and applied anew. The log opens
/// then. errors  io, disk_full.
Status apply_repair(store::Files& files, const RepairPlan& plan);

}  // namespace cmq::log
