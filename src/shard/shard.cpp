#include "shard/shard.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/thread.h"
#include "shard/snapshot_files.h"
#include "shard/stores.h"

namespace cmq::shard {
namespace {

/// Long enough to catch the answer of a busy peer thread, short enough not to be felt.
constexpr std::chrono::microseconds spin{0};
constexpr std::chrono::seconds room_interval{1};

struct End {};
using WriterWork = std::variant<WriteJob, End>;
using KeeperWork = std::variant<KeepJob, End>;
using FlusherWork = std::variant<FlushJob, SnapshotJob, End>;

}  // namespace

struct Shard::Parts {
    Parts(Options options_, store::Files& files_, const Clock& clock_)
        : options(std::move(options_)),
          files(files_),
          clock(clock_),
          snapshots(files_, options.directory / "state") {}

    Status recover();
    void start_workers();
    void stop_workers();
    void core_loop();
    void reopen();
    void ask(raft::NodeId to, const BulkRequest& request, std::uint64_t question);
    void writer_loop();
    Result<log::Appended> append(const log::Commit& commit);
    void keeper_loop();
    void flusher_loop();
    void flush(const FlushJob& job);
    void move_snapshot(SnapshotJob job);
    void keep(KeepJob job);
    void tidy();
    void look_at_room();
    Status sync_mark();
    void publish();
    void publish_nodes();
    void on_failure(const Error& error) const { options.fatal(error); }

    Options options;
    store::Files& files;
    const Clock& clock;

    Stores stores;
    SnapshotFiles snapshots;
    std::unique_ptr<Core> core;

    Mailbox<Event> events;
    Mailbox<WriterWork> writes;
    Mailbox<KeeperWork> keeps;
    Mailbox<FlusherWork> flushes;

    std::optional<Tidy> tidy_work;     // the keeper's
    Steady next_room_look{};           // the keeper's
    std::uint64_t marked_commits = 0;  // the keeper's: commits when the mark was synced last

    std::atomic<std::uint64_t> tickets = 0;
    std::atomic<bool> leads = false;
    std::atomic<std::uint64_t> leader = 0;
    std::atomic<bool> disk_low = false;
    std::atomic<bool> stopping = false;
    std::binary_semaphore room_changed{0};  // wakes a writer that waits for room
    mutable std::mutex figures_mutex;
    Figures figures;
    std::condition_variable leader_changed;     // with figures_mutex
    std::string secret;                         // of the cluster
    std::optional<std::uint64_t> node_changes;  // the core's: that were published

