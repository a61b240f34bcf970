// tests/simulation/machine.h: a whole shard in one thread: production raft, log, shard and broker
// on a simulated disk and clock. What its threads would do are steps of whoever drives it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "shard/core.h"
#include "shard/snapshot_files.h"
#include "shard/stores.h"
#include "tests/support/disk.h"
#include "tests/support/virtual_clock.h"

namespace cmq::simulation {

using support::VirtualClock;

class Machine {
public:
    struct Settings {
        log::Options log;
        shard::CoreOptions core;
        raft::NodeId self{1};
        raft::Configuration first{{raft::NodeId{1}}, {}};  // who votes before the log says so
        std::function<void(const raft::Message&, const shard::JournalNote&)> send;
        /// As shard::Core::Ports::ask; left out: nobody answers.
        std::function<void(raft::NodeId, shard::BulkRequest, std::uint64_t question)> ask;
        std::chrono::microseconds write_time{0};  // at most, of a write of the log
        shard::SnapshotOptions snapshots;
        broker::Planted planted{};
    };
    Machine(support::Disk& disk, VirtualClock& clock, Settings settings, std::uint64_t seed);

    /// Recovers from the disk. False: it could not, see failure().
    bool start();
    /// One thing that some thread has to do, chosen by the seed. False: nothing to do, or failed.
    bool step();
    void settle();  // until there is nothing to do
    bool failed() const { return failure_.has_value(); }
    const Error& failure() const { return *failure_; }

    shard::Ticket put(const broker::Action& action, shard::Continuation done,
                      std::optional<std::chrono::seconds> wait = {});
    shard::Ticket ask(shard::Request request, shard::Continuation done);
    void receive(raft::Message message, Stamp wall, const shard::JournalNote& note);
    void asked(shard::Asked question);
    void answered(shard::Answered answer);
    void hand_over(raft::NodeId to);
    void set_self(broker::NodeEntry self);
    /// What the keeper does once a second: the pool, the mark, the room that is left.
    void look_around();
    /// Reads all that lies still, as the keeper does once a day. Entries that were damaged.
    std::size_t scrub();
    /// The disk does nothing before.
    void stall_disk(Steady until) { stalled_until_ = std::max(stalled_until_, until); }
    /// Only the log's writes wait.
    void stall_log(Steady until) { log_stalled_until_ = until; }
    /// When there is something to do even if nothing happens.
    std::optional<Steady> wake_at();
    broker::State& state() { return *stores_.state; }
    std::optional<std::uint64_t> state_hash();  // none: it could not be read, and has failed
    shard::CoreFigures figures() const { return core_ ? core_->figures() : shard::CoreFigures{}; }
    std::uint64_t installed() const { return installed_; }  // snapshots, since it started

private:
    template <class Work>
    void guarded(Work work);
    [[noreturn]] static void fail_with(const Error& error);
    void recover();
    void reopen();
    void take(shard::WriteJob job);
    bool disk_is_ready() const;
    Steady next_write() const;
    void write();
    void keep();
    void flush();
    bool takes_long();
    void hear();
    void tidy();

    support::Disk& disk_;
    VirtualClock& clock_;
    Settings settings_;
    std::mt19937_64 chance_;
    shard::Stores stores_;
    std::unique_ptr<shard::Core> core_;
    struct Write {
        shard::WriteJob job;
        Steady at;  // when the disk gets to it
    };
    std::deque<Write> writes_;
    std::deque<shard::KeepJob> keeps_;
    std::deque<std::variant<shard::FlushJob, shard::SnapshotJob>> flushes_;
    std::unique_ptr<shard::SnapshotFiles> snapshots_;
    std::deque<shard::Event> news_;  // of snapshots, which the core has yet to hear
    bool checking_ = false;          // one that came whole, until flush_from_
    std::uint64_t installed_ = 0;
    std::optional<shard::Tidy> tidy_;
    std::optional<Error> failure_;
    std::uint64_t tickets_ = 0;
    Steady stalled_until_, log_stalled_until_, tidy_from_, flush_from_;
};

}  // namespace cmq::simulation
