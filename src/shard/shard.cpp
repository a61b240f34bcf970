#include "shard/shard.h"

#include <atomic>
#include <mutex>
#include <semaphore>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "log/archive.h"
#include "shard/checkpoint.h"

namespace cmq::shard {
namespace {

/// Long enough to catch the answer of a busy peer thread, short enough not to be felt.
constexpr std::chrono::microseconds spin{0};
constexpr std::chrono::seconds room_interval{1};

struct End {};
using WriterWork = std::variant<WriteJob, End>;
using KeeperWork = std::variant<KeepJob, End>;
using FlusherWork = std::variant<FlushJob, End>;

}  // namespace

struct Shard::Parts {
    Parts(Options options_, store::Files& files_, const Clock& clock_)
        : options(std::move(options_)), files(files_), clock(clock_) {}

    Status recover();
    Result<raft::Start> replay(const Position& position);
    void start_threads();
    void core_loop();
    void writer_loop();
    Result<log::Appended> append(const log::Commit& commit);
    void keeper_loop();
    void flusher_loop();
    void keep(KeepJob job);
    void tidy();
    void look_at_room();
    void publish();
    void on_failure(const Error& error) const { options.fatal(error); }

    Options options;
    store::Files& files;
    const Clock& clock;

    std::unique_ptr<CheckpointReader> reader;
    std::optional<CheckpointWriter> checkpoint;
    std::unique_ptr<broker::State> state;
    std::unique_ptr<log::Archive> archive;
    std::unique_ptr<log::Log> log;
    std::unique_ptr<Core> core;

    Mailbox<Event> events;
    Mailbox<WriterWork> writes;
    Mailbox<KeeperWork> keeps;
    Mailbox<FlusherWork> flushes;

    std::optional<Tidy> tidy_work;  // the keeper's
    Steady next_room_look{};        // the keeper's

    std::atomic<std::uint64_t> tickets = 0;
    std::atomic<bool> leads = false;
    std::atomic<bool> disk_low = false;
    std::atomic<bool> stopping = false;
    std::binary_semaphore room_changed{0};  // wakes a writer that waits for room
    mutable std::mutex figures_mutex;
    Figures figures;

