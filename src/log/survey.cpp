#include "log/survey.h"

#include <algorithm>

namespace cmq::log {
namespace {

Finding damage(const std::filesystem::path& file, std::uint64_t position, std::string what) {
    return {file, position, std::move(what), Severity::damage};
}

class Surveyor {
public:
    Surveyor(store::Files& files, Directory directory) : files_(files) {
        survey_.directory = std::move(directory);
    }

    Result<Survey> run() {
        survey_.listing = CMQ_TRY(list(files_, survey_.directory));
        survey_.mark = CMQ_TRY(Mark::read(files_, survey_.directory));
        auto numbers = survey_.listing.segments;
        numbers.insert(survey_.listing.wals.begin(), survey_.listing.wals.end());
        for (const auto number : numbers) {
            const auto& listing = survey_.listing;
            if (listing.bodies.contains(number) || listing.gone.contains(number)) continue;
            CMQ_TRY(read_segment_file(number));
        }
        CMQ_TRY(judge_segments());
        for (const auto number : survey_.listing.bodies)
            if (!survey_.listing.gone.contains(number)) CMQ_TRY(read_body_file(number));
        find_missing();
        return std::move(survey_);
    }

private:
    Status read_segment_file(std::uint64_t number) {
        auto& found = survey_.segments[number];
        const auto path = survey_.directory.wal(number);
        if (!survey_.listing.wals.contains(number)) {
            found.problem = damage(path, 0, "is missing");
            return {};
        }
        auto wal = CMQ_TRY(files_.open(path, store::Open::existing));
        found.scan = CMQ_TRY(store::scan_wal(*wal));
        if (found.scan->header == store::WalScan::Header::damaged) {
            found.problem = damage(path, 0, "this is no header of a WAL");
            found.scan.reset();
            return {};
        }
        if (found.scan->transactions == 0) return {};
        if (found.scan->rot)
            found.problem =
                damage(path, *found.scan->rot, "a frame does not fit, but later commits are there");
        return read_rows(number, found);
    }

    /// N.seg never changes: when it is damaged, what its WAL holds can be read without it.
    Status read_rows(std::uint64_t number, Surveyed& found) {
        const auto& directory = survey_.directory;
        auto contents = read_offline(files_, directory, number, Under::database);
        if (!contents) {
            const auto first = contents.error();
            if (first.code == Code::io) return tl::unexpected(first);
            contents = read_offline(files_, directory, number, Under::new_database);
            if (contents)
                found.database_problem = damage(directory.segment(number), 0, first.message);
            if (!contents && !found.problem)
                found.problem = damage(directory.wal(number), 0, first.message);
        }
        if (contents) found.contents = std::move(*contents);
        return {};
    }

    /// All but the last are sealed; those above the last never came to be.
    Status judge_segments() {
        auto& segments = survey_.segments;
        while (!segments.empty()) {
            const auto& [number, last] = *segments.rbegin();
            if ((last.problem || last.contents) && survey_.listing.wals.contains(number)) break;
            survey_.unborn.push_back(number);
            segments.erase(number);
        }
        for (auto& [number, found] : segments) {
            if (found.problem || number == segments.rbegin()->first) continue;
            const auto path = survey_.directory.wal(number);
            if (!found.contents || !found.contents->sealing)
                found.problem =
                    damage(path, found.scan->end, "its last row, the index, is missing");
            else if (found.scan->tail_end != found.scan->end)
                found.problem =
                    damage(path, found.scan->end, "a sealed segment, and not all there");
        }
        return {};
    }

    Status read_body_file(std::uint64_t number) {
        auto& found = survey_.bodies[number];
        const auto path = survey_.directory.body(number);
        auto rows = Rows::open_body(files_, path);
        auto contents =
            rows ? read_body(*rows, number,
                             [](raft::Group, const Located&, std::string_view) { return Status{}; })
                 : tl::unexpected(rows.error());
        if (contents) {
            found.contents = std::move(*contents);
            return {};
        }
        if (contents.error().code == Code::io) return tl::unexpected(contents.error());
        found.problem = damage(path, 0, contents.error().message);
        return {};
    }

    void find_missing() {
        const auto found = survey_.segments.find(survey_.last_readable());
        if (found == survey_.segments.end()) return;
        const auto& last = found->second;
        for (const auto number : last.contents->opening.older)
            if (!survey_.listing.has(number) && !survey_.segments.contains(number))
                survey_.missing.push_back(number);
    }

    store::Files& files_;
    Survey survey_;
};

}  // namespace

Journal Survey::end() const {
    const auto found = segments.find(last_readable());
    return found == segments.end() ? Journal{} : found->second.contents->end;
}

std::uint64_t Survey::last_readable() const {
    for (auto found = segments.rbegin(); found != segments.rend(); ++found)
        if (found->second.contents) return found->first;
    return 0;
}

Result<Rows> rows_offline(store::Files& files, const Directory& directory, std::uint64_t number,
                          Under under) {
    const auto path = directory.segment(number);
    auto wal = CMQ_TRY(files.open(directory.wal(number), store::Open::existing));
    const auto scan = CMQ_TRY(store::scan_wal(*wal));
    std::string bytes;
    if (under == Under::new_database) {
        bytes = CMQ_TRY(blank_segment());
    } else {
        auto file = CMQ_TRY(files.open(path, store::Open::existing));
        const auto size = CMQ_TRY(file->size());
        bytes = CMQ_TRY(file->read(0, static_cast<std::size_t>(size)));
    }
    const auto image = CMQ_TRY(store::image_of(*wal, scan, std::move(bytes)));
    return Rows::of_image(image, path.string());
}

Result<Contents> read_offline(store::Files& files, const Directory& directory, std::uint64_t number,
                              Under under) {
    auto rows = CMQ_TRY(rows_offline(files, directory, number, under));
    return read_segment(rows, number);
}

Result<Survey> survey(store::Files& files, const std::filesystem::path& directory) {
    return Surveyor(files, {directory}).run();
}

}  // namespace cmq::log
