// shard/core.h: one Raft group from proposal to answer: propose, commit, apply, answer, wait.
//
// Everything here belongs to one thread and does no I/O: events come in, jobs for the other
// threads go out through Ports. The simulator drives it the same way as shard.cpp does.
//
// A commit carries whatever arrived while the one before was written (D4). A receive with nothing
// to give is parked outside the log; the message that arrives wakes it in order of arrival (D6).
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/state.h"
#include "raft/core.h"
#include "shard/entry_cache.h"
#include "shard/jobs.h"
#include "shard/journal_watch.h"
#include "shard/stamp.h"
#include "shard/waiting.h"

namespace cmq::shard {

inline constexpr raft::Group first_group{1};
/// For the last chunk of a snapshot all of it is checked.
inline constexpr std::chrono::seconds bulk_patience{60};

/// Rules that can be broken on purpose, to prove that the tests would notice. Only tests set this.
enum class Planted : std::uint8_t {
    none,
    flush_ahead_of_log,  // a state is written that is ahead of the own log (D5)
    own_clock_rules,     // stamps follow the leader's clock, not the median of a majority (D8)
    lost_lead_refuses,   // what was proposed is called refused when the lead is lost
    newest_at_once,      // a leader writes the newest version it knows, without asking the others
    notes_ignored,       // a log that lost what was durable goes on (D3b)
};

struct CoreOptions {
    std::uint64_t in_flight_bytes_max = 64u << 20;  // proposed and not answered; then "throttled"
    std::uint64_t entry_bytes_max = 256u << 10;     // what one read loads; a larger command alone
    std::uint64_t commit_bytes_max = 960u << 10;    // of its entries: one message between nodes
    std::uint64_t flush_log_bytes = 128u << 20;     // state is written behind after so much log
    std::chrono::seconds flush_interval{30};        // or so long
    std::uint64_t keep_log_bytes = 512u << 20;      // for followers that were away; none if alone
    std::size_t cold_cache_bytes = 16u << 20;
    std::uint64_t disk_reserve_bytes = 1u << 30;  // below: see core_room.cpp
    std::string secret;                           // 32 random bytes, for a new log only
    raft::Options raft;
    broker::NodeEntry
        self;  // how others find this node; the leader puts its own into the directory
    std::uint64_t seed = 0;  // different on each node and in each life of a core
    broker::FormatVersion newest_format = broker::newest_format();  // that this program knows
    Planted planted = Planted::none;
};

/// Read by other threads while the core runs.
struct CoreFigures {
    std::uint64_t commits = 0, commands = 0, parked = 0, cold_reads = 0, flushes = 0;
    std::uint64_t cache_bytes = 0, applied = 0, durable_applied = 0;
    std::uint64_t term = 0, commit = 0, secured = 0, copies_in_sync = 0;
    std::uint64_t snapshots_sent = 0, bodies_fetched = 0, bodies_repaired = 0;
    std::chrono::milliseconds clock_error{0};  // of our clock against the median, while we lead
    raft::Index bodies_lack;  // of entries up to here bodies may be missing; 0: none is
    raft::NodeId leader;      // 0: unknown
    bool leads = false, disk_low = false, log_waits = false;
    broker::FormatVersion format;  // in force
    broker::State::Counts state;
};

class Core {
public:
    struct Ports {
        std::function<void(WriteJob)> write;
        std::function<void(KeepJob)> keep;
        std::function<void(FlushJob)> flush;
        std::function<void(SnapshotJob)> snapshot;
        std::function<void(const raft::Message&)> send;  // may lose it
        /// Answered once with Answered of the same number, at the latest after bulk_patience.
        std::function<void(raft::NodeId, BulkRequest, std::uint64_t question)> ask;
        std::function<void(const Error&)> fatal;  // does not return in production
    };

    /// What else the stores say.
    struct Found {
        raft::Index bodies_lack;  // as in CheckpointHead
        log::Journal journal;     // durable
    };
    /// `state` is loaded up to `start.base`; outlives the core.
    Core(CoreOptions options, const Clock& clock, broker::State& state, raft::Start start,
         Ports ports, Found found = {});

    void handle(Event event);
    /// After a batch of events: what time brings, and one more commit if there is room for it.
    void advance();
    /// When `advance` has something to do even if no event comes.
    std::optional<Steady> wake_at();
    bool stopped() const;
    /// A snapshot takes the place of log and state: the stores are to be opened anew, with a core
    /// of their own. This one has answered everybody.
    bool replaced() const { return installing_ && writing_ == 0; }
    const broker::NodeEntry& self() const { return self_; }
    /// Goes with each message to another node.
    JournalNote note_for(raft::NodeId to) const;
    bool votes_alone() const { return raft_.configuration().voters == std::vector{raft_.self}; }

    /// Recovered entries that lie in the active segment and are in the checkpoint already. Before
    /// the first event.
    void remember(const raft::Entry& entry) {
        if (entry.index <= durable_applied_.index) cache_.add_active(entry);
    }
    void remember_body(const raft::Entry& body) { cache_.add_body(body); }

