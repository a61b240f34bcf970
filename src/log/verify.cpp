#include "log/verify.h"

#include <algorithm>

#include "log/survey.h"

namespace cmq::log {
namespace {

class Verifier {
public:
    explicit Verifier(const Survey& survey) : survey_(survey) {}

    Report run() {
        for (const auto& [number, found] : survey_.segments) check_segment(number, found);
        for (const auto& [number, found] : survey_.bodies) check_body(number, found);
        check_neighbours();
        check_list();
        check_mark();
        note_left_overs();
        report_.end = survey_.end();
        const auto last = survey_.segments.find(survey_.last_readable());
        if (last != survey_.segments.end()) report_.states = last->second.contents->fold.states();
        return std::move(report_);
    }

private:
    void add(const std::filesystem::path& file, std::string what,
             Severity severity = Severity::damage) {
        report_.findings.push_back({file, 0, std::move(what), severity});
    }

    void count(const Contents& contents) {
        report_.entries += contents.entries;
        report_.bytes += contents.bytes;
    }

    void note_readable(raft::Group group, const std::vector<Located>& entries) {
        auto& indexes = report_.readable[group_of(group)];
        for (const auto& entry : entries) indexes.add(entry.index);
    }

    void check_segment(std::uint64_t number, const Surveyed& found) {
        ++report_.segments;
        if (found.problem) report_.findings.push_back(*found.problem);
        if (found.database_problem) report_.findings.push_back(*found.database_problem);
        if (!found.contents) return;
        const auto& contents = *found.contents;
        count(contents);
        for (const auto& [group, entries] : contents.fold.entries()) note_readable(group, entries);
        const auto file = survey_.directory.wal(number);
        if (found.scan->tail_end != found.scan->end && !found.problem)
            report_.findings.push_back(
                {file, found.scan->end, "a commit that was not finished", Severity::note});
        if (!contents.sealing) return;
        if (contents.sealing->states != contents.fold.states())
            add(file, "its last row says that groups stand elsewhere than its rows say");
        check_index(file, contents, contents.fold.entries());
    }

    void check_index(const std::filesystem::path& file, const Contents& contents,
                     const FileIndex& entries) {
        for (const auto& [group, located] : entries) {
            const auto indexed = contents.index.find(group);
            const bool same =
                indexed == contents.index.end() ? located.empty() : indexed->second == located;
            if (!same)
                add(file,
                    "its index is not that of its entries, group " + std::to_string(group.value));
        }
    }

    void check_body(std::uint64_t number, const Surveyed& found) {
        ++report_.body_files;
        if (found.problem) report_.findings.push_back(*found.problem);
        if (!found.contents) return;
        count(*found.contents);
        std::uint64_t indexed = 0;
        for (const auto& [group, entries] : found.contents->index) {
            note_readable(group, entries);
            indexed += entries.size();
        }
        if (indexed != found.contents->entries)
            add(survey_.directory.body(number), "its index names " + std::to_string(indexed) +
                                                    " entries, but it holds " +
                                                    std::to_string(found.contents->entries));
    }

    void check_neighbours() {
        const Contents* before = nullptr;
        std::uint64_t before_number = 0;
        for (const auto& [number, found] : survey_.segments) {
            const auto* here = found.contents ? &*found.contents : nullptr;
            if (here && before && number == before_number + 1 && before->sealing) {
                const auto file = survey_.directory.segment(number);
                if (here->begin.value != before->end.value + 1)
                    add(file, "rows are missing between the segment before and this one");
                if (here->opening.states != before->fold.states())
                    add(file, "does not begin where the segment before ends");
            }
            before = here;
            before_number = number;
        }
    }

    void check_list() {
        for (const auto number : survey_.missing)
            add(survey_.directory.segment(number), "is missing, and so is its body file");
        if (survey_.segments.empty()) return;
        const auto& [last_number, last] = *survey_.segments.rbegin();
        if (!last.contents) return;
        const auto& older = last.contents->opening.older;
        for (const auto& [number, found] : survey_.segments)
            if (number != last_number && !std::binary_search(older.begin(), older.end(), number))
                add(survey_.directory.segment(number),
                    "is not among those that the last one names");
    }

    void check_mark() {
        const auto file = survey_.directory.mark();
        const auto end = survey_.end();
        if (!survey_.mark && !survey_.segments.empty())
            add(file, "is missing or damaged in both slots");
        if (survey_.mark && survey_.mark->journal > end)
            add(file, "the log was durable up to row " +
                          std::to_string(survey_.mark->journal.value) + ", but ends with row " +
                          std::to_string(end.value));
    }

    void note_left_overs() {
        const auto& listing = survey_.listing;
        const auto note = [this](const std::filesystem::path& file, const char* what) {
            add(file, what, Severity::note);
        };
        for (const auto number : survey_.unborn)
            note(survey_.directory.segment(number), "a segment that was never used");
        for (const auto number : listing.segments)
            if (listing.bodies.contains(number) || listing.gone.contains(number))
                note(survey_.directory.segment(number), "what lived of it is elsewhere");
        for (const auto number : listing.new_bodies)
            note(survey_.directory.new_body(number), "a body file that was not finished");
        for (const auto& name : listing.others)
            note(survey_.directory.root / name, "does not belong to the log");
    }

    const Survey& survey_;
    Report report_;
};

}  // namespace

bool Report::sound() const {
    return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::damage;
    });
}

Result<Report> verify(store::Files& files, const std::filesystem::path& directory) {
    const auto found = CMQ_TRY(survey(files, directory));
    return Verifier(found).run();
}

}  // namespace cmq::log
