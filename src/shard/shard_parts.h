// shard/shard_parts.h: a shard's threads and what they share. Inside of shard.cpp (the core and the
// way in) and shard_workers.cpp (writer, keeper, flusher).
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <span>
#include <thread>

#include "base/mailbox.h"
#include "shard/shard.h"
#include "shard/snapshot_files.h"
#include "shard/stores.h"

namespace cmq::shard {

/// The keeper looks at free space, the pool and the mark so often; who waits for room, too.
inline constexpr std::chrono::seconds room_interval{1};
/// Damage is looked for once a day, and not while a node starts.
inline constexpr std::chrono::minutes first_scrub{5};
/// Long enough to catch the answer of a busy peer thread, short enough not to be felt.
inline constexpr std::chrono::microseconds spin{0};

struct End {};
using WriterWork = std::variant<WriteJob, End>;
using KeeperWork = std::variant<KeepJob, End>;
using FlusherWork = std::variant<FlushJob, SnapshotJob, End>;

struct Shard::Parts {
    Parts(Options options_, store::Files& files_, const Clock& clock_)
        : options(std::move(options_)),
          files(files_),
          clock(clock_),
          snapshots(files_, options.directory / "state", options.core.newest_format),
          next_scrub(clock_.steady() + first_scrub) {}

    Status recover();
    void start_workers();
    void stop_workers();
    void core_loop();
    void reopen();
    void ask(raft::NodeId to, const BulkRequest& request, std::uint64_t question);
    void writer_loop();
    bool write(std::span<WriteJob> jobs);
    Result<log::Appended> append(const log::Commit& commit);
    void keeper_loop();
    void flusher_loop();
    void flush(FlushJob job);
    void move_snapshot(SnapshotJob job);
    void keep(KeepJob job);
    Status do_job(KeepJob& job);
    bool has_spare_work() const;
    void do_spare_work();
    void fill_pool();
    void tidy();
    void scrub();
    void look_at_room();
    Status sync_mark();
    void publish();
    void publish_nodes();
    void see_to(const Error& error) const;
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

    std::vector<KeepJob> put_off;      // the keeper's: there was a shortage
    std::optional<Tidy> tidy_work;     // the keeper's
    Steady tidy_from{};                // the keeper's: there was no room for it
    bool fills_pool = true;            // the keeper's: it may lack files
    Steady next_room_look{};           // the keeper's
    Steady next_scrub;                 // the keeper's
    std::uint64_t marked_commits = 0;  // the keeper's: commits when the mark was synced last

    std::atomic<std::uint64_t> tickets = 0;
    std::atomic<bool> leads = false;
    std::atomic<std::uint64_t> leader = 0;
    std::atomic<bool> disk_low = false;
    std::atomic<bool> log_waits = false;
    std::atomic<bool> stopping = false;
    std::binary_semaphore room_changed{0};  // wakes a writer that waits for room
    mutable std::mutex figures_mutex;
    Figures figures;
    std::condition_variable leader_changed;     // with figures_mutex
    std::string secret;                         // of the cluster
    std::optional<std::uint64_t> node_changes;  // the core's: that were published

    std::jthread core_thread, writer_thread, keeper_thread, flusher_thread;
};

}  // namespace cmq::shard