    CoreFigures figures() const;

private:
    /// Whose command it is: nobody's, a client's, or a parked or fresh receive's.
    struct Origin {
        Continuation done;
        std::optional<Waiter> waiter;
        std::uint64_t bytes = 0;
    };
    struct Pending {
        std::string command;
        Origin origin;
    };
    struct Batch {
        raft::Index index;
        std::vector<Origin> origins;
    };
    /// Applied, and answered when it is on disk as often as was promised (D9).
    struct Unsecured {
        raft::Index index;
        broker::Outcome outcome;
        Continuation done;
    };
    /// Came while nobody led that it could be told of.
    struct Held {
        Submit event;
        raft::NodeId leader;  // as it seemed then; waits until that changes,
        Steady from, until;   // or until `from`
    };
    /// A question that waits until a majority confirmed that we lead.
    struct Question {
        Look look;
        Continuation done;
    };
    /// A change of members that waits for its turn, and then to be committed.
    struct MemberChange {
        enum class Kind { add_learner, remove };
        Kind kind;
        raft::NodeId node;
        Continuation done;
        Steady until;
    };
    /// A snapshot on its way to a follower.
    struct Sending {
        raft::Index from;  // the log behind it is kept until this has ended
        std::optional<SnapshotCopy> copy;
        std::uint64_t next = 0;    // the offset that was asked for last
        unsigned standstills = 0;  // times that it was asked for again
    };
    /// One that takes the place of our log and state, once its base is on disk.
    struct Installing {
        BulkReply reply;
    };
    /// An answer that waits for bodies from the disk.
    struct Fetch {
        broker::Answer answer;
        std::vector<broker::BodyAt> places;
        Continuation done;
        std::size_t missing = 0;
    };

    void on(Submit event);
    void on(Cancel event);
    void on(GiveBack event);
    void on(FromPeer event);
    bool listens_to(const FromPeer& event);
    void on(MetFormat event);
    void on(HandOver event);
    void on(Leave event);
    void on(SetSelf event);
    void on(Written event);
    void on(EntryRead event);
    void on(raft::Loaded event);
    void on(Damaged event);
    void on(Room event);
    void on(LogWaits event);
    void on(Flushed event);
    void on(NotFlushed event);
    void on(MissingFound event);
    void on(Copied event);
    void on(CopyRead event);
    void on(SnapshotCame event);
    void on(Asked event);
    void on(Answered event);
    void on(Stop event);

    void take(Submit event);
    void hold(Submit event);
    void release_held();
    void submit(Proposal proposal, Submit event);
    void submit(Poll poll, Submit event);
    void submit(Look look, Submit event);
    void submit(ClusterRequest request, Submit event);
    void submit(const broker::DescribeCluster&, Continuation done);
    void submit(const AddNode& add, Continuation done);
    void submit(const broker::RemoveNode& remove, Continuation done);
    void submit(const broker::TransferLead& transfer, Continuation done);
    void submit(const broker::DrainNode& drain, Continuation done);
    std::optional<broker::Reason> refuses(const Proposal& proposal) const;

    void step(const raft::Input& input);
    void hand_out(raft::Output output);
    void write(raft::Output& output);
    void load(const raft::Load& load);
    void look(const raft::ReadReady& ready);
    void notice_role();
    void watch_clock();
    void lose_lead();
    void release_secured();
    void give_up_copies();
    void propose();
    void propose_one_commit();
    Blob next_entry(raft::Index index, std::size_t bytes_max);
    void enqueue(std::string command, Origin origin);
    void enqueue(const broker::Command& command, Origin origin);
    void found();
    void enqueue_receive(Waiter waiter);

    void apply(const raft::Entry& entry);
    void settle_origin(raft::Index index, Origin origin, broker::Outcome outcome);
    void settle_receive(raft::Index index, Waiter waiter, broker::Outcome outcome);
    void answer_secured(raft::Index index, broker::Outcome outcome, Continuation done);
    Continuation give_what_fits(Waiter waiter);
    void wake_waiters();
    void wake(broker::QueueId queue);

    void answer(broker::Outcome outcome, Continuation done);
    void await_entry(const std::shared_ptr<Fetch>& fetch, raft::Index index);
    bool fill(Fetch& fetch, raft::Index index);
    void give_body(raft::Index index, bool good);
    bool repair(raft::Index index);
    void take_repair(raft::Index index, const Result<BulkAnswer>& answer);
    void refuse(const Continuation& done, broker::Reason reason);

    void ask(raft::NodeId to, BulkRequest request, std::function<void(Result<BulkAnswer>)> heard);
    void asked(raft::NodeId from, SnapshotChunk chunk, BulkReply reply);
    void asked(raft::NodeId from, const BodiesWanted& wanted, BulkReply reply);

    void asked(raft::NodeId from, const StandBack&, const BulkReply& reply);

    void send_snapshot(raft::NodeId to);
    void chunk_taken(raft::NodeId to, const Result<BulkAnswer>& answer);
    void end_sending(raft::NodeId to, bool ok);
    void drop_sendings();
    void begin_install(raft::Output output);
    void drop(Event event);

