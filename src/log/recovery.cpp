#include "log/recovery.h"

#include <algorithm>

#include "log/contents.h"
#include "log/mark.h"
#include "store/wal.h"

namespace cmq::log {
namespace {

/// A segment that was read.
struct Segment {
    std::uint64_t number;
    Rows rows;
    store::WalScan scan;
    Opening opening;
    std::optional<Sealing> sealing;
    Fold fold;           // of the last segment only
    Journal begin, end;  // rows
};

class Recovery {
public:
    Recovery(store::Files& files, const Options& options)
        : files_(files), options_(options), directory_{options.directory}, pool_(files, options) {}

    Result<Found> run();

private:
    Status find_last();
    Result<bool> exists(std::uint64_t number);
    Status look_at_orphan(std::uint64_t number);
    Result<Segment> read(std::uint64_t number, const store::WalScan& scan);
    Status read_older();
    Status check_chain() const;
    Status check_list() const;
    Status check_mark();
    Status erase_tail();
    Status clean();
    Result<Found> found();
    Error damage(std::uint64_t number, std::uint64_t position, std::string_view what);

    store::Files& files_;
    const Options& options_;
    Directory directory_;
    Pool pool_;
    Listing listing_;
    std::vector<std::uint64_t> unborn_;  // segments without a first transaction
    std::vector<std::uint64_t> left_;    // segments that have a body file or are gone
    std::optional<store::WalScan> last_scan_;
    std::vector<Segment> segments_;
};

/// Copies the WAL aside, so that nothing that happens later takes the evidence away.
Error Recovery::damage(std::uint64_t number, std::uint64_t position, std::string_view what) {
    const auto file = directory_.wal(number);
    std::string message =
        file.string() + ": damaged at byte " + std::to_string(position) + ": " + std::string(what);
    const auto copied = copy_aside(files_, directory_, file);
    message += copied ? "; a copy is " + copied->string()
                      : "; it could not be copied aside: " + copied.error().message;
    return Error{Code::corrupt, std::move(message)};
}

Result<Found> Recovery::run() {
    listing_ = CMQ_TRY(list(files_, directory_));
    CMQ_TRY(find_last());
    if (last_scan_) CMQ_TRY(read_older());
    CMQ_TRY(check_chain());
    CMQ_TRY(check_list());
    CMQ_TRY(check_mark());
    CMQ_TRY(erase_tail());
    CMQ_TRY(clean());
    return found();
}

/// The last segment is the highest with a first transaction; what is above never came to be.
Status Recovery::find_last() {
    for (const auto number : listing_.wals)
        if (!listing_.segments.contains(number)) CMQ_TRY(look_at_orphan(number));
    while (!listing_.segments.empty() && !last_scan_) {
        const auto number = *listing_.segments.rbegin();
        if (listing_.bodies.contains(number) || listing_.gone.contains(number)) return {};
        if (CMQ_TRY(exists(number))) return {};
        unborn_.push_back(number);
        listing_.segments.erase(number);
    }
    return {};
}

/// Reads the disk, not the cache: what a process wrote before it was killed is not durable (D3a).
Result<bool> Recovery::exists(std::uint64_t number) {
    if (!listing_.wals.contains(number)) return false;
    auto wal = CMQ_TRY(files_.open(directory_.wal(number), store::Open::existing));
    if (options_.planted != Planted::no_sync_after_recovery) {
        CMQ_TRY(wal->sync());
        CMQ_TRY(wal->drop_cache());
    }
    const auto scan = CMQ_TRY(store::scan_wal(*wal));
    if (scan.header == store::WalScan::Header::damaged)
        return tl::unexpected(damage(number, 0, "this is no header of a WAL"));
    if (scan.rot)
        return tl::unexpected(
            damage(number, *scan.rot, "a frame does not fit, but later commits are there"));
    if (scan.transactions == 0) return false;
    last_scan_ = scan;
    return true;
}

/// A WAL without its database file is left over from a crash, unless something is in it.
Status Recovery::look_at_orphan(std::uint64_t number) {
    left_.push_back(number);
    if (listing_.bodies.contains(number) || listing_.gone.contains(number)) return {};
    auto wal = CMQ_TRY(files_.open(directory_.wal(number), store::Open::existing));
    const auto scan = CMQ_TRY(store::scan_wal(*wal));
    if (scan.transactions == 0) return {};
    return fail(Code::corrupt, directory_.segment(number).string() +
                                   ": is missing, but its WAL holds " +
                                   std::to_string(scan.transactions) + " commits");
}

/// All segments that hold something still, the last one with all its rows.
Status Recovery::read_older() {
    const auto last = *listing_.segments.rbegin();
    for (const auto number : listing_.segments) {
        if (listing_.bodies.contains(number) || listing_.gone.contains(number)) {
            left_.push_back(number);
            continue;
        }
        if (number == last) break;
        if (!listing_.wals.contains(number))
            return fail(Code::corrupt, directory_.wal(number).string() + ": is missing");
        auto wal = CMQ_TRY(files_.open(directory_.wal(number), store::Open::existing));
        const auto scan = CMQ_TRY(store::scan_wal(*wal));
        const bool valid = scan.header == store::WalScan::Header::valid;
        if (!valid || scan.tail_end != scan.end)
            return tl::unexpected(
                damage(number, valid ? scan.end : 0, "a sealed segment, and not all there"));
        segments_.push_back(CMQ_TRY(read(number, scan)));
        if (!segments_.back().sealing)
            return tl::unexpected(damage(number, scan.end, "its last row, the index, is missing"));
    }
    segments_.push_back(CMQ_TRY(read(last, *last_scan_)));
    auto contents = CMQ_TRY(read_segment(segments_.back().rows, last));
    segments_.back().fold = std::move(contents.fold);
    return {};
}

Result<Segment> Recovery::read(std::uint64_t number, const store::WalScan& scan) {
    auto rows = CMQ_TRY(Rows::open_segment(files_, directory_.segment(number)));
    Segment segment{number, std::move(rows), scan, {}, {}, Fold(), {}, {}};
    const auto first = CMQ_TRY(segment.rows.first());
    const auto last = CMQ_TRY(segment.rows.last());
    if (!first || first->kind != RowKind::opening)
        return tl::unexpected(damage(number, store::wal_header_bytes, "it has no first row"));
    segment.begin = {first->number};
    segment.end = {last->number};
    auto opening = decode_opening(first->toc, {number, first->number});
    if (!opening) return tl::unexpected(in_file(segment.rows.name(), opening.error()));
    segment.opening = std::move(*opening);
    if (segment.opening.incarnation != options_.incarnation)
        return fail(Code::invalid, segment.rows.name() + ": belongs to incarnation " +
                                       std::to_string(segment.opening.incarnation) +
                                       " of this node, not to " +
                                       std::to_string(options_.incarnation));
    if (last->kind != RowKind::sealing) return segment;
    auto sealing = decode_sealing(last->toc, {number, last->number});
    if (!sealing) return tl::unexpected(in_file(segment.rows.name(), sealing.error()));
    segment.sealing = std::move(*sealing);
    return segment;
}

/// Neighbours follow one another without a gap.
Status Recovery::check_chain() const {
    for (std::size_t at = 1; at < segments_.size(); ++at) {
        const auto& before = segments_[at - 1];
        const auto& here = segments_[at];
        if (here.number != before.number + 1) continue;
        if (here.begin.value != before.end.value + 1)
            return fail(Code::corrupt, here.rows.name() + ": begins with row " +
                                           std::to_string(here.begin.value) + ", but " +
                                           before.rows.name() + " ends with row " +
                                           std::to_string(before.end.value));
        if (here.opening.states != before.sealing->states)
            return fail(Code::corrupt, here.rows.name() + ": does not begin where " +
                                           before.rows.name() + " ends");
    }
    return {};
}

Status Recovery::check_list() const {
    if (segments_.empty()) return {};
    const auto& last = segments_.back();
    for (const auto number : last.opening.older)
        if (!listing_.has(number))
            return fail(Code::corrupt, directory_.segment(number).string() +
                                           ": is missing, and so is " +
                                           directory_.body(number).filename().string() + "; " +
                                           last.rows.name() + " names it");
    for (const auto& segment : segments_) {
        const auto& older = last.opening.older;
        if (segment.number != last.number &&
            !std::binary_search(older.begin(), older.end(), segment.number))
            return fail(Code::corrupt, segment.rows.name() + ": is not among those that " +
                                           last.rows.name() + " names");
    }
    return {};
}

Status Recovery::check_mark() {
    const auto mark = CMQ_TRY(Mark::read(files_, directory_));
    const auto name = directory_.mark().string();
    if (!mark && !segments_.empty())
        return fail(Code::corrupt, name + ": is missing or damaged in both slots");
    const Journal end = segments_.empty() ? Journal{} : segments_.back().end;
    if (!mark || mark->incarnation != options_.incarnation || mark->journal <= end) return {};
    const auto lost = name + ": the log was durable up to row " +
                      std::to_string(mark->journal.value) + ", but ends with row " +
                      std::to_string(end.value);
    if (segments_.empty()) return fail(Code::corrupt, lost);
    const auto& last = segments_.back();
    return tl::unexpected(damage(last.number, last.scan.end, lost));
}

/// Frames of a commit that was cut off would look like rot behind later ones. After this the
/// recovered part is durable as well.
Status Recovery::erase_tail() {
    if (segments_.empty()) return {};
    const auto& last = segments_.back();
    auto wal = CMQ_TRY(files_.open(directory_.wal(last.number), store::Open::existing));
    if (last.scan.tail_end > last.scan.end)
        CMQ_TRY(wal->write(last.scan.end, std::string(last.scan.tail_end - last.scan.end, '\0')));
    if (options_.planted != Planted::no_sync_after_recovery) CMQ_TRY(wal->sync());
    CMQ_TRY(files_.sync_directory(directory_.root));
    return files_.sync_directory(directory_.pool());
}

/// The directory is durable by now, so nothing is removed on the strength of a name that may go.
Status Recovery::clean() {
    for (const auto number : unborn_) left_.push_back(number);
    for (const auto number : left_) {
        if (CMQ_TRY(files_.exists(directory_.segment(number))))
            CMQ_TRY(files_.remove(directory_.segment(number)));
        if (CMQ_TRY(files_.exists(directory_.wal(number))))
            CMQ_TRY(pool_.recycle(directory_.wal(number)));
    }
    for (const auto number : listing_.new_bodies)
        CMQ_TRY(files_.remove(directory_.new_body(number)));
    for (const auto number : listing_.gone) {
        if (listing_.bodies.contains(number)) CMQ_TRY(files_.remove(directory_.body(number)));
    }
    return files_.sync_directory(directory_.root);
}

Result<Found> Recovery::found() {
    Found found;
    for (const auto* numbers : {&listing_.segments, &listing_.bodies, &listing_.gone})
        if (!numbers->empty())
            found.next_number = std::max(found.next_number, *numbers->rbegin() + 1);
    for (const auto number : listing_.bodies)
        if (!listing_.gone.contains(number)) found.bodies.push_back(number);
    for (auto& segment : segments_) {
        std::set<std::uint64_t> older(segment.opening.older.begin(), segment.opening.older.end());
        if (&segment == &segments_.back()) {
            found.active = Active{segment.number,
                                  std::move(segment.rows),
                                  std::move(segment.fold),
                                  std::move(older),
                                  segment.end,
                                  segment.scan.end,
                                  segment.sealing.has_value()};
            break;
        }
        const auto& next = (&segment + 1)->opening.older;
        found.sealed.push_back(sealed_segment({segment.number,
                                               std::move(segment.rows),
                                               std::move(*segment.sealing),
                                               segment.scan.end,
                                               {next.begin(), next.end()}}));
    }
    return found;
}

}  // namespace

Result<Found> recover(store::Files& files, const Options& options) {
    return Recovery(files, options).run();
}

}  // namespace cmq::log
