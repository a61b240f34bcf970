#include "log/repair.h"

#include <algorithm>

#include "log/body.h"
#include "log/survey.h"

namespace cmq::log {
namespace {

using What = RepairStep::What;

std::string range_text(raft::Group group, raft::Index first, raft::Index last) {
    return "group " + std::to_string(group.value) + ": entries " + std::to_string(first.value) +
           " to " + std::to_string(last.value);
}

class Planner {
public:
    Planner(const Survey& survey, const Options& options) : survey_(survey) {
        plan_.directory = options.directory;
        plan_.incarnation = options.incarnation;
    }

    RepairPlan run() {
        for (const auto& [number, found] : survey_.segments) {
            if (found.database_problem)
                plan_.steps.push_back({What::make_anew,
                                       number,
                                       found.database_problem->file,
                                       found.database_problem->what,
                                       {}});
            if (found.problem) plan_segment(number, found);
        }
        for (const auto& [number, found] : survey_.bodies)
            if (found.problem) plan_body(number, *found.problem);
        for (const auto number : survey_.missing)
            plan_.steps.push_back({What::forget,
                                   number,
                                   survey_.directory.segment(number),
                                   "is missing, and so is its body file",
                                   {"all that it held; what that was is not known"}});
        plan_mark();
        return std::move(plan_);
    }

private:
    void plan_segment(std::uint64_t number, const Surveyed& found) {
        const auto last = survey_.last_readable();
        RepairStep step{What::keep_readable, number, found.problem->file, found.problem->what, {}};
        if (number == last) step.what = What::cut_tail;
        if (number > last) step.what = What::set_aside;
        step.given_up = number < last ? lost_inside(number, found) : lost_at_end(number, found);
        plan_.steps.push_back(std::move(step));
    }

    /// Nobody knows how far the log went.
    std::vector<std::string> lost_at_end(std::uint64_t number, const Surveyed& found) {
        std::vector<std::string> lost;
        const auto* states = states_before(number);
        if (found.contents) states = &found.contents->fold.states();
        if (!states) return {"all that was in it"};
        for (const auto& [group, state] : *states)
            lost.push_back("group " + std::to_string(group.value) + ": all entries above " +
                           std::to_string(state.last.index.value) +
                           ", and votes given since term " + std::to_string(state.hard.term.value));
        return lost;
    }

    /// The next segment says how far the log had come by then.
    std::vector<std::string> lost_inside(std::uint64_t number, const Surveyed& found) {
        std::vector<std::string> lost;
        const auto next = survey_.segments.upper_bound(number);
        const auto* before = states_before(number);
        if (found.contents) before = &found.contents->fold.states();
        if (next == survey_.segments.end() || !next->second.contents)
            return {"all that was in it behind what can be read"};
        for (const auto& [group, state] : next->second.contents->opening.states) {
            raft::Index last;
            if (before && before->contains(group)) last = before->at(group).last.index;
            if (last < state.last.index)
                lost.push_back(range_text(group, {last.value + 1}, state.last.index));
        }
        return lost;
    }

    const States* states_before(std::uint64_t number) const {
        const auto before = survey_.segments.find(number - 1);
        if (before == survey_.segments.end() || !before->second.contents) return nullptr;
        return &before->second.contents->fold.states();
    }

    void plan_body(std::uint64_t number, const Finding& problem) {
        plan_.steps.push_back({What::keep_readable,
                               number,
                               problem.file,
                               problem.what,
                               {"the entries of this file that cannot be read"}});
    }

    void plan_mark() {
        auto end = survey_.end();
        if (end == Journal{} && survey_.segments.empty() && !survey_.mark) return;
        const bool ahead = survey_.mark && survey_.mark->journal > end;
        const bool unreadable = !survey_.mark && !survey_.segments.empty();
        const bool cut = std::any_of(plan_.steps.begin(), plan_.steps.end(), [](const auto& step) {
            return step.what == What::cut_tail || step.what == What::set_aside;
        });
        if (!ahead && !unreadable && !cut) return;
        plan_.mark = end.value;
        RepairStep step{What::set_mark, 0, survey_.directory.mark(), "", {}};
        step.reason = ahead ? "the log was durable up to row " +
                                  std::to_string(survey_.mark->journal.value) +
                                  ", but ends with row " + std::to_string(end.value)
                            : "it has to agree with the end of the log";
        if (ahead && !cut) step.given_up = lost_behind_end();
        plan_.steps.push_back(std::move(step));
    }

    std::vector<std::string> lost_behind_end() {
        if (survey_.segments.empty()) return {"the whole log"};
        const auto& [number, last] = *survey_.segments.rbegin();
        return lost_at_end(number, last);
    }

    const Survey& survey_;
    RepairPlan plan_;
};

class Repairer {
public:
    Repairer(store::Files& files, const RepairPlan& plan)
        : files_(files), plan_(plan), directory_{plan.directory} {}

    Status run() {
        for (const auto& step : plan_.steps) CMQ_TRY(apply(step));
        return files_.sync_directory(directory_.root);
    }

private:
    Status apply(const RepairStep& step) {
        switch (step.what) {
            case What::make_anew:
                return make_anew(step.number);
            case What::cut_tail:
                return cut_tail(step.number);
            case What::keep_readable:
                return keep_readable(step);
            case What::set_aside:
                return set_aside(step.number);
            case What::forget:
                return mark_gone(files_, directory_, step.number);
            case What::set_mark:
                return set_mark();
        }
        return fail(Code::internal, "a step of repair that does not exist");
    }

