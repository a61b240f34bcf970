// tests/simulation/cluster.h: several machines, a network between them, and their clients.
//
// Production raft, log, shard and broker on simulated disks, links and clocks, in one thread. One
// seed: same seed, same run. It begins as one node; the others join it.
//
// Where to read: cluster.cpp (nodes, time), cluster_network.cpp, cluster_troubles.cpp (what goes
// wrong), cluster_disks.cpp (disks that lie), cluster_members.cpp (who joins and leaves),
// cluster_end.cpp (all is healed and checked).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/customers.h"

namespace cmq::simulation {

/// Rules that are broken on purpose, in any room.
struct ClusterPlanted {
    raft::Planted raft{};
    log::Planted log{};
    shard::Planted shard{};
    broker::Planted broker{};
    bool snapshots_unchecked = false;  // what came is taken as it is
    bool whole_snapshots_dropped = false;
    bool wiped_comes_back_as_itself = false;  // an empty disk under the old node id (D13)
};

class Cluster {
public:
    struct Options {
        std::size_t nodes = 3;
        bool troubles = true;
        bool forgets = false;  // the log is kept for nobody, and written down all the time
        ClusterPlanted planted = {};
        broker::FormatVersion newest = broker::newest_format();  // that new nodes know
        std::size_t chunk_bytes = 0;                             // of a snapshot; 0: is drawn
    };
    Cluster(std::uint64_t seed, Options options);
    ~Cluster();

    /// Lives through `time` with troubles, then heals and checks. What is wrong, or nothing.
    std::optional<std::string> run(std::chrono::milliseconds time);

    struct Counts {
        std::uint64_t milliseconds = 0, commits = 0, operations = 0, lost_answers = 0, sent = 0,
                      received = 0, deleted = 0, leaders = 0, flushes = 0, messages = 0,
                      snapshots = 0, bodies_fetched = 0, bodies_repaired = 0, gave_up = 0,
                      sent_after_purges = 0;
        void add(const Counts& other);
    };
    Counts counts() const;
    const Coverage& coverage() const { return coverage_; }
    std::uint64_t hash() const { return hash_ ^ customers_->hash(); }
    std::string rates() const;  // what the seed drew

    // For stories, which do one thing after the other. Nodes are numbered from 1 in order of
    // joining.
    bool grow();  // until all nodes vote
    void live(std::chrono::milliseconds time);
    void kill(std::size_t number);
    void cut_power(std::size_t number, support::Survive what = support::Survive::none);
    void start(std::size_t number);
    /// From its next start on a node runs a program that knows formats up to `newest`.
    void install(std::size_t number, broker::FormatVersion newest);
    /// What ends or keeps down a node that is too old for the cluster is no problem, but its way.
    bool is_too_old(std::size_t number);
    void new_nodes_know(broker::FormatVersion newest) { options_.newest = newest; }
    std::size_t count() const { return nodes_.size(); }
    broker::FormatVersion newest(std::size_t number);
    void trouble(bool begins) { faulty_ = begins; }
    void cut_off(std::size_t number);
    void stall_disk(std::size_t number, std::chrono::milliseconds time);
    void stall_log(std::size_t number, std::chrono::milliseconds time);
    void mend_links() { cut_.clear(); }
    std::size_t leader_number();  // 0: nobody leads
    std::unique_ptr<support::Disk> copy_of_disk(std::size_t number);
    void put_disk(std::size_t number, std::unique_ptr<support::Disk> disk);
    void pass_off(std::chrono::hours time);        // while all are down
    void silence() { next_act_ = Steady::max(); }  // of the clients
    Machine* leading();                            // null: nobody
    Machine& machine(std::size_t number);
    support::Disk& disk(std::size_t number);
    bool is_up(std::size_t number);
    /// Until `done`; false: not within `patience`.
    bool live_until(std::chrono::milliseconds patience, const std::function<bool()>& done);
    Customers& customers() { return *customers_; }
    std::optional<std::string> finish();  // heals and checks
    const std::optional<std::string>& problem() const { return problem_; }

private:
    struct Node;
    struct Letter {
        Steady at;
        std::uint64_t number = 0;  // those of one time come in order
        raft::Message message;
        Stamp wall;
        shard::JournalNote note;
        bool operator>(const Letter& other) const {
            return std::tie(at, number) > std::tie(other.at, other.number);
        }
    };
    /// What travels on the bulk stream: a question, or the answer to one.
    struct Parcel {
        Steady at;
        std::uint64_t number = 0;
        raft::NodeId to;
        std::function<void(Machine&)> open;
        bool operator>(const Parcel& other) const {
            return std::tie(at, number) > std::tie(other.at, other.number);
        }
    };
    /// Chances of one in so many: of a message, or of a second. 0: never.
    struct Rates {
        std::array<std::uint64_t, troubles> of{};
        std::uint64_t ambush = 0;      // whoever stands for election or learns is struck
        std::uint64_t client_ms = 20;  // between two actions of clients, at most
        std::uint64_t heartbeat_ms = 50;
        bool small_segments = false;
        std::uint64_t segment_bytes = 0, entry_bytes = 0;
        std::uint64_t write_us = 0;   // of a write of the log, at most
        std::uint64_t back_ms = 0;    // until a node is up again, at most
        std::size_t chunk_bytes = 0;  // of a snapshot
        std::uint64_t rate(Trouble trouble) const { return of[static_cast<std::size_t>(trouble)]; }
    };
    /// What the operator is doing: one thing at a time.
    struct Change {
        raft::NodeId joins, leaves, replaces;  // 0: nobody
        bool asked = false;
        Steady asked_until;
    };

