// tests/simulation/cluster.h: several machines, a network between them, and their clients.
//
// One thread, one seed: same seed, same run. Each seed draws its own rates of faults.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "tests/simulation/clients.h"

namespace cmq::simulation {

class Cluster {
public:
    explicit Cluster(std::uint64_t seed, std::size_t nodes = 3, raft::Planted planted = {});
    /// For a story: no faults but those that it makes; the log is kept for nobody.
    struct Quiet {};
    Cluster(std::uint64_t seed, std::size_t nodes, Quiet);
    ~Cluster();

    // What stories do; nodes count from 0.
    Machine* leading();  // null: nobody
    Machine& machine(std::size_t node);
    bool is_up(std::size_t node) const;
    support::Disk& disk(std::size_t node);
    void stop(std::size_t node);
    void power_off(std::size_t node, support::Survive survive);
    void start(std::size_t node);
    void live_on(std::chrono::milliseconds time);
    /// Until `done`; false: not within `patience`.
    bool live_until(std::chrono::milliseconds patience, const std::function<bool()>& done);

    /// Lives through `time` with faults, then heals and checks. What is wrong, or nothing.
    std::optional<std::string> run(std::chrono::milliseconds time);

    /// How often each thing happened.
    struct Counts {
        std::uint64_t commits = 0, crashes = 0, power_cuts = 0, pauses = 0, partitions = 0;
        std::uint64_t one_way = 0, lost = 0, doubled = 0, late = 0, handovers = 0, skews = 0;
        std::uint64_t leaders = 0, flushes = 0, slow_disks = 0;
        std::uint64_t snapshots = 0, bodies_fetched = 0;
        void add(const Counts& other);
    };
    const Counts& counts() const { return counts_; }
    const Clients& clients() const { return clients_; }
    std::uint64_t hash() const { return hash_ ^ clients_.hash(); }
    std::chrono::milliseconds lived() const { return lived_; }
    std::string rates() const;  // what the seed drew

private:
    struct Node;
    struct Letter {
        Steady at;
        std::uint64_t number = 0;  // those of one time come in order
        raft::Message message;
        Stamp wall;
        bool operator>(const Letter& other) const {
            return std::tie(at, number) > std::tie(other.at, other.number);
        }
    };
    /// What travels on the bulk stream: a question, or the answer to one.
    struct Parcel {
        Steady at;
        std::uint64_t number = 0;
        std::size_t to = 0;
        std::function<void(Machine&)> open;
        bool operator>(const Parcel& other) const {
            return std::tie(at, number) > std::tie(other.at, other.number);
        }
    };
    /// Chances of one in so many, a second or a message; 0: never.
    struct Rates {
        std::uint64_t crash = 0, pause = 0, partition = 0, handover = 0, skew = 0, slow_disk = 0;
        std::uint64_t loss = 0, doubled = 0, late = 0;
        std::uint64_t client_ms = 20;  // between two actions of clients
    };

    void draw_rates();
    void post(std::size_t from, const raft::Message& message);
    void put_on_the_way(const raft::Message& message, Stamp wall, std::chrono::microseconds delay);
    void ask(std::size_t from, raft::NodeId to, shard::BulkRequest request, std::uint64_t question);
    void answer(std::size_t from, std::size_t to, std::uint64_t question,
                Result<shard::BulkAnswer> answer, std::chrono::microseconds delay);
    void send(Parcel parcel, std::size_t from, std::chrono::microseconds delay);
    void deliver_parcels();
    void pass_to(Steady time);
    Steady next_event();
    void deliver();
    void work();
    void work(Node& node);
    void faults_of_a_second();
    void crash(Node& node);
    void count_work(const Machine& machine);
    void start(Node& node);
    void cut_links();
    void heal();
    bool settle_down();
    void check_same_state();
    Node* leader();
    void note(std::uint64_t what);
    bool one_in(std::uint64_t count) { return count > 0 && chance_() % count == 0; }
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    std::mt19937_64 chance_;
    raft::Planted planted_;
    Rates rates_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::priority_queue<Letter, std::vector<Letter>, std::greater<>> letters_;
    std::priority_queue<Parcel, std::vector<Parcel>, std::greater<>> parcels_;
    std::uint64_t letter_numbers_ = 0;
    std::vector<std::vector<bool>> cut_;  // [from][to]
    VirtualClock clock_;                  // of the clients
    Clients clients_;
    Steady next_act_, next_faults_;
    bool faulty_ = true;
    std::optional<std::string> problem_;
    Counts counts_;
    std::uint64_t hash_ = 0;
    std::chrono::milliseconds lived_{0};
};

}  // namespace cmq::simulation