    std::jthread core_thread, writer_thread, keeper_thread, flusher_thread;
};

Shard::Shard(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Shard::~Shard() { stop(); }

Result<std::unique_ptr<Shard>> Shard::open(Options options, store::Files& files,
                                           const Clock& clock) {
    auto parts = std::make_unique<Parts>(std::move(options), files, clock);
    CMQ_TRY(parts->recover());
    const bool alone = parts->core->votes_alone();
    parts->start_workers();
    parts->core_thread = std::jthread([parts = parts.get()] { parts->core_loop(); });
    if (alone) parts->leads.wait(false);  // a failure on the way does not return
    return std::unique_ptr<Shard>(new Shard(std::move(parts)));
}

Status Shard::Parts::recover() {
    raft::Configuration first;
    if (options.founder) first.voters = {options.self};
    stores = CMQ_TRY(open_stores(files, options.directory, options.self, std::move(first),
                                 options.log, options.fatal));
    Core::Ports ports{[this](WriteJob job) { writes.push(std::move(job)); },
                      [this](KeepJob job) { keeps.push(std::move(job)); },
                      [this](FlushJob job) { flushes.push(std::move(job)); },
                      [this](SnapshotJob job) { flushes.push(std::move(job)); },
                      options.send,
                      [this](raft::NodeId to, const BulkRequest& request, std::uint64_t question) {
                          ask(to, request, question);
                      },
                      [this](const Error& error) { on_failure(error); }};
    core = std::make_unique<Core>(options.core, clock, *stores.state, std::move(stores.start),
                                  std::move(ports), stores.bodies_lack);
    return stores.remember_active(*core);
}

void Shard::Parts::start_workers() {
    writer_thread = std::jthread([this] { writer_loop(); });
    keeper_thread = std::jthread([this] { keeper_loop(); });
    flusher_thread = std::jthread([this] { flusher_loop(); });
}

void Shard::Parts::stop_workers() {
    writes.push(End{});
    keeps.push(End{});
    flushes.push(End{});
    writer_thread.join();
    keeper_thread.join();
    flusher_thread.join();
}

void Shard::Parts::core_loop() {
    name_thread("core");
    std::vector<Event> batch;
    while (!core->stopped()) {
        core->advance();
        publish();
        events.take(batch, core->wake_at(), spin);
        for (auto& event : batch) core->handle(std::move(event));
        if (core->replaced() && !stopping) reopen();
    }
    events.take(batch, clock.steady());  // came while the last of the work was done: refused
    for (auto& event : batch) core->handle(std::move(event));
}

/// A snapshot took the place of log and state (shard/core_snapshot.cpp). To the rest of this node
/// it looks like a pause; what the old workers had to say concerns nobody any more.
void Shard::Parts::reopen() {
    stop_workers();
    std::vector<Event> left;
    events.take(left, clock.steady());
    for (auto& event : left) core->handle(std::move(event));
    const bool stops = core->stopped();
    options.core.self = core->self();
    ++options.core.seed;
    core.reset();
    stores = {};
    tidy_work.reset();
    if (const auto recovered = recover(); !recovered) return on_failure(recovered.error());
    start_workers();
    if (stops) core->handle(Stop{});
}

void Shard::Parts::ask(raft::NodeId to, const BulkRequest& request, std::uint64_t question) {
    const auto heard = [this, question](const Result<std::string>& bytes) {
        auto answer =
            bytes ? decode_bulk_answer(*bytes) : Result<BulkAnswer>(tl::unexpected(bytes.error()));
        events.push(Answered{question, std::move(answer)});
    };
    if (options.ask) return options.ask(to, encode(request), heard);
    heard(fail(Code::unreachable, "this node talks to no others"));
}

/// What other threads may read of the core.
void Shard::Parts::publish() {
    const auto now = core->figures();
    if (leads.exchange(now.leads) != now.leads) leads.notify_all();
    const bool changed = leader.exchange(now.leader.value) != now.leader.value;
    disk_low = now.disk_low;
    publish_nodes();
    const std::lock_guard lock(figures_mutex);
    figures.core = now;
    if (changed) leader_changed.notify_all();
    if (secret.empty()) secret = stores.state->secret();
}

void Shard::Parts::publish_nodes() {
    if (!options.on_nodes) return;
    const auto changes = stores.state->node_changes();
    if (std::exchange(node_changes, changes) != changes) options.on_nodes(stores.state->nodes());
}

void Shard::Parts::writer_loop() {
    name_thread("writer");
    std::vector<WriterWork> batch;
    for (;;) {
        writes.take(batch, {}, spin);
        for (auto& work : batch) {
            auto* job = std::get_if<WriteJob>(&work);
            if (!job) return;
            auto appended = append(job->commit);
            if (!appended) return on_failure(appended.error());
            const auto cost = stores.log->cost();
            {
                const std::lock_guard lock(figures_mutex);
                figures.log = cost;
            }
            std::vector<raft::Entry> bodies;
            for (auto& [group, body] : job->commit.bodies) bodies.push_back(std::move(body));
            events.push(Written{job->done, std::move(appended->sealed), std::move(bodies)});
        }
    }
}

/// A full disk is met when a file is taken, before anything is written: so it may be tried again,
/// and service returns by itself.
Result<log::Appended> Shard::Parts::append(const log::Commit& commit) {
    for (;;) {
        auto appended = stores.log->append(commit);
        if (appended || appended.error().code != Code::disk_full || stopping) return appended;
        log::error("disk_full", {{"detail", appended.error().message}});
        (void)room_changed.try_acquire_for(room_interval);  // or the time is up
    }
}

void Shard::Parts::keeper_loop() {
    name_thread("keeper");
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
    if (auto* adopt = std::get_if<Adopt>(&job)) stores.archive->adopt(std::move(adopt->sealed));
    if (const auto* read = std::get_if<ReadEntry>(&job)) {
        auto entry = stores.archive->read(first_group, read->index);
        if (!entry) log::error("body_unreadable", {{"detail", entry.error().message}});
        events.push(EntryRead{read->index, std::move(entry)});
    }
    if (const auto* range = std::get_if<ReadRange>(&job))
        events.push(read_range(*stores.archive, *range));
    if (auto* tidy_job = std::get_if<Tidy>(&job)) tidy_work = std::move(*tidy_job);
    if (const auto* missing = std::get_if<FindMissing>(&job)) {
        auto found = find_missing(*stores.archive, *missing);
        if (!found) return on_failure(found.error());
        events.push(*std::move(found));
    }
    if (const auto* wanted = std::get_if<ReadBodies>(&job))
        wanted->reply(read_bodies(*stores.archive, *wanted));
}

/// One bounded piece, so that reads need not wait long.
void Shard::Parts::tidy() {
    const auto& live = tidy_work->live;
    const auto more = stores.archive->tidy_up(
        first_group, tidy_work->durable_applied,
        [&live](raft::Group, raft::Index from, raft::Index to) { return live.any(from, to); });
    if (!more && more.error().code != Code::disk_full) return on_failure(more.error());
    if (!more || !*more) tidy_work.reset();
}

/// The log's mark is for power cuts; an idle log leaves the disk alone.
Status Shard::Parts::sync_mark() {
    std::uint64_t commits = 0;
    {
        const std::lock_guard lock(figures_mutex);
        commits = figures.log.commits;
    }
    if (std::exchange(marked_commits, commits) == commits) return {};
    return stores.archive->sync_mark();
}

void Shard::Parts::look_at_room() {
    if (clock.steady() < next_room_look) return;
    next_room_look = clock.steady() + room_interval;
    if (const auto filled = stores.archive->fill_pool();
        !filled && filled.error().code != Code::disk_full)
        return on_failure(filled.error());
    if (const auto marked = sync_mark(); !marked) return on_failure(marked.error());
    const auto usage = stores.archive->usage();
    if (!usage) return on_failure(usage.error());
    {
        const std::lock_guard lock(figures_mutex);
        figures.free_bytes = usage->free_bytes;
    }
    events.push(Room{usage->free_bytes});
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
                flush(std::get<FlushJob>(work));
            }
        }
    }
}

