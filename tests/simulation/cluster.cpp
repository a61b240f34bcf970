#include "tests/simulation/cluster.h"

#include "base/hash.h"
#include "tests/simulation/cluster_node.h"
#include "tests/simulation/story.h"

namespace cmq::simulation {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

raft::NodeId id_of(std::size_t number) { return raft::NodeId{number + 1}; }

}  // namespace

void Cluster::Counts::add(const Counts& other) {
    commits += other.commits;
    crashes += other.crashes;
    power_cuts += other.power_cuts;
    pauses += other.pauses;
    partitions += other.partitions;
    one_way += other.one_way;
    lost += other.lost;
    doubled += other.doubled;
    late += other.late;
    handovers += other.handovers;
    skews += other.skews;
    leaders += other.leaders;
    flushes += other.flushes;
    slow_disks += other.slow_disks;
    snapshots += other.snapshots;
    bodies_fetched += other.bodies_fetched;
}

Cluster::Cluster(std::uint64_t seed, std::size_t nodes, raft::Planted planted)
    : chance_(seed), planted_(planted), clients_(seed + 1, clock_) {
    support::Disk::seed_sqlite(static_cast<int>(seed & 0x7fffffff));
    draw_rates();
    cut_.assign(nodes, std::vector<bool>(nodes, false));
    const auto keep_log_bytes = draw(2) == 0 ? UINT64_MAX : draw(8 << 10);
    const std::chrono::seconds flush_interval{1 + draw(20)};
    raft::Configuration all;
    for (std::size_t number = 0; number < nodes; ++number) all.voters.push_back(id_of(number));
    for (std::size_t number = 0; number < nodes; ++number) {
        auto node = std::make_unique<Node>(seed * 1000, number);
        node->settings = small_settings();
        node->settings.log.segment_bytes = 512 << 10;
        node->settings.core.flush_interval = flush_interval;
        node->settings.core.keep_log_bytes = keep_log_bytes;
        node->settings.core.raft.planted = planted;
        node->settings.core.raft.recent_bytes = 2 << 10;  // so that the disk is asked, too
        node->settings.self = id_of(number);
        node->settings.first = all;
        node->settings.send = [this, number](const raft::Message& message) {
            post(number, message);
        };
        node->settings.ask = [this, number](raft::NodeId to, shard::BulkRequest request,
                                            std::uint64_t question) {
            ask(number, to, std::move(request), question);
        };
        nodes_.push_back(std::move(node));
    }
    for (auto& node : nodes_) start(*node);
    next_act_ = next_faults_ = clock_.ticks;
}

Cluster::Cluster(std::uint64_t seed, std::size_t nodes, Quiet) : Cluster(seed, nodes) {
    faulty_ = false;
    next_act_ = next_faults_ = Steady::max();
    for (auto& node : nodes_) {
        node->settings.core.keep_log_bytes = 0;
        node->settings.core.flush_interval = 1s;
        start(*node);
    }
}

Cluster::~Cluster() = default;

Machine* Cluster::leading() {
    auto* node = leader();
    return node ? node->machine.get() : nullptr;
}

Machine& Cluster::machine(std::size_t node) { return *nodes_[node]->machine; }

bool Cluster::is_up(std::size_t node) const { return nodes_[node]->up(); }

support::Disk& Cluster::disk(std::size_t node) { return nodes_[node]->disk; }

void Cluster::stop(std::size_t node) {
    nodes_[node]->machine.reset();
    nodes_[node]->back_at = Steady::max();
    nodes_[node]->disk.kill();
}

void Cluster::power_off(std::size_t node, support::Survive survive) {
    stop(node);
    nodes_[node]->disk.power_cut(survive, nodes_[node]->seeds());
}

void Cluster::start(std::size_t node) { start(*nodes_[node]); }

bool Cluster::live_until(milliseconds patience, const std::function<bool()>& done) {
    for (const auto end = clock_.ticks + patience; clock_.ticks < end; live_on(5ms))
        if (done()) return true;
    return done();
}

void Cluster::draw_rates() {
    const auto maybe = [&](std::uint64_t least, std::uint64_t most) -> std::uint64_t {
        return draw(3) == 0 ? 0 : least + draw(most - least);
    };
    rates_ = {maybe(20, 200), maybe(20, 200), maybe(20, 200), maybe(30, 200), maybe(30, 300),
              maybe(30, 200), maybe(5, 300),  maybe(5, 300),  maybe(5, 300),  5 + draw(60)};
}

std::string Cluster::rates() const {
    std::string text;
    const auto add = [&](const char* name, std::uint64_t rate) {
        text += std::string(name) + "=1/" + std::to_string(rate) + ' ';
    };
    add("crash", rates_.crash);
    add("pause", rates_.pause);
    add("partition", rates_.partition);
    add("handover", rates_.handover);
    add("skew", rates_.skew);
    add("slow", rates_.slow_disk);
    add("loss", rates_.loss);
    add("doubled", rates_.doubled);
    add("late", rates_.late);
    return text + "client_ms=" + std::to_string(rates_.client_ms);
}

