#include "tests/simulation/cluster.h"

#include <algorithm>

#include "base/hash.h"
#include "tests/simulation/cluster_node.h"
#include "tests/simulation/story.h"

namespace cmq::simulation {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

/// So long before the end of its troubles nothing is purged: what is sent then must be there.
constexpr auto unpurged = 60s;

std::string number(raft::NodeId id) { return std::to_string(id.value >> 16); }

}  // namespace

void Cluster::Counts::add(const Counts& other) {
    milliseconds += other.milliseconds;
    commits += other.commits;
    operations += other.operations;
    lost_answers += other.lost_answers;
    sent += other.sent;
    received += other.received;
    deleted += other.deleted;
    leaders += other.leaders;
    flushes += other.flushes;
    messages += other.messages;
    snapshots += other.snapshots;
    bodies_fetched += other.bodies_fetched;
    bodies_repaired += other.bodies_repaired;
    gave_up += other.gave_up;
    sent_after_purges += other.sent_after_purges;
}

Cluster::Cluster(std::uint64_t seed, Options options) : chance_(seed), options_(options) {
    support::Disk::seed_sqlite(static_cast<int>(seed & 0x7fffffff));
    draw_rates();
    customers_ = std::make_unique<Customers>(
        seed + 1, clock_, coverage_, [this](shard::Request request, shard::Continuation done) {
            ask(std::move(request), std::move(done));
        });
    next_act_ = next_second_ = clock_.ticks;
    mend_at_ = clock_right_at_ = Steady::max();
    add_node(raft::NodeId{broker::node_id(1, 1).value});
    nodes_.front()->settings.first.voters = {nodes_.front()->id};
    nodes_.front()->part = Part::leader;
    start(*nodes_.front());
}

Cluster::~Cluster() = default;