    std::jthread core_thread, writer_thread, keeper_thread, flusher_thread;
};

Shard::Shard(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Shard::~Shard() { stop(); }

Result<std::unique_ptr<Shard>> Shard::open(Options options, store::Files& files,
                                           const Clock& clock) {
    auto parts = std::make_unique<Parts>(std::move(options), files, clock);
    CMQ_TRY(parts->recover());
    parts->start_threads();
    return std::unique_ptr<Shard>(new Shard(std::move(parts)));
}

Status Shard::Parts::recover() {
    const auto state_file = options.directory / "state" / "0001.db";
    CMQ_TRY(files.make_directory(state_file.parent_path()));
    checkpoint = CMQ_TRY(CheckpointWriter::open(files, state_file));
    reader = CMQ_TRY(CheckpointReader::open(files, state_file, options.fatal));
    state = std::make_unique<broker::State>(first_group.value, *reader);
    CMQ_TRY(state->load());
    const auto position = CMQ_TRY(reader->position());

    log::Options log_options;
    log_options.directory = options.directory / "log";
    log_options.grow_first = options.grow_first_segment;
    archive = std::make_unique<log::Archive>(files, log_options);
    log = CMQ_TRY(log::Log::open(files, log_options, *archive));
    auto start = CMQ_TRY(replay(position));

    Core::Ports ports{[this](WriteJob job) { writes.push(std::move(job)); },
                      [this](KeepJob job) { keeps.push(std::move(job)); },
                      [this](FlushJob job) { flushes.push(std::move(job)); },
                      [this](const Error& error) { on_failure(error); }};
    core = std::make_unique<Core>(options.core, clock, *state, std::move(start), std::move(ports));
    const auto& groups = log->recovered().groups;
    if (const auto group = groups.find(first_group); group != groups.end()) {
        CMQ_TRY(log->replay(first_group, group->second.active, [this](const raft::Entry& entry) {
            if (entry.index <= state->applied()) core->remember(entry);
            return Status{};
        }));
    }
    return {};
}

/// What the log holds beyond the checkpoint. A checkpoint beyond the log is damage: it was written
/// only after its entries were on disk.
Result<raft::Start> Shard::Parts::replay(const Position& position) {
    raft::Start start;
    start.self = options.self;
    start.base = raft::Base{position.index, position.term, position.chain, {options.self}};
    const auto& groups = log->recovered().groups;
    const auto group = groups.find(first_group);
    if (group == groups.end()) {
        if (position.index == raft::Index{}) return start;
        return fail(Code::corrupt,
                    (options.directory / "log").string() +
                        ": the log is missing or empty, but the state was written at "
                        "entry " +
                        std::to_string(position.index.value));
    }
    start.hard = group->second.hard;
    if (group->second.last < position.index)
        return fail(Code::corrupt, (options.directory / "log").string() +
                                       ": the log ends at entry " +
                                       std::to_string(group->second.last.value) +
                                       ", but the state was written at entry " +
                                       std::to_string(position.index.value));
    const raft::Index from{position.index.value + 1};
    CMQ_TRY(log->replay(first_group, from, [&start](const raft::Entry& entry) {
        start.entries.push_back(entry);
        return Status{};
    }));
    return start;
}

void Shard::Parts::start_threads() {
    writer_thread = std::jthread([this] { writer_loop(); });
    keeper_thread = std::jthread([this] { keeper_loop(); });
    flusher_thread = std::jthread([this] { flusher_loop(); });
    core_thread = std::jthread([this] { core_loop(); });
}

void Shard::Parts::core_loop() {
    std::vector<Event> batch;
    while (!core->stopped()) {
        core->advance();
        publish();
        events.take(batch, core->wake_at(), spin);
        for (auto& event : batch) core->handle(std::move(event));
    }
    events.take(batch, clock.steady());  // came while the last of the work was done: refused
    for (auto& event : batch) core->handle(std::move(event));
}

/// What other threads may read of the core.
void Shard::Parts::publish() {
    auto now = core->figures();
    leads = now.leads;
    disk_low = now.disk_low;
    const std::lock_guard lock(figures_mutex);
    figures.core = std::move(now);
}

void Shard::Parts::writer_loop() {
    std::vector<WriterWork> batch;
    for (;;) {
        writes.take(batch, {}, spin);
        for (auto& work : batch) {
            auto* job = std::get_if<WriteJob>(&work);
            if (!job) return;
            auto appended = append(job->commit);
            if (!appended) return on_failure(appended.error());
            const auto cost = log->cost();
            {
                const std::lock_guard lock(figures_mutex);
                figures.log = cost;
            }
            events.push(Written{job->done, std::move(appended->sealed)});
        }
    }
}

/// A full disk is met when a file is taken, before anything is written: so it may be tried again,
/// and service returns by itself.
Result<log::Appended> Shard::Parts::append(const log::Commit& commit) {
    for (;;) {
        auto appended = log->append(commit);
        if (appended || appended.error().code != Code::disk_full || stopping) return appended;
        log::error("disk_full", {{"detail", appended.error().message}});
        (void)room_changed.try_acquire_for(room_interval);  // or the time is up
    }
}

void Shard::Parts::keeper_loop() {
    std::vector<KeeperWork> batch;
    for (;;) {
        const bool busy = tidy_work.has_value();
        const auto wake = busy ? clock.steady() : clock.steady() + room_interval;
        keeps.take(batch, wake);
        for (auto& work : batch) {
            auto* job = std::get_if<KeepJob>(&work);
            if (!job) return;
            keep(std::move(*job));
        }
        if (batch.empty() && busy) tidy();
        look_at_room();
    }
}

void Shard::Parts::keep(KeepJob job) {
    if (auto* adopt = std::get_if<Adopt>(&job)) archive->adopt(std::move(adopt->sealed));
    if (const auto* read = std::get_if<ReadEntry>(&job)) {
        auto entry = archive->read(first_group, read->index);
        if (!entry) log::error("body_unreadable", {{"detail", entry.error().message}});
        events.push(EntryRead{read->index, std::move(entry)});
    }
    if (auto* tidy_job = std::get_if<Tidy>(&job)) tidy_work = std::move(*tidy_job);
}

/// One bounded piece, so that reads need not wait long.
void Shard::Parts::tidy() {
    const auto& live = tidy_work->live;
    const auto more = archive->tidy_up(
        first_group, tidy_work->durable_applied,
        [&live](raft::Group, raft::Index from, raft::Index to) { return live.any(from, to); });
    if (!more && more.error().code != Code::disk_full) return on_failure(more.error());
    if (!more || !*more) tidy_work.reset();
}

void Shard::Parts::look_at_room() {
    if (clock.steady() < next_room_look) return;
    next_room_look = clock.steady() + room_interval;
    if (const auto filled = archive->fill_pool(); !filled && filled.error().code != Code::disk_full)
        return on_failure(filled.error());
    const auto usage = archive->usage();
    if (!usage) return on_failure(usage.error());
    {
        const std::lock_guard lock(figures_mutex);
        figures.free_bytes = usage->free_bytes;
    }
    events.push(Room{usage->free_bytes});
}

void Shard::Parts::flusher_loop() {
    std::vector<FlusherWork> batch;
    for (;;) {
        flushes.take(batch, {});
        for (auto& work : batch) {
            auto* job = std::get_if<FlushJob>(&work);
            if (!job) return;
            if (const auto done = checkpoint->write(*job); !done) return on_failure(done.error());
            events.push(Flushed{job->position});
        }
    }
}

Ticket Shard::submit(Request request, Continuation done) {
    const Ticket ticket{++parts_->tickets};
    parts_->events.push(Submit{ticket, std::move(request), std::move(done)});
    return ticket;
}

void Shard::cancel(Ticket ticket) { parts_->events.push(Cancel{ticket}); }

void Shard::give_back(GiveBack receives) { parts_->events.push(std::move(receives)); }

void Shard::stop() {
    if (parts_->stopping.exchange(true)) return;
    parts_->events.push(Stop{});
    parts_->room_changed.release();
    parts_->core_thread.join();
    parts_->writes.push(End{});
    parts_->keeps.push(End{});
    parts_->flushes.push(End{});
    parts_->writer_thread.join();
    parts_->keeper_thread.join();
    parts_->flusher_thread.join();
}

bool Shard::ready() const { return parts_->leads && !parts_->disk_low && !parts_->stopping; }

Shard::Figures Shard::figures() const {
    const std::lock_guard lock(parts_->figures_mutex);
    return parts_->figures;
}

}  // namespace cmq::shard
