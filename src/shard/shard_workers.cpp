// What the writer, the keeper and the flusher do.

#include "base/log.h"
#include "base/thread.h"
#include "shard/shard_parts.h"
#include "shard/write_batch.h"

namespace cmq::shard {
namespace {

/// What is read at each look at the room, so that damage is found while others have copies.
constexpr std::uint64_t scrub_bytes = 4u << 20;
constexpr std::chrono::hours scrub_interval{24};

constexpr std::chrono::seconds no_wait{0};

}  // namespace

void Shard::Parts::writer_loop() {
    name_thread("writer");
    std::vector<WriterWork> batch;
    std::vector<WriteJob> jobs;
    for (bool ends = false; !ends;) {
        writes.take(batch, {}, spin);
        jobs.clear();
        for (auto& work : batch) {
            ends = std::holds_alternative<End>(work);
            if (ends) break;
            jobs.push_back(std::move(std::get<WriteJob>(work)));
        }
        for (std::span<WriteJob> left(jobs); !left.empty();) {
            const auto count = fit_together(left);
            if (!write(left.first(count))) return;
            left = left.subspan(count);
        }
    }
}

/// One commit. False: it failed, and nothing may be written any more; or there is no room, and it
/// stops: nobody was promised what is given up then.
bool Shard::Parts::write(std::span<WriteJob> jobs) {
    auto appended = append(jobs.size() == 1 ? jobs.front().commit : together(jobs));
    if (!appended) {
        if (appended.error().code != Code::disk_full) on_failure(appended.error());
        return false;
    }
    if (appended->room) events.push(*appended->room);
    const auto cost = stores.log->cost();
    {
        const std::lock_guard lock(figures_mutex);
        figures.log = cost;
    }
    for (auto& job : jobs) {
        std::vector<raft::Entry> bodies;
        for (auto& [group, body] : job.commit.bodies) bodies.push_back(std::move(body));
        events.push(
            Written{job.done, std::move(appended->sealed), std::move(bodies), appended->journal});
    }
    return true;
}

/// A shortage is met when a file is taken, before anything is written: so it may be tried again,
/// and service returns by itself.
Result<log::Appended> Shard::Parts::append(const log::Commit& commit) {
    for (bool waited = false;; waited = true) {
        auto appended = stores.log->append(commit);
        const bool waits = !appended && appended.error().code == Code::disk_full;
        if (appended && waited) log::info("log_has_room", {});
        if (!waits) return appended;
        if (!waited) log::error("log_waits_for_room", {{"detail", appended.error().message}});
        events.push(LogWaits{});
        if (stopping) return appended;
        (void)room_changed.try_acquire_for(room_interval);  // or the time is up
    }
}

void Shard::Parts::keeper_loop() {
    name_thread("keeper");
    std::vector<KeeperWork> batch;
    for (;;) {
        keeps.take(batch, clock.steady() + (has_spare_work() ? no_wait : room_interval));
        for (auto& work : batch) {
            auto* job = std::get_if<KeepJob>(&work);
            if (!job) return;
            keep(std::move(*job));
        }
        if (batch.empty()) do_spare_work();
        look_at_room();
    }
}

bool Shard::Parts::has_spare_work() const {
    return fills_pool || (tidy_work && clock.steady() >= tidy_from);
}

/// One bounded piece of each, so that reads need not wait long. The pool comes first: the log goes
/// slower without it.
void Shard::Parts::do_spare_work() {
    if (fills_pool) fill_pool();
    if (tidy_work && clock.steady() >= tidy_from) tidy();
}

void Shard::Parts::fill_pool() {
    const auto filled = stores.archive->fill_pool();
    fills_pool = filled.value_or(false);
    if (!filled) see_to(filled.error());
}

/// In a shortage it is put off until the next look at the room.
void Shard::Parts::keep(KeepJob job) {
    const auto done = do_job(job);
    if (done) return;
    if (done.error().code != Code::disk_full) return on_failure(done.error());
    log::warn("read_put_off", {{"detail", done.error().message}});
    put_off.push_back(std::move(job));
}

/// errors  disk_full: nothing was done; others end the process.
Status Shard::Parts::do_job(KeepJob& job) {
    if (auto* adopt = std::get_if<Adopt>(&job)) {
        stores.archive->adopt(std::move(adopt->sealed));
        fills_pool = true;  // the segment after it took what was there
    }
    if (const auto* read = std::get_if<ReadEntry>(&job)) {
        auto entry = stores.archive->read(first_group, read->index);
        if (!entry && entry.error().code == Code::disk_full) return tl::unexpected(entry.error());
        if (!entry) log::error("body_unreadable", {{"detail", entry.error().message}});
        events.push(EntryRead{read->index, std::move(entry)});
    }
    if (const auto* range = std::get_if<ReadRange>(&job))
        events.push(CMQ_TRY(read_range(*stores.archive, *range)));
    if (auto* tidy_job = std::get_if<Tidy>(&job)) tidy_work = std::move(*tidy_job);
    if (const auto* missing = std::get_if<FindMissing>(&job))
        events.push(CMQ_TRY(find_missing(*stores.archive, *missing)));
    if (const auto* wanted = std::get_if<ReadBodies>(&job))
        if (auto damaged = answer(*stores.archive, *wanted)) events.push(*std::move(damaged));
    return {};
}

void Shard::Parts::tidy() {
    const auto more = tidy_up(*stores.archive, *tidy_work);
    if (more && *more) return;
    if (!more && more.error().code == Code::disk_full) {
        tidy_from = clock.steady() + room_interval;
        return;
    }
    tidy_work.reset();
    if (more) return;
    const auto damaged = stores.archive->damaged();
    if (!damaged || more.error().code != Code::corrupt) return on_failure(more.error());
    events.push(Damaged{*damaged, more.error(), true});
}

/// A round a day, in small pieces.
void Shard::Parts::scrub() {
    if (clock.steady() < next_scrub) return;
    const auto scrubbed = stores.archive->scrub(first_group, scrub_bytes);
    if (!scrubbed && scrubbed.error().code == Code::disk_full) return;  // the next look goes on
    if (!scrubbed) return on_failure(scrubbed.error());
    for (const auto index : scrubbed->damaged)
        events.push(Damaged{index,
                            {Code::corrupt, "entry " + std::to_string(index.value) +
                                                ": found while reading what lies still"},
                            false});
    if (scrubbed->round_ends) next_scrub = clock.steady() + scrub_interval;
}

/// The log's mark is for power cuts; an idle log leaves the disk alone.
Status Shard::Parts::sync_mark() {
    std::uint64_t commits = 0;
    {
        const std::lock_guard lock(figures_mutex);
        commits = figures.log.commits;
    }
    if (marked_commits == commits) return {};
    CMQ_TRY(stores.archive->sync_mark());
    marked_commits = commits;
    return {};
}

void Shard::Parts::look_at_room() {
    if (clock.steady() < next_room_look) return;
    next_room_look = clock.steady() + room_interval;
    for (auto& job : std::exchange(put_off, {})) keep(std::move(job));
    fills_pool = true;
    scrub();
    if (const auto marked = sync_mark(); !marked) see_to(marked.error());
    const auto usage = stores.archive->usage();
    if (!usage) return see_to(usage.error());
    {
        const std::lock_guard lock(figures_mutex);
        figures.free_bytes = usage->room.free_bytes;
    }
    events.push(usage->room);
}

/// What a shortage keeps from being done now is done at the next look.
void Shard::Parts::see_to(const Error& error) const {
    if (error.code != Code::disk_full) on_failure(error);
}

void Shard::Parts::flusher_loop() {
    name_thread("flusher");
    std::vector<FlusherWork> batch;
    for (;;) {
        flushes.take(batch, {});
        for (auto& work : batch) {
            if (std::holds_alternative<End>(work)) return;
            if (auto* snapshot = std::get_if<SnapshotJob>(&work)) {
                move_snapshot(std::move(*snapshot));
            } else {
                flush(std::move(std::get<FlushJob>(work)));
            }
        }
    }
}

void Shard::Parts::flush(FlushJob job) {
    const auto done = stores.checkpoint->write(job);
    if (done) return events.push(Flushed{job.position, job.bodies_lack});
    if (done.error().code != Code::disk_full) return on_failure(done.error());
    events.push(NotFlushed{std::move(job), done.error()});
}

void Shard::Parts::move_snapshot(SnapshotJob job) {
    auto news = snapshots.run(std::move(job), *stores.checkpoint);
    if (!news) return on_failure(news.error());
    if (*news) events.push(**std::move(news));
}

}  // namespace cmq::shard