/// Fixed rates miss bugs: each seed has its own, and is spared a third of all troubles.
void Cluster::draw_rates() {
    const auto maybe = [&](std::uint64_t least, std::uint64_t most) -> std::uint64_t {
        return draw(3) == 0 ? 0 : least + draw(most - least);
    };
    for (auto& rate : rates_.of) rate = maybe(20, 250);
    const auto set = [&](Trouble trouble, std::uint64_t rate) {
        rates_.of[static_cast<std::size_t>(trouble)] = rate;
    };
    for (const auto trouble : {Trouble::all_killed, Trouble::all_cut}) set(trouble, maybe(40, 400));
    set(Trouble::blackout, maybe(60, 600));
    for (const auto trouble : {Trouble::node_joins, Trouble::node_leaves, Trouble::node_wiped})
        set(trouble, maybe(6, 45));
    for (const auto trouble : {Trouble::lost, Trouble::doubled, Trouble::late, Trouble::overtaken})
        set(trouble, maybe(5, 300));
    draw_rates_of_disks();
    rates_.ambush = maybe(1, 8);
    rates_.client_ms = 20 + draw(70);
    rates_.heartbeat_ms = 50 + draw(150);
    rates_.small_segments =
        options_.forgets || draw(5) == 0;  // filling and opening them takes most of a run's time
    rates_.segment_bytes = rates_.small_segments ? 512 << 10 : 4 << 20;
    rates_.entry_bytes = draw(2) == 0 ? 512 : 256 << 10;  // a commit has several, or one
    rates_.write_us = draw(3) == 0 ? 0 : draw(10'000);
    rates_.back_ms = 500 + draw(8'000);
    if (options_.forgets) rates_.back_ms += 2'000 + draw(8'000);  // or the log waits for them
}

/// They need a cluster that is well, so they are tried more often than they happen.
void Cluster::draw_rates_of_disks() {
    const auto maybe = [&](std::uint64_t least, std::uint64_t most) {
        return draw(3) == 0 ? 0 : least + draw(most - least);
    };
    for (const auto trouble : {Trouble::flip_sealed, Trouble::flip_body, Trouble::flip_active,
                               Trouble::flip_state, Trouble::stale_block, Trouble::misplaced_block,
                               Trouble::old_copy, Trouble::chunk_damaged, Trouble::snapshot_cut})
        rates_.of[static_cast<std::size_t>(trouble)] = maybe(4, 30);
    for (const auto trouble : {Trouble::stale_block, Trouble::misplaced_block})
        rates_.of[static_cast<std::size_t>(trouble)] = maybe(3, 18);
    for (const auto trouble : {Trouble::flip_sealed, Trouble::flip_body})  // of rare files
        rates_.of[static_cast<std::size_t>(trouble)] = maybe(2, 8);
    for (const auto trouble : {Trouble::chunk_damaged, Trouble::snapshot_cut})
        rates_.of[static_cast<std::size_t>(trouble)] = 2 + draw(10);  // only while states are sent
    rates_.chunk_bytes = std::size_t{1} << (10 + draw(6));
    if (options_.chunk_bytes > 0) rates_.chunk_bytes = options_.chunk_bytes;
}

std::string Cluster::rates() const {
    std::string text = "nodes=" + std::to_string(options_.nodes);
    for (std::size_t trouble = 0; trouble < troubles; ++trouble)
        if (rates_.of[trouble] > 0)
            text += ' ' + std::string(name_of(static_cast<Trouble>(trouble))) + "=1/" +
                    std::to_string(rates_.of[trouble]);
    return text + " ambush=1/" + std::to_string(rates_.ambush) +
           " client_ms=" + std::to_string(rates_.client_ms) +
           " heartbeat_ms=" + std::to_string(rates_.heartbeat_ms) +
           " segment_bytes=" + std::to_string(rates_.segment_bytes) +
           " entry_bytes=" + std::to_string(rates_.entry_bytes) +
           " write_us=" + std::to_string(rates_.write_us) +
           " chunk_bytes=" + std::to_string(rates_.chunk_bytes) +
           " back_ms=" + std::to_string(rates_.back_ms);
}

void Cluster::note(std::uint64_t what) {
    hash_ = xxh3({reinterpret_cast<const char*>(&what), sizeof what}, hash_);
}

void Cluster::wrong(const std::string& what) {
    if (!problem_) problem_ = what;
}

/// With an empty disk, and nobody to vote for.
void Cluster::add_node(raft::NodeId id) {
    auto node = std::make_unique<Node>();
    auto* self = node.get();
    node->id = id;
    node->seeds.seed(chance_());
    node->disk = std::make_unique<support::Disk>(node->seeds());
    node->clock = clock_;
    node->settings = small_settings(options_.planted.log);
    node->settings.log.segment_bytes = rates_.segment_bytes;
    node->settings.log.grow_first = !rates_.small_segments;
    node->settings.core.flush_interval = options_.forgets ? 1s : 20s;
    node->settings.core.flush_log_bytes = 1 << 20;
    node->settings.core.keep_log_bytes = options_.forgets ? 0 : UINT64_MAX;
    node->settings.core.entry_bytes_max = rates_.entry_bytes;
    node->settings.core.disk_reserve_bytes = 64 << 10;
    node->settings.core.planted = options_.planted.shard;
    node->settings.planted = options_.planted.broker;
    node->settings.core.newest_format = options_.newest;
    node->settings.core.raft.planted = options_.planted.raft;
    node->settings.core.raft.heartbeat = milliseconds{rates_.heartbeat_ms};
    node->settings.core.raft.election = milliseconds{6 * rates_.heartbeat_ms};
    node->settings.core.raft.recent_bytes =
        options_.forgets ? 2 << 10 : 64 << 10;  // so that the disk is asked, too
    node->settings.write_time = microseconds{rates_.write_us};
    node->settings.snapshots = {rates_.chunk_bytes, options_.planted.snapshots_unchecked,
                                options_.planted.whole_snapshots_dropped};
    node->settings.self = id;
    const auto name = "n" + number(id);
    node->settings.core.self = {broker::NodeId{id.value}, name + ":1", "http://" + name + ":2", {}};
    node->settings.send = [this, self](const raft::Message& message,
                                       const shard::JournalNote& note) {
        post(*self, message, note);
    };
    node->settings.ask = [this, self](raft::NodeId to, shard::BulkRequest request,
                                      std::uint64_t question) {
        ask(*self, to, std::move(request), question);
    };
    nodes_.push_back(std::move(node));
}

void Cluster::start(Node& node) {
    node.machine.reset();
    node.settings.core.seed = node.seeds();
    node.wake = clock_.ticks;
    node.machine = std::make_unique<Machine>(*node.disk, node.clock, node.settings, node.seeds());
    if (node.machine->start()) return node.machine->set_self(node.settings.core.self);
    if (note_too_old(node)) return;
    const auto failure = node.machine->failure();
    const bool is_full = failure.code == Code::disk_full && node.disk->failed_a_call();
    if (is_full) return end(node, Trouble::kill);  // no room for new files
    const bool for_good = failure.code != Code::io && !node.disk->stopped();
    if (for_good && !is_harmed(node))
        wrong("node " + number(node.id) + " does not start again: " + failure.message);
    crash(node, Trouble::kill);
}

/// Its process ends, or its power. It may have been on its way by itself, at a call of its disk.
void Cluster::crash(Node& node, Trouble how) {
    if (!node.machine) return;
    if (note_too_old(node)) return;
    if (node.machine->failed() && !node.disk->stopped()) {
        const auto& failure = node.machine->failure();
        const bool for_lack_of_room = failure.message.find("disk is full") != std::string::npos ||
                                      failure.message.find("no room") != std::string::npos;
        const bool for_good = failure.code != Code::io && failure.code != Code::disk_full;
        if (for_good && is_harmed(node)) {
            give_up(node);
        } else if (for_good || for_lack_of_room || !faulty_ || ends_by_itself(node)) {
            wrong("node " + number(node.id) + ": " + failure.message);
        }
    }
    end(node, how);
}

/// Nothing was done to its disk: what failed is the program.
bool Cluster::ends_by_itself(const Node& node) const {
    return !node.disk->failed_a_call() && !is_harmed(node);
}

void Cluster::end(Node& node, Trouble how) {
    if (how != Trouble::blackout) coverage_.struck(how, node.part, clock_.ticks);
    const auto dead = std::move(node.machine);
    count_work(*dead);
    node.disk->clear_faults();
    come_back(node, clock_.ticks + milliseconds{draw(rates_.back_ms)});
    node.paused_until = {};
    if (how != Trouble::power_cut && how != Trouble::all_cut && how != Trouble::blackout)
        return node.disk->kill();
    constexpr std::array kinds{support::Survive::none, support::Survive::random,
                               support::Survive::torn, support::Survive::all};
    node.disk->power_cut(kinds[draw(kinds.size())], node.seeds());
}

void Cluster::count_work(const Machine& machine) {
    counts_.flushes += machine.figures().flushes;
    counts_.snapshots += machine.installed();
    counts_.bodies_fetched += machine.figures().bodies_fetched;
    counts_.bodies_repaired += machine.figures().bodies_repaired;
}

void Cluster::pass_to(Steady time) {
    if (time <= clock_.ticks) return;
    const auto crossed = std::chrono::floor<milliseconds>(time.time_since_epoch()) -
                         std::chrono::floor<milliseconds>(clock_.ticks.time_since_epoch());
    clock_.ticks = time;
    clock_.now += crossed;
    for (auto& node : nodes_) {
        node->clock.ticks = time;
        node->clock.now = clock_.now + node->clock_error;
    }
}

Steady Cluster::next_event() {
    auto at = std::min({next_act_, next_second_, mend_at_, clock_right_at_});
    if (!letters_.empty()) at = std::min(at, letters_.top().at);
    if (!parcels_.empty()) at = std::min(at, parcels_.top().at);
    for (auto& node : nodes_) {
        at = std::min(at, node->machine ? std::max(node->wake, node->paused_until) : node->back_at);
    }
    return std::max(at, clock_.ticks + microseconds{1});
}

void Cluster::work() {
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
        auto& node = *nodes_[at];
        if (!node.machine && node.back_at <= clock_.ticks) start(node);
        if (node.wake <= clock_.ticks) work(node);
    }
}