    /// The one disk that may hold something else than was written, until its node is replaced or
    /// all of it was written again. First nothing else goes wrong, so that it shows: what one disk
    /// lost last is known by others only as long as they live (D3b).
    struct Harm {
        raft::NodeId node;  // 0: none
        Trouble how = Trouble::kill;
        Steady power_goes;  // max: it went, or need not
        Steady calm_until;
        bool checked = false;
        std::uint64_t term = 0;  // of who led, and so knows how far an old copy's log had been
    };
    /// Yesterday's copy of a disk.
    struct Copy {
        raft::NodeId node;
        std::unique_ptr<support::Disk> disk;
        std::uint64_t applied = 0;
        Steady use_at;
    };

    // cluster.cpp
    void draw_rates();
    void draw_rates_of_disks();
    void add_node(raft::NodeId id);
    void start(Node& node);
    bool note_too_old(Node& node);
    void crash(Node& node, Trouble how);
    bool ends_by_itself(const Node& node) const;
    void end(Node& node, Trouble how);
    void count_work(const Machine& machine);
    void pass_to(Steady time);
    Steady next_event();
    void work();
    void work(Node& node);
    void look_around(Node& node);
    void step_to(Steady end);
    void act();
    void ask(shard::Request request, shard::Continuation done);
    Node* leader();
    Node* find(raft::NodeId id);
    Node& node(std::size_t number) { return *nodes_.at(number - 1); }
    void wrong(const std::string& what);
    void note(std::uint64_t what);
    bool one_in(std::uint64_t count) { return count > 0 && chance_() % count == 0; }
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    // cluster_network.cpp
    void post(Node& from, const raft::Message& message, const shard::JournalNote& note);
    void put_on_the_way(Letter letter, std::chrono::microseconds delay);
    void deliver();
    void ask(Node& from, raft::NodeId to, shard::BulkRequest request, std::uint64_t question);
    void send(Parcel parcel, raft::NodeId from);
    void deliver_parcels();
    Part part_of(const Node& from, const raft::Message& said) const;
    std::optional<Trouble> fate_of_message(Node& from);
    void isolate(Node& node, Trouble how);

    // cluster_troubles.cpp
    void troubles_of_a_second();
    void strike(Node& node, Trouble trouble);
    void strike_all(Trouble trouble);
    void ambush(Node& node);
    void mend();
    void set_clocks_right();

    // cluster_disks.cpp
    void troubles_of_disks();
    bool is_well();
    bool calm() const { return harm_.node != raft::NodeId{} && clock_.ticks < harm_.calm_until; }
    bool is_harmed(const Node& node) const;
    void harm(Node& node, Trouble how);
    bool hurt(Node& node, Trouble how);
    bool flip(Node& node, const support::Disk::Path& file, std::uint64_t end);
    void keep_copy();
    void put_copy(Node& node);
    void watch_harm();
    void check_harm(Node& node);
    void give_up(Node& node);
    void trouble_chunk(Node& from, raft::NodeId to, shard::SnapshotChunk& chunk);

    // cluster_members.cpp
    void operate();
    void describe(Node& leader);
    void join(raft::NodeId replaces);
    void ask_to_leave();
    void wipe(Node& node);
    void replace(Node& node);
    void retire(raft::NodeId id);
    bool is_voter(raft::NodeId id) const;

    // cluster_end.cpp
    void heal(std::size_t nodes);
    void come_back(Node& node, Steady at);
    bool makes_progress();
    bool settles();
    std::string standing() const;
    void compare_states();
    void check_counts();
    void check_hashes();
    void check_disks();

    std::mt19937_64 chance_;
    Options options_;
    Rates rates_;
    VirtualClock clock_;  // of the clients
    Coverage coverage_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::unique_ptr<Node>> retired_;  // their letters and clocks may be asked for still
    std::priority_queue<Letter, std::vector<Letter>, std::greater<>> letters_;
    std::priority_queue<Parcel, std::vector<Parcel>, std::greater<>> parcels_;
    std::uint64_t letter_numbers_ = 0;
    std::set<std::pair<raft::NodeId, raft::NodeId>> cut_;  // from, to: nothing passes
    Steady mend_at_, clock_right_at_, clocks_trusted_at_;
    std::unique_ptr<Customers> customers_;
    Steady next_act_, next_second_;
    bool faulty_ = false;
    bool off_ = false;  // for two days: once in a run
    Steady end_;        // of the troubles
    Harm harm_;
    Copy copy_;
    broker::ClusterView view_;
    Change change_;
    std::uint64_t tokens_ = 0;
    std::optional<std::string> problem_;
    Counts counts_;
    std::uint64_t applied_ = 0;  // the highest of all leaders
    std::uint64_t hash_ = 0;
};

}  // namespace cmq::simulation