    void fetch_step();
    void look_for_missing();
    void ask_for_missing();
    void take_bodies(const Result<BulkAnswer>& answer);
    void write_bodies(std::vector<raft::Entry> bodies);
    void end_fetching();
    std::optional<Steady> next_fetch() const;

    broker::FormatVersion known_by_all() const;
    void raise_format();
    bool take_format();

    bool is_disk_low() const { return room_low_ || log_waits_; }
    void log_goes_on();
    void give_up_lead();
    raft::NodeId next_successor();

    void tick();
    void promote_learners();
    void retire(raft::NodeId node);
    void change_members();
    bool change_member(MemberChange& change);
    void tell_own_address();
    void end_transfers();
    broker::NodeView view_of(const broker::NodeEntry& node, const raft::GroupStatus& group) const;
    broker::Catching catching(const raft::PeerStatus& peer) const;
    unsigned percent_sent(raft::NodeId to) const;
    void expire_polls();
    void say_empty(Waiter waiter);
    void say_empty(Waiter waiter, bool led);
    std::uint64_t promised(broker::QueueId queue) const;
    void flush_step();
    bool flush_is_due() const;
    LiveStripes live_stripes() const;
    Tidy tidy_after_flush() const;
    void stop_step();

    CoreOptions options_;
    const Clock& clock_;
    broker::State& state_;
    Position applied_;  // the last entry applied, with its term and chain
    raft::State raft_;
    Ports ports_;
    Stamper stamper_;
    JournalWatch journals_;
    EntryCache cache_;
    Waiting waiting_;

    std::vector<Held> held_;
    std::deque<Pending> pending_;
    std::uint64_t pending_bytes_ = 0;
    std::uint64_t in_flight_bytes_ = 0;
    bool founded_ = false;       // the log's first command is proposed or applied
    std::deque<Batch> batches_;  // proposed, not applied; empty unless we lead
    unsigned writing_ = 0;       // write jobs not answered
    std::deque<Unsecured> unsecured_;
    Steady copies_lack_since_ = Steady::max();  // Copies::all only; max: they do not
    std::unordered_map<std::uint64_t, Question> questions_;
    std::unordered_map<std::uint64_t, Waiter> empty_handed_;  // until it is sure that we lead
    std::uint64_t reads_ = 0;
    bool leading_ = false;    // as of the last step
    bool clock_off_ = false;  // ours, by more than clock_error_max; it was said
    std::deque<MemberChange> member_changes_;
    std::vector<Continuation> transfers_;  // answered when another leads
    broker::NodeEntry self_;               // how others find this node; empty: unknown
    bool told_address_ = false;            // in this lead
    broker::FormatVersion format_;         // in force, as of the last command
    std::map<raft::NodeId, broker::FormatVersion> knows_;          // as others said, in this lead
    bool raising_ = false;                                         // proposed, not answered
    std::unordered_map<broker::QueueId, std::uint64_t> promised_;  // to receives not applied; > 0
    std::map<std::uint64_t, std::vector<std::shared_ptr<Fetch>>> fetches_;  // by entry
    std::map<raft::Index, std::size_t> repairs_;  // damaged entries; how many others were asked
    bool tick_proposed_ = false;

    std::uint64_t questions_to_peers_;  // begins where no answer to an earlier core fits
    std::unordered_map<std::uint64_t, std::function<void(Result<BulkAnswer>)>> unheard_;
    std::map<raft::NodeId, Sending> sendings_;
    std::optional<Installing> installing_;

    raft::Index bodies_lack_;           // up to here; 0: none is missing
    raft::Index fetch_at_;              // what lies below was looked at
    std::vector<raft::Index> missing_;  // to be asked for
    bool fetching_ = false;             // the keeper or a peer is at work
    unsigned body_writes_ = 0;          // not on disk yet
    Steady fetch_again_;
    raft::Index fetch_seen_;  // what those had applied who gave bodies

    Position durable_applied_;
    raft::Index durable_lack_;              // as the checkpoint has it
    broker::FormatVersion flushed_format_;  // in force when a flush began last
    std::optional<FlushJob> flush_;         // being taken from the state
    bool flush_taken_ = false;              // all its rows are; it waits for the own log
    std::optional<Tidy> tidy_;              // to be done when the flush is on disk
    bool flushing_ = false;
    Steady last_flush_;
    std::uint64_t log_bytes_ = 0;  // since the last flush
    std::optional<raft::Base> new_base_;
    bool flush_waits_ = false;  // for room
    Steady flush_again_;
    bool room_low_ = false;
    bool log_waits_ = false;  // for room; what is proposed cannot be written
    raft::NodeId successor_;  // that was asked last to lead instead
    Steady give_up_lead_at_;
    std::chrono::seconds give_up_pause_{};
    bool stopping_ = false;
    Steady stop_until_;  // what is not committed by then is left to others
    Steady next_promotion_;
    CoreFigures figures_;
};

}  // namespace cmq::shard