void Cluster::work(Node& node) {
    if (!node.machine || node.paused_until > clock_.ticks) return;
    node.machine->settle();
    if (node.machine->failed()) return crash(node, node.dies_by);
    node.wake = node.machine->wake_at().value_or(Steady::max());
    if (node.part != Part::leader) return;
    const auto figures = node.machine->figures();
    if (!figures.leads) return;
    if (std::exchange(node.led, figures.term) != figures.term) ++counts_.leaders;
    applied_ = std::max(applied_, figures.applied);
    note(figures.applied);
}

void Cluster::look_around(Node& node) {
    node.machine->look_around();
    node.wake = clock_.ticks;
}

Cluster::Node* Cluster::leader() {
    for (auto& node : nodes_)
        if (node->awake(clock_.ticks) && node->part == Part::leader &&
            node->machine->figures().leads)
            return node.get();
    return nullptr;
}

Cluster::Node* Cluster::find(raft::NodeId id) {
    for (auto& node : nodes_)
        if (node->id == id) return node.get();
    return nullptr;
}

/// Mostly whoever leads is asked; sometimes anybody, as by a client that does not know yet.
void Cluster::ask(shard::Request request, shard::Continuation done) {
    auto* node = draw(16) == 0 ? nodes_[draw(nodes_.size())].get() : leader();
    if (!node || !node->up()) return;
    node->machine->ask(std::move(request), std::move(done));
    node->wake = clock_.ticks;
}