    Status make_anew(std::uint64_t number) {
        const auto path = directory_.segment(number);
        CMQ_TRY(move_aside(path));
        auto file = CMQ_TRY(files_.open(path, store::Open::create));
        const auto bytes = CMQ_TRY(blank_segment());
        CMQ_TRY(file->write(0, bytes));
        CMQ_TRY(file->sync());
        return files_.sync_directory(directory_.root);
    }

    Status cut_tail(std::uint64_t number) {
        const auto path = directory_.wal(number);
        CMQ_TRY(copy_aside(files_, directory_, path));
        auto wal = CMQ_TRY(files_.open(path, store::Open::existing));
        const auto scan = CMQ_TRY(store::scan_wal(*wal));
        if (scan.tail_end > scan.end)
            CMQ_TRY(wal->write(scan.end, std::string(scan.tail_end - scan.end, '\0')));
        return wal->sync();
    }

    Status keep_readable(const RepairStep& step) {
        const auto number = step.number;
        const auto body = directory_.body(number);
        const bool is_body = step.file == body;
        auto writer = CMQ_TRY(BodyWriter::make(files_, directory_, number));
        const auto kept =
            is_body ? CMQ_TRY(copy_body(number, writer)) : CMQ_TRY(copy_segment(number, writer));
        if (is_body) CMQ_TRY(copy_aside(files_, directory_, body));
        CMQ_TRY(std::move(writer).finish(kept));
        return is_body ? Status() : set_aside(number);
    }

    using ReplacedFrom = std::map<raft::Group, raft::Index>;

    /// Of a segment with an unreadable header nothing is kept, and the body file is empty.
    Result<ReplacedFrom> copy_segment(std::uint64_t number, BodyWriter& writer) {
        ReplacedFrom replaced;
        auto rows = rows_offline(files_, directory_, number, Under::database);
        if (!rows) return replaced;
        const auto contents = read_segment(*rows, number);
        if (!contents) return replaced;
        for (const auto& [group, entries] : contents->fold.entries())
            for (const auto& located : entries) {
                const auto entry = CMQ_TRY(rows->entry(number, group, located));
                CMQ_TRY(writer.add(group, located, *entry.payload));
            }
        for (const auto& [group, range] : contents->fold.seal().ranges)
            if (range.replaced_from != raft::Index{}) replaced[group] = range.replaced_from;
        return replaced;
    }

    /// As far as SQLite can read it; entries that are damaged are left out.
    Result<ReplacedFrom> copy_body(std::uint64_t number, BodyWriter& writer) {
        ReplacedFrom replaced;
        auto rows = Rows::open_body(files_, directory_.body(number));
        if (!rows) return replaced;
        Status written;
        const auto read =
            read_body(*rows, number,
                      [&](raft::Group group, const Located& located, std::string_view payload) {
                          written = writer.add(group, located, payload);
                          return written;
                      });
        // That not all can be read is why this is done; that it cannot be written is an error.
        if (!written) return tl::unexpected(written.error());
        if (!read && read.error().code == Code::io) return tl::unexpected(read.error());
        if (!read) return replaced;
        for (const auto& [group, range] : read->sealing->ranges)
            if (range.replaced_from != raft::Index{}) replaced[group] = range.replaced_from;
        return replaced;
    }

    /// A body file of this number is there, or nothing names it.
    Status set_aside(std::uint64_t number) {
        CMQ_TRY(move_aside(directory_.wal(number)));
        return move_aside(directory_.segment(number));
    }

    Status move_aside(const std::filesystem::path& file) {
        if (!CMQ_TRY(files_.exists(file))) return {};
        CMQ_TRY(copy_aside(files_, directory_, file));
        CMQ_TRY(files_.remove(file));
        return files_.sync_directory(directory_.root);
    }

    Status set_mark() {
        CMQ_TRY(Mark::make(files_, directory_, {plan_.incarnation, {plan_.mark}}));
        return {};
    }

    store::Files& files_;
    const RepairPlan& plan_;
    Directory directory_;
};

const char* name_of(What what) {
    switch (what) {
        case What::make_anew:
            return "make anew";
        case What::cut_tail:
            return "cut off what follows the damage in";
        case What::keep_readable:
            return "keep what can be read of";
        case What::set_aside:
            return "set aside";
        case What::forget:
            return "do without";
        case What::set_mark:
            return "correct";
    }
    return "";
}

}  // namespace

std::string RepairPlan::text() const {
    std::string text;
    for (const auto& step : steps) {
        text +=
            std::string(name_of(step.what)) + " " + step.file.string() + " (" + step.reason + ")\n";
        for (const auto& lost : step.given_up) text += "    gives up " + lost + "\n";
    }
    return text;
}

Result<RepairPlan> plan_repair(store::Files& files, const Options& options) {
    const auto found = CMQ_TRY(survey(files, options.directory));
    return Planner(found, options).run();
}

Status apply_repair(store::Files& files, const RepairPlan& plan) {
    return Repairer(files, plan).run();
}

}  // namespace cmq::log
