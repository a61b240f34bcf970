#include "log/log.h"

#include <algorithm>

#include "base/check.h"
#include "log/archive.h"
#include "log/claim.h"
#include "log/mark.h"
#include "log/recovery.h"
#include "log/segment.h"
#include "store/wal.h"

namespace cmq::log {
namespace {

constexpr std::uint64_t frame_bytes = store::wal_frame_header_bytes + page_bytes;
/// Of one entry in the index that a segment ends with, at most.
constexpr std::uint64_t index_bytes_per_entry = 48;
/// What the list of entries of one commit needs.
constexpr std::uint64_t toc_bytes_per_entry = 64;

/// An error after something was written: nothing of it may be tried again.
template <class T>
Result<T> fatal(Result<T> result) {
    if (!result && result.error().code == Code::disk_full) result.error().code = Code::io;
    return result;
}

std::uint64_t payload_bytes(const Commit& commit) {
    std::uint64_t sum = 0;
    for (const auto* list : {&commit.entries, &commit.bodies})
        for (const auto& [group, entry] : *list)
            if (entry.payload) sum += entry.payload->size();
    return sum;
}

std::size_t entry_count(const Commit& commit) {
    return commit.entries.size() + commit.bodies.size();
}

/// What the row of `commit` adds to the WAL, at most.
std::uint64_t row_bytes(const Commit& commit) {
    const auto listed = entry_count(commit) + commit.hard.size() + commit.bases.size();
    return wal_bytes_of_row(payload_bytes(commit) + toc_bytes_per_entry * listed);
}

}  // namespace

struct Log::Parts {
    Parts(store::Files& files_, Options options_, Archive& archive_)
        : files(files_),
          options(std::move(options_)),
          archive(archive_),
          directory{options.directory},
          pool(files, options),
          claim(files, options) {}

    Status open();
    void describe();
    std::uint64_t sealing_bytes(std::size_t more_entries) const;
    Result<Appended> append(const Commit& commit);
    Result<Appended> append_to_next(const Commit& commit);
    Result<Rows> open_next();
    Result<Claim> claim_next(const Commit& commit, const Opening& opening);
    Result<SealedSegment> begin_next(const Commit& commit, const Opening& opening, Rows rows);
    Result<std::optional<Room>> room_after() const;
    Status write(const Row& row);
    Status write_commit(const Commit& commit);
    Status write_opening(const Opening& opening);
    Status write_sealing();
    void count_writes(std::uint64_t frames_before);
    Result<std::set<std::uint64_t>> older_than_next() const;
    Result<Opening> opening_of_next() const;