void Cluster::act() {
    next_act_ = clock_.ticks + microseconds{1 + draw(1'000 * rates_.client_ms)};
    customers_->give_up();
    customers_->act();
}

/// Whatever happens until `end`.
void Cluster::step_to(Steady end) {
    while (clock_.ticks < end && !problem_) {
        pass_to(std::min(next_event(), end));
        deliver();
        work();
        if (mend_at_ <= clock_.ticks) mend();
        if (clock_right_at_ <= clock_.ticks) set_clocks_right();
        if (next_second_ <= clock_.ticks) {
            next_second_ = clock_.ticks + 1s;
            for (auto& node : nodes_)
                if (node->awake(clock_.ticks) && draw(4) == 0) look_around(*node);
            if (faulty_ && !calm()) troubles_of_a_second();
            watch_harm();
            operate();
        }
        if (next_act_ <= clock_.ticks) act();
    }
}

void Cluster::live(milliseconds time) { step_to(clock_.ticks + time); }

bool Cluster::grow() {
    for (unsigned seconds = 0; seconds < 120 && !problem_; ++seconds) {
        live(1s);
        const auto voters =
            std::ranges::count_if(nodes_, [this](const auto& node) { return is_voter(node->id); });
        if (customers_->is_open() && static_cast<std::size_t>(voters) == options_.nodes)
            return true;
    }
    wrong("the nodes do not become a cluster");
    return false;
}

std::optional<std::string> Cluster::run(milliseconds time) {
    if (!grow()) return problem_;
    faulty_ = options_.troubles;
    const auto before = applied_;
    end_ = clock_.ticks + time;
    while (clock_.ticks < end_ && !problem_) {
        step_to(std::min(end_, clock_.ticks + 10s));
        if (end_ - clock_.ticks <= unpurged) customers_->spare();
        check_hashes();
        if (!problem_) problem_ = customers_->verdict(false);
    }
    counts_.milliseconds += static_cast<std::uint64_t>(time.count());
    counts_.commits = applied_ - before;
    return problem_ ? problem_ : finish();
}

Cluster::Counts Cluster::counts() const {
    auto counts = counts_;
    for (const auto& node : nodes_) {
        if (!node->machine) continue;
        counts.flushes += node->machine->figures().flushes;
        counts.snapshots += node->machine->installed();
        counts.bodies_fetched += node->machine->figures().bodies_fetched;
        counts.bodies_repaired += node->machine->figures().bodies_repaired;
    }
    const auto clients = customers_->counts();
    counts.operations = clients.answered;
    counts.lost_answers = clients.lost;
    counts.sent = clients.sent;
    counts.received = clients.received;
    counts.deleted = clients.deleted;
    counts.sent_after_purges = clients.sent_after_purges;
    return counts;
}

}  // namespace cmq::simulation