void Shard::Parts::flush(const FlushJob& job) {
    if (const auto done = stores.checkpoint->write(job); !done) return on_failure(done.error());
    events.push(Flushed{job.position, job.bodies_lack});
}

void Shard::Parts::move_snapshot(SnapshotJob job) {
    auto news = snapshots.run(std::move(job), *stores.checkpoint);
    if (!news) return on_failure(news.error());
    if (*news) events.push(**std::move(news));
}

Ticket Shard::submit(Request request, Continuation done, bool again) {
    const Ticket ticket{++parts_->tickets};
    parts_->events.push(Submit{ticket, std::move(request), std::move(done), again});
    return ticket;
}

void Shard::cancel(Ticket ticket) { parts_->events.push(Cancel{ticket}); }

void Shard::give_back(GiveBack receives) { parts_->events.push(std::move(receives)); }

void Shard::receive(raft::Message message, Stamp wall) {
    parts_->events.push(FromPeer{std::move(message), wall});
}

void Shard::asked(raft::NodeId from, std::string_view request, BulkAnswered answered) {
    auto wanted = decode_bulk_request(request);
    if (!wanted) return answered(tl::unexpected(wanted.error()));
    auto reply = [answered = std::move(answered)](const Result<BulkAnswer>& answer) {
        answered(answer ? Result<std::string>(encode(*answer)) : tl::unexpected(answer.error()));
    };
    parts_->events.push(Asked{from, *std::move(wanted), std::move(reply)});
}

void Shard::hand_over(raft::NodeId to) { parts_->events.push(HandOver{to}); }

void Shard::set_self(broker::NodeEntry self) { parts_->events.push(SetSelf{std::move(self)}); }

std::string Shard::secret() const {
    const std::lock_guard lock(parts_->figures_mutex);
    return parts_->secret;
}

void Shard::hand_over_and_wait(std::chrono::milliseconds patience) {
    hand_over({});
    std::unique_lock lock(parts_->figures_mutex);
    parts_->leader_changed.wait_for(lock, patience,
                                    [this] { return leader() != parts_->options.self; });
}

raft::NodeId Shard::leader() const { return raft::NodeId{parts_->leader}; }

void Shard::stop() {
    if (parts_->stopping.exchange(true)) return;
    parts_->events.push(Stop{});
    parts_->room_changed.release();
    parts_->core_thread.join();
    parts_->stop_workers();
}

bool Shard::ready() const {
    const bool led =
        parts_->leads || (leader() != raft::NodeId{} && leader() != parts_->options.self);
    return led && !parts_->disk_low && !parts_->stopping;
}

Shard::Figures Shard::figures() const {
    const std::lock_guard lock(parts_->figures_mutex);
    return parts_->figures;
}

}  // namespace cmq::shard