    store::Files& files;
    const Options options;
    Archive& archive;
    const Directory directory;
    Pool pool;
    Claim claim;  // of the active segment
    Recovered recovered;
    std::optional<Active> active;
    std::optional<Mark> mark;
    std::uint64_t next_number = 1;
    std::uint64_t frames = 0;  // in the active WAL, those of this connection and what it found
    std::string body;          // of the row that is being written; keeps its memory
    Cost cost;
    bool failed = false;
};

Log::Log(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Log::~Log() = default;

const Recovered& Log::recovered() const { return parts_->recovered; }
Log::Cost Log::cost() const { return parts_->cost; }

Result<std::unique_ptr<Log>> Log::open(store::Files& files, Options options, Archive& archive) {
    auto parts = std::make_unique<Parts>(files, std::move(options), archive);
    CMQ_TRY(parts->open());
    return std::unique_ptr<Log>(new Log(std::move(parts)));
}

Status Log::Parts::open() {
    CMQ_TRY(files.make_directory(directory.root));
    CMQ_TRY(files.make_directory(directory.pool()));
    auto found = CMQ_TRY(recover(files, options));
    active = std::move(found.active);
    next_number = found.next_number;
    if (active) frames = (active->wal_bytes - store::wal_header_bytes) / frame_bytes;
    describe();
    mark = CMQ_TRY(Mark::make(files, directory, {options.incarnation, recovered.journal}));
    CMQ_TRY(archive.open_bodies(found.bodies));
    for (auto& sealed : found.sealed) archive.adopt(std::move(sealed));
    if (!active) return {};
    CMQ_TRY(claim.begin(directory.wal(active->number)));
    for (const auto& [group, from] : active->fold.replaced_from()) archive.void_from(group, from);
    return {};
}

void Log::Parts::describe() {
    if (!active) return;
    recovered.journal = active->end;
    for (const auto& [group, state] : active->fold.states()) {
        auto& tail = recovered.groups[group];
        tail = {state.hard, state.base, state.last.index, state.terms, state.last.chain};
    }
}

Status Log::replay(raft::Group group, raft::Index from,
                   const std::function<Status(const raft::Entry&)>& take) {
    if (!parts_->active) return {};
    auto& active = *parts_->active;
    const auto found = active.fold.states().find(group);
    if (found == active.fold.states().end()) return {};
    const auto last = found->second.last.index;
    std::optional<std::uint64_t> chain;
    if (from.value == found->second.base.index.value + 1) chain = found->second.base.chain;
    for (auto index = from; index <= last; ++index.value) {
        const auto* here = active.fold.find(group, index);
        const auto entry = CMQ_TRY(here ? active.rows.entry(active.number, group, *here)
                                        : parts_->archive.read(group, index));
        if (chain && raft::chain_of(entry.kind, *entry.payload, *chain) != entry.chain)
            return fail(Code::corrupt, "group " + std::to_string(group.value) + ", entry " +
                                           std::to_string(index.value) +
                                           ": does not follow the entry before it");
        chain = entry.chain;
        CMQ_TRY(take(entry));
    }
    return {};
}

Status Log::replay_active(raft::Group group, const std::function<void(const raft::Entry&)>& take) {
    if (!parts_->active) return {};
    auto& active = *parts_->active;
    const auto found = active.fold.entries().find(group);
    if (found == active.fold.entries().end()) return {};
    for (const auto& located : found->second)
        take(CMQ_TRY(active.rows.entry(active.number, group, located)));
    return {};
}

Result<Appended> Log::append(const Commit& commit) {
    CMQ_CHECK(!commit.empty());
    if (parts_->failed) return fail(Code::io, "the log failed before and takes no more");
    auto appended = parts_->append(commit);
    if (appended) return appended;
    const auto code = appended.error().code;
    parts_->failed = code != Code::disk_full && code != Code::invalid;
    return appended;
}

Result<Appended> Log::Parts::append(const Commit& commit) {
    if (active) CMQ_TRY(active->fold.check(commit));
    if (!active) CMQ_TRY(Fold().check(commit));
    if (!active || active->sealed) return append_to_next(commit);
    const auto needed = active->wal_bytes + row_bytes(commit) + sealing_bytes(entry_count(commit));
    if (needed > options.segment_bytes) return append_to_next(commit);
    Appended appended;
    const bool grew = CMQ_TRY(claim.cover(needed));
    const auto before = frames;
    CMQ_TRY(fatal(write_commit(commit)));
    count_writes(before);
    CMQ_TRY(fatal(mark->write(active->end)));
    ++cost.commits;
    appended.journal = active->end;
    if (grew) appended.room = CMQ_TRY(room_after());
    return appended;
}

/// Of the row that ends the active segment, if so many entries come to it.
std::uint64_t Log::Parts::sealing_bytes(std::size_t more_entries) const {
    const auto entries = (active ? active->fold.entry_count() : 0) + more_entries;
    return wal_bytes_of_row(index_bytes_per_entry * entries);
}

/// Up to where the active segment ends nothing is lost if it fails. A commit larger than a segment
/// gets one of its own.
Result<Appended> Log::Parts::append_to_next(const Commit& commit) {
    if (active && !active->sealed) CMQ_TRY(claim.cover(active->wal_bytes + sealing_bytes(0)));
    const auto opening = CMQ_TRY(opening_of_next());
    CMQ_TRY(make_segment_files(files, pool, directory, next_number));
    auto claimed = CMQ_TRY(claim_next(commit, opening));
    cost.fsyncs += 2;
    auto rows = CMQ_TRY(open_next());
    auto sealed = CMQ_TRY(fatal(begin_next(commit, opening, std::move(rows))));
    claim = std::move(claimed);
    ++next_number;
    ++cost.commits;
    ++cost.segments;
    const auto room = CMQ_TRY(room_after());
    return Appended{active->end, std::move(sealed), room};
}

Result<Opening> Log::Parts::opening_of_next() const {
    const auto older = CMQ_TRY(older_than_next());
    Opening opening{options.incarnation, {older.begin(), older.end()}, {}};
    if (active) opening.states = active->fold.states();
    return opening;
}

Result<Claim> Log::Parts::claim_next(const Commit& commit, const Opening& opening) {
    Claim next(files, options);
    CMQ_TRY(next.begin(directory.wal(next_number)));
    const auto opening_bytes = encode(opening, {next_number, 0}).size();
    CMQ_TRY(next.cover(store::wal_header_bytes + wal_bytes_of_row(opening_bytes) +
                       row_bytes(commit) + sealing_bytes(entry_count(commit))));
    return next;
}

/// All its files are open when it returns: from then on nothing must be missing.
Result<Rows> Log::Parts::open_next() {
    auto rows = CMQ_TRY(Rows::open_segment(files, directory.segment(next_number)));
    if (const auto first = CMQ_TRY(rows.first()))
        return fail(Code::corrupt, rows.name() + ": a new segment has rows of an old one");
    return rows;
}

/// What a look after a commit shows. The commit stands, whether or not files can be opened to look.
Result<std::optional<Room>> Log::Parts::room_after() const {
    auto room = pool.room();
    if (room) return std::optional<Room>(*room);
    if (room.error().code == Code::disk_full) return std::optional<Room>();
    return tl::unexpected(room.error());
}

Result<SealedSegment> Log::Parts::begin_next(const Commit& commit, const Opening& opening,
                                             Rows rows) {
    if (active && !active->sealed) CMQ_TRY(write_sealing());
    const std::set<std::uint64_t> older(opening.older.begin(), opening.older.end());
    SealedSegment sealed;
    Fold fold;
    Journal end;
    if (active) {
        fold = Fold(active->fold.states());
        end = active->end;
        sealed = sealed_segment({active->number, std::move(active->rows), active->fold.seal(),
                                 active->wal_bytes, older});
    }
    active = Active{next_number, std::move(rows), std::move(fold), older, end, 0};
    frames = 0;
    auto transaction = CMQ_TRY(active->rows.begin());
    CMQ_TRY(write_opening(opening));
    CMQ_TRY(write_commit(commit));
    CMQ_TRY(std::move(transaction).commit());
    count_writes(0);
    ++cost.fsyncs;  // the header of a WAL is synced by itself
    CMQ_TRY(mark->write(active->end));
    CMQ_TRY(mark->sync());
    ++cost.fsyncs;
    return sealed;
}

/// Those that the active segment names, and itself, but not what has gone since. The keeper works
/// on the files meanwhile; only the `gone` that it makes are looked at.
Result<std::set<std::uint64_t>> Log::Parts::older_than_next() const {
    std::set<std::uint64_t> older;
    if (!active) return older;
    older = active->older;
    older.insert(active->number);
    const auto listing = CMQ_TRY(list(files, directory));
    for (const auto number : listing.gone) older.erase(number);
    return older;
}

Status Log::Parts::write(const Row& row) {
    CMQ_TRY(active->rows.append(row));
    active->end = {row.number};
    return {};
}

Status Log::Parts::write_commit(const Commit& commit) {
    const RowName name{active->number, active->end.value + 1};
    const auto toc = toc_of(commit, name);
    const bool alone =
        commit.entries.size() == 1 && commit.bodies.empty() && commit.entries[0].second.payload;
    if (!alone) {
        body.clear();
        for (const auto* list : {&commit.entries, &commit.bodies})
            for (const auto& [group, entry] : *list)
                if (entry.payload) body += *entry.payload;
    }
    const std::string_view bytes = alone ? *commit.entries[0].second.payload : body;
    CMQ_TRY(write({name.row, RowKind::commit, encode(toc, name), bytes}));
    return active->fold.take(toc);
}

Status Log::Parts::write_opening(const Opening& opening) {
    const RowName name{active->number, active->end.value + 1};
    return write({name.row, RowKind::opening, encode(opening, name), {}});
}

Status Log::Parts::write_sealing() {
    const RowName name{active->number, active->end.value + 1};
    const auto before = frames;
    CMQ_TRY(write({name.row, RowKind::sealing, encode(active->fold.seal(), name),
                   encode(active->fold.entries(), name)}));
    count_writes(before);
    return {};
}

/// SQLite counts the frames of a WAL that it found as well.
void Log::Parts::count_writes(std::uint64_t frames_before) {
    frames = active->rows.wal_frames();
    cost.bytes_written += (frames - frames_before) * frame_bytes;
    active->wal_bytes = store::wal_header_bytes + frames * frame_bytes;
    ++cost.fsyncs;
}

}  // namespace cmq::log