void Cluster::note(std::uint64_t what) {
    hash_ = xxh3({reinterpret_cast<const char*>(&what), sizeof what}, hash_);
}

/// The network: loses, doubles, delays; what is late overtakes nothing, but is overtaken.
void Cluster::post(std::size_t from, const raft::Message& message) {
    const auto to = message.to.value - 1;
    if (to >= nodes_.size() || cut_[from][to]) return;
    const auto wall = nodes_[from]->clock.wall();
    if (faulty_ && one_in(rates_.loss)) return void(++counts_.lost);
    auto delay = microseconds{100 + draw(900)};
    if (faulty_ && one_in(rates_.late)) {
        delay += milliseconds{draw(2'000)};
        ++counts_.late;
    }
    put_on_the_way(message, wall, delay);
    if (!faulty_ || !one_in(rates_.doubled)) return;
    put_on_the_way(message, wall, delay + milliseconds{draw(500)});
    ++counts_.doubled;
}

void Cluster::put_on_the_way(const raft::Message& message, Stamp wall, microseconds delay) {
    letters_.push({clock_.ticks + delay, ++letter_numbers_, message, wall});
}

void Cluster::pass_to(Steady time) {
    const auto passed = time - clock_.ticks;
    if (passed <= Steady::duration::zero()) return;
    clock_.ticks = time;
    clock_.now += std::chrono::duration_cast<milliseconds>(passed);
    for (auto& node : nodes_) {
        const auto before = node->clock.ticks.time_since_epoch();
        node->clock.ticks = time;
        // Whole milliseconds of the wall: what the steady clock has crossed.
        node->clock.now += std::chrono::floor<milliseconds>(time.time_since_epoch()) -
                           std::chrono::floor<milliseconds>(before);
    }
}

Steady Cluster::next_event() {
    auto at = std::min(next_act_, next_faults_);
    if (!letters_.empty()) at = std::min(at, letters_.top().at);
    if (!parcels_.empty()) at = std::min(at, parcels_.top().at);
    for (auto& node : nodes_) {
        if (!node->machine) {
            at = std::min(at, node->back_at);
        } else if (const auto wake = node->machine->wake_at()) {
            at = std::min(at, std::max(*wake, node->paused_until));
        }
    }
    return std::max(at, clock_.ticks + microseconds{1});
}

void Cluster::deliver() {
    deliver_parcels();
    while (!letters_.empty() && letters_.top().at <= clock_.ticks) {
        const auto letter = letters_.top();
        letters_.pop();
        auto& node = *nodes_[letter.message.to.value - 1];
        if (!node.up()) continue;
        if (node.paused_until > clock_.ticks) {  // lies in its socket
            put_on_the_way(letter.message, letter.wall,
                           std::chrono::ceil<microseconds>(node.paused_until - clock_.ticks));
            continue;
        }
        node.machine->receive(letter.message, letter.wall);
        work(node);
    }
}

void Cluster::work() {
    for (auto& node : nodes_) {
        if (!node->machine && node->back_at <= clock_.ticks) start(*node);
        work(*node);
    }
}

void Cluster::work(Node& node) {
    if (!node.machine || node.paused_until > clock_.ticks) return;
    node.machine->settle();
    if (node.machine->failed()) return crash(node);
    const auto figures = node.machine->figures();
    if (!figures.leads) return;
    if (std::exchange(node.led, figures.term) != figures.term) ++counts_.leaders;
    note(figures.applied);
}

void Cluster::start(Node& node) {
    node.machine.reset();
    node.settings.core.seed = node.seeds();
    node.machine = std::make_unique<Machine>(node.disk, node.clock, node.settings, node.seeds());
    if (node.machine->start()) return;
    if (node.disk.stopped()) return crash(node);  // cut off while it started
    if (!problem_)
        problem_ = "node " + std::to_string(node.number + 1) +
                   " does not start again: " + node.machine->failure().message;
}

void Cluster::count_work(const Machine& machine) {
    counts_.flushes += machine.figures().flushes;
    counts_.snapshots += machine.installed();
    counts_.bodies_fetched += machine.figures().bodies_fetched;
}

/// Its process ends, or its power. It may have been on its way by itself, at a call of its disk.
void Cluster::crash(Node& node) {
    if (!node.machine) return;
    if (node.machine->failed() && !faulty_ && !problem_)
        problem_ =
            "node " + std::to_string(node.number + 1) + ": " + node.machine->failure().message;
    const auto dead = std::move(node.machine);
    count_work(*dead);
    node.disk.clear_faults();
    ++counts_.crashes;
    node.back_at = clock_.ticks + milliseconds{draw(8'000)};
    node.paused_until = {};
    clients_.forget_leases();
    if (draw(2) == 0) return node.disk.kill();
    constexpr std::array kinds{support::Survive::none, support::Survive::random,
                               support::Survive::torn, support::Survive::all};
    ++counts_.power_cuts;
    node.disk.power_cut(kinds[draw(kinds.size())], node.seeds());
}

void Cluster::cut_links() {
    for (auto& line : cut_) line.assign(nodes_.size(), false);
    if (draw(2) == 0) return;  // healed
    const auto alone = draw(nodes_.size());
    const bool in = draw(3) != 0, out = !in || draw(2) == 0;
    ++(in && out ? counts_.partitions : counts_.one_way);
    for (std::size_t other = 0; other < nodes_.size(); ++other) {
        if (other == alone) continue;
        if (in) cut_[other][alone] = true;
        if (out) cut_[alone][other] = true;
    }
}

void Cluster::faults_of_a_second() {
    for (auto& node : nodes_) {
        if (!node->up()) continue;
        if (one_in(rates_.crash)) node->disk.stop_after(draw(200));
        if (one_in(rates_.pause)) {
            node->paused_until = clock_.ticks + milliseconds{draw(3'000)};
            ++counts_.pauses;
        }
        if (one_in(rates_.slow_disk)) {
            node->paused_until = clock_.ticks + milliseconds{draw(400)};
            ++counts_.slow_disks;
        }
        if (one_in(rates_.skew)) {
            node->clock.now += milliseconds{static_cast<std::int64_t>(draw(20'000)) - 10'000};
            ++counts_.skews;
        }
        if (one_in(rates_.handover)) {
            node->machine->hand_over(id_of(draw(nodes_.size())));
            ++counts_.handovers;
        }
    }
    if (one_in(rates_.partition)) cut_links();
}

Cluster::Node* Cluster::leader() {
    for (auto& node : nodes_)
        if (node->up() && node->paused_until <= clock_.ticks && node->machine->figures().leads)
            return node.get();
    return nullptr;
}

std::optional<std::string> Cluster::run(milliseconds time) {
    const auto end = clock_.ticks + time;
    bool created = false;
    while (clock_.ticks < end && !problem_ && !clients_.promises.problem()) {
        pass_to(next_event());
        deliver();
        work();
        if (next_faults_ <= clock_.ticks) {
            next_faults_ += 1s;
            if (created) faults_of_a_second();
        }
        if (next_act_ > clock_.ticks) continue;
        next_act_ = clock_.ticks + milliseconds{1 + draw(2 * rates_.client_ms)};
        auto* node = leader();
        if (!node) continue;
        created ? clients_.act(*node->machine) : clients_.create_queue(*node->machine);
        created = true;
        work(*node);
    }
    lived_ += time;
    heal();
    if (!problem_) problem_ = clients_.promises.problem();
    if (problem_) return problem_;
    if (!settle_down()) return "no progress within 20 s after everything was healed";
    check_same_state();
    return problem_ ? problem_ : clients_.promises.problem();
}

void Cluster::heal() {
    faulty_ = false;
    for (auto& line : cut_) line.assign(nodes_.size(), false);
    for (auto& node : nodes_) {
        node->disk.clear_faults();
        node->paused_until = {};
        if (!node->machine) node->back_at = clock_.ticks;
    }
}

/// Until one leads and all have applied the same; then everything that must be there is received.
bool Cluster::settle_down() {
    next_act_ = next_faults_ = Steady::max();
    const auto patience = clock_.ticks + 20s;
    auto* first = leader();
    const auto settled = [&] {
        if (!first) return false;
        for (auto& node : nodes_)
            if (!node->up() ||
                node->machine->figures().applied != first->machine->figures().applied)
                return false;
        return true;
    };
    for (unsigned quiet = 0; quiet < 200; quiet = settled() ? quiet + 1 : 0) {
        if (clock_.ticks > patience || problem_) return false;
        live_on(1ms);
        first = leader();
    }
    counts_.commits += first->machine->figures().applied;
    for (auto& node : nodes_) count_work(*node->machine);
    return true;
}

void Cluster::check_same_state() {
    const auto hash = nodes_.front()->machine->state().hash();
    for (auto& node : nodes_)
        if (node->machine->state().hash() != hash)
            problem_ = "node " + std::to_string(node->number + 1) +
                       " has another state at the same applied index";
    live_on(1min);  // all leases lapse
    (void)clients_.promises.drain([&](shard::Continuation done) {
        bool answered = false;
        auto* node = leader();
        if (!node) return clients_.promises.wrong("the lead was lost without a fault");
        node->machine->put(broker::Receive{orders, 16}, [&](const broker::Answer& answer) {
            answered = true;
            done(answer);
        });
        for (unsigned rounds = 0; rounds < 1'000 && !answered; ++rounds) live_on(1ms);
        if (!answered) clients_.promises.wrong("a receive is not answered");
    });
}

void Cluster::live_on(milliseconds time) {
    const auto end = clock_.ticks + time;
    while (clock_.ticks < end) {
        work();
        pass_to(std::min(next_event(), end));
        deliver();
    }
    work();
}

}  // namespace cmq::simulation
