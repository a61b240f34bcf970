// Disks that lie: a turned bit, a write that went nowhere or elsewhere, an old copy; and snapshots
// that arrive damaged or not at all. One disk at a time, in a cluster that is well: what is damaged
// on most disks is lost, and nobody can know.
//
// What must follow: no wrong answer; bodies are repaired from others; a node that cannot know what
// it promised stops or does not start, and is replaced.

#include <algorithm>

#include "store/wal.h"
#include "tests/simulation/cluster_node.h"

namespace cmq::simulation {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using support::Disk;

namespace {

constexpr Trouble of_a_disk[] = {Trouble::flip_sealed, Trouble::flip_body,
                                 Trouble::flip_active, Trouble::flip_state,
                                 Trouble::stale_block, Trouble::misplaced_block};

/// A disk that begins to fail does it in several places.
constexpr std::uint64_t bits_max = 40;

/// Time for a node to start and to hear from the others, also when one of them must be elected.
constexpr auto showing = 5s;

std::vector<Disk::Path> files_of(const Disk& disk, std::string_view folder,
                                 std::string_view extension) {
    std::vector<Disk::Path> files;
    for (const auto& path : disk.paths())
        if (path.parent_path() == folder && path.string().ends_with(extension))
            files.push_back(path);
    return files;
}

std::uint64_t number_of(const Disk::Path& segment) { return std::stoull(segment.filename()); }

/// WALs of segments, the one that is written last.
std::vector<Disk::Path> segments_of(const Disk& disk) {
    auto files = files_of(disk, "data/log", ".seg-wal");
    std::ranges::sort(files, {}, number_of);
    return files;
}

/// Behind it nothing was written yet.
std::uint64_t end_of_wal(Disk& disk, const Disk::Path& wal) {
    const auto file = disk.open(wal, store::Open::existing);
    const auto scan = file ? store::scan_wal(**file) : fail(Code::not_found, "no such file");
    return scan ? scan->end : 0;
}

}  // namespace

bool Cluster::is_harmed(const Node& node) const { return harm_.node == node.id; }

/// All are up and have everything, and nobody else counts as one of them.
bool Cluster::is_well() {
    const auto& change = change_;
    const bool changes = change.asked || change.joins != raft::NodeId{} ||
                         change.leaves != raft::NodeId{} || change.replaces != raft::NodeId{};
    const auto* leads = leader();
    if (changes || !leads || nodes_.size() != options_.nodes || !cut_.empty()) return false;
    if (view_.nodes.size() != nodes_.size()) return false;
    if (leads->machine->figures().copies_in_sync != nodes_.size()) return false;
    return std::ranges::all_of(nodes_, [&](const auto& node) {
        return node->awake(clock_.ticks) && node->full_until <= clock_.ticks &&
               node->machine->figures().bodies_lack == raft::Index{};
    });
}

void Cluster::troubles_of_disks() {
    keep_copy();
    for (const auto trouble : of_a_disk) {
        if (!one_in(rates_.rate(trouble)) || !is_well()) continue;
        auto* harmed = find(harm_.node);
        return harm(harmed ? *harmed : *nodes_[draw(nodes_.size())], trouble);
    }
    if (copy_.disk && copy_.use_at <= clock_.ticks && is_well())
        if (auto* node = find(copy_.node)) put_copy(*node);
}

/// Nothing else happens meanwhile: also what was on its way is called off.
void Cluster::harm(Node& node, Trouble how) {
    for (auto& each : nodes_) {
        each->disk->clear_faults();
        each->next_message.reset();
    }
    const auto part = node.part;
    const bool was_harmed = is_harmed(node);
    if (!was_harmed) harm_.node = node.id;
    if (!hurt(node, how)) {
        if (!was_harmed) harm_ = {};
        return;
    }
    harm_.how = how;
    harm_.calm_until = clock_.ticks + showing;
    harm_.checked = false;
    if (harm_.power_goes == Steady::max()) coverage_.struck(how, part, clock_.ticks);
}

/// False: there was nothing to be damaged.
bool Cluster::hurt(Node& node, Trouble how) {
    auto& disk = *node.disk;
    harm_.power_goes = Steady::max();
    if (how == Trouble::stale_block || how == Trouble::misplaced_block) {
        disk.misplace_after(draw(40), how == Trouble::stale_block ? support::Astray::nowhere
                                                                  : support::Astray::elsewhere);
        harm_.power_goes = clock_.ticks + milliseconds{500 + draw(2'000)};
        return true;
    }
    auto segments = segments_of(disk);
    if (segments.empty()) return false;
    const auto active = segments.back();
    segments.pop_back();
    const auto files = how == Trouble::flip_sealed  ? segments
                       : how == Trouble::flip_body  ? files_of(disk, "data/log", ".body")
                       : how == Trouble::flip_state ? files_of(disk, "data/state", "0001.db")
                                                    : std::vector{active};
    if (files.empty()) return false;
    const auto file = files[draw(files.size())];
    const bool lies_still = how == Trouble::flip_sealed || how == Trouble::flip_body;
    if (!lies_still || draw(4) == 0) {
        crash(node, draw(2) == 0 ? Trouble::kill : Trouble::power_cut);
        come_back(node, clock_.ticks + milliseconds{draw(500)});
    }
    return flip(node, file, how == Trouble::flip_active ? end_of_wal(disk, file) : UINT64_MAX);
}

bool Cluster::flip(Node& node, const Disk::Path& file, std::uint64_t end) {
    const auto files = node.disk->paths();
    if (std::ranges::find(files, file) == files.end()) return false;
    const auto size = std::min(end, node.disk->size_of(file));
    if (size == 0) return false;
    const auto bits = draw(2) == 0 ? 1 : 1 + draw(bits_max);
    for (std::uint64_t bit = 0; bit < bits; ++bit)
        node.disk->flip_bit(file, draw(size), static_cast<unsigned>(draw(8)));
    return true;
}

/// Of one node at a time; it is used when the node has gone on for a while.
void Cluster::keep_copy() {
    if (copy_.disk || !one_in(rates_.rate(Trouble::old_copy))) {
        if (!find(copy_.node)) copy_ = {};
        return;
    }
    auto& node = *nodes_[draw(nodes_.size())];
    if (!node.awake(clock_.ticks) || is_harmed(node)) return;
    copy_ = {node.id, node.disk->copy(), node.machine->figures().applied,
             clock_.ticks + milliseconds{2'000 + draw(30'000)}};
}

void Cluster::put_copy(Node& node) {
    const bool went_on = node.machine->figures().applied > copy_.applied;
    const bool other_is_harmed = harm_.node != raft::NodeId{} && !is_harmed(node);
    if (!went_on || other_is_harmed) return;
    const auto part = node.part;
    const auto* leads = leader();
    for (auto& each : nodes_) each->disk->clear_faults();
    harm_ = {node.id, Trouble::old_copy,     Steady::max(), clock_.ticks + 2 * showing,
             false,   leads ? leads->led : 0};
    crash(node, Trouble::kill);
    node.disk = std::exchange(copy_, {}).disk;
    node.disk->set_capacity(UINT64_MAX);
    come_back(node, clock_.ticks + milliseconds{draw(500)});
    coverage_.struck(Trouble::old_copy, part, clock_.ticks);
}

/// Once a second.
void Cluster::watch_harm() {
    auto* node = find(harm_.node);
    if (!node) return void(harm_ = {});
    if (harm_.power_goes <= clock_.ticks) {
        harm_.power_goes = Steady::max();
        harm_.calm_until = clock_.ticks + (node->disk->misplaced() ? showing : 0s);
        if (!node->disk->misplaced()) return node->disk->clear_faults();
        coverage_.struck(harm_.how, node->part, clock_.ticks);
        crash(*node, Trouble::power_cut);
        return come_back(*node, clock_.ticks + milliseconds{draw(500)});
    }
    if (calm() || !node->up() || harm_.power_goes != Steady::max()) return;
    if (!std::exchange(harm_.checked, true)) check_harm(*node);
    if (node->up() && node->disk->scars().empty() && harm_.how != Trouble::old_copy) harm_ = {};
}

/// It had its time, and all others were there.
void Cluster::check_harm(Node& node) {
    auto* leads = leader();
    if (harm_.how == Trouble::old_copy) {
        if (!leads || leads->led != harm_.term) return;  // who leads now never heard of it
        return wrong("node " + std::to_string(node.id.value >> 16) +
                     " goes on with an old copy of its disk");
    }
    node.wake = clock_.ticks;
    if (draw(2) == 0) return void(node.machine->scrub());  // what it finds is repaired
    // Or whoever leads, and must read, finds it.
    if (!leads || leads == &node) return;
    leads->machine->hand_over(node.id);
    leads->wake = clock_.ticks;
}

/// It does not go on, because it cannot know what it promised. Some start it once more: then it
/// must not think otherwise.
void Cluster::give_up(Node& node) {
    if (++node.refusals == 1 && draw(3) == 0) {
        harm_.calm_until = clock_.ticks + showing + milliseconds{rates_.back_ms};
        return;
    }
    ++counts_.gave_up;
    node.given_up = true;
    harm_.calm_until = clock_.ticks;
}

/// A snapshot is on its way: it arrives damaged, or one of the two ends.
void Cluster::trouble_chunk(Node& from, raft::NodeId to, shard::SnapshotChunk& chunk) {
    auto* receiver = find(to);
    if (!faulty_ || calm() || !receiver || !receiver->up() || chunk.bytes.empty()) return;
    if (one_in(rates_.rate(Trouble::chunk_damaged))) {
        auto& byte = chunk.bytes[draw(chunk.bytes.size())];
        byte = static_cast<char>(byte ^ (1 << draw(8)));
        coverage_.struck(Trouble::chunk_damaged, receiver->part, clock_.ticks);
    }
    if (!one_in(rates_.rate(Trouble::snapshot_cut))) return;
    auto& ends = draw(2) == 0 ? from : *receiver;
    ends.dies_by = draw(2) == 0 ? Trouble::kill : Trouble::power_cut;
    coverage_.struck(Trouble::snapshot_cut, ends.part, clock_.ticks);
    ends.disk->stop_after(&ends == &from ? 0 : draw(8));
}

}  // namespace cmq::simulation
