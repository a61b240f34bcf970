// Bodies that the state points at and this node lacks: a snapshot brings none (D2).
//
// Stripe by stripe of what lives: the keeper says which entries are in no file, the leader is asked
// for them, and what comes is written to the log like anything else. While some are missing a node
// does not campaign and is no copy (raft::Complete).
//
// A stripe that lives may hold entries that do not: another node may have dropped them. So "it is
// not there" is believed once this node has applied all that the other one had; a body that is
// wanted then cannot have been dropped there.

#include <algorithm>

#include "base/log.h"
#include "shard/core.h"

namespace cmq::shard {
namespace {

constexpr std::size_t stripes_a_look = 64;
constexpr std::size_t steps_a_look = 4'096;  // stripes that hold nothing are passed over
constexpr unsigned body_writes_max = 4;      // beyond: the disk is slower than the network
constexpr std::chrono::milliseconds fetch_pause{200};

}  // namespace

std::optional<Steady> Core::next_fetch() const {
    if (bodies_lack_ == raft::Index{} || fetching_ || stopping_) return {};
    if (body_writes_ >= body_writes_max) return {};
    return std::max(fetch_again_, clock_.steady());
}

void Core::fetch_step() {
    const auto due = next_fetch();
    if (!due || *due > clock_.steady()) return;
    if (!missing_.empty()) return ask_for_missing();
    if (fetch_at_ <= bodies_lack_) return look_for_missing();
    end_fetching();
}

void Core::look_for_missing() {
    FindMissing wanted{{}, bodies_lack_};
    for (std::size_t steps = 0; steps < steps_a_look && fetch_at_ <= bodies_lack_ &&
                                wanted.stripes.size() < stripes_a_look;
         ++steps) {
        if (state_.live(fetch_at_)) wanted.stripes.push_back(fetch_at_);
        fetch_at_.value += live_stripe;
    }
    if (wanted.stripes.empty()) return;
    fetching_ = true;
    ports_.keep(std::move(wanted));
}

void Core::on(MissingFound event) {
    fetching_ = false;
    for (const auto index : event.indexes)
        if (!cache_.find_entry(index)) missing_.push_back(index);
}

void Core::ask_for_missing() {
    const auto leader = raft::leader(raft_);
    if (leader == raft::NodeId{} || leader == raft_.self) {
        fetch_again_ = clock_.steady() + fetch_pause;
        return;
    }
    fetching_ = true;
    const auto count = std::min(missing_.size(), bodies_wanted_max);
    BodiesWanted wanted{{missing_.begin(), missing_.begin() + static_cast<std::ptrdiff_t>(count)}};
    ask(leader, std::move(wanted),
        [this](const Result<BulkAnswer>& answer) { take_bodies(answer); });
}

void Core::take_bodies(const Result<BulkAnswer>& answer) {
    fetching_ = false;
    const auto* found = answer ? std::get_if<BodiesFound>(&*answer) : nullptr;
    if (!found || found->looked_at == 0 || found->looked_at > missing_.size()) {
        log::warn("bodies_not_fetched",
                  {{"detail", answer ? std::string("another answer") : answer.error().message}});
        fetch_again_ = clock_.steady() + fetch_pause;
        return;
    }
    const auto looked_at = missing_.begin() + static_cast<std::ptrdiff_t>(found->looked_at);
    std::vector<raft::Entry> bodies;
    for (const auto& entry : found->entries)
        if (std::binary_search(missing_.begin(), looked_at, entry.index)) bodies.push_back(entry);
    missing_.erase(missing_.begin(), looked_at);
    fetch_seen_ = std::max(fetch_seen_, found->applied);
    if (!bodies.empty()) write_bodies(std::move(bodies));
}

void Core::write_bodies(std::vector<raft::Entry> bodies) {
    WriteJob job;
    for (auto& body : bodies) {
        log_bytes_ += body.payload->size();
        job.commit.bodies.emplace_back(first_group, std::move(body));
    }
    figures_.bodies_fetched += job.commit.bodies.size();
    ++body_writes_;
    ++writing_;
    ports_.write(std::move(job));
}

void Core::end_fetching() {
    if (body_writes_ > 0 || applied_.index < fetch_seen_) {
        fetch_again_ = clock_.steady() + fetch_pause;
        return;
    }
    log::info("bodies_complete",
              {{"entry", bodies_lack_.value}, {"fetched", figures_.bodies_fetched}});
    bodies_lack_ = fetch_at_ = {};
    step(raft::Complete{true});
}

void Core::asked(raft::NodeId, const BodiesWanted& wanted, BulkReply reply) {
    if (bodies_lack_ != raft::Index{})
        return reply(fail(Code::unavailable, "this node lacks bodies itself"));
    const auto applied = [&](raft::Index index) { return index <= applied_.index; };
    if (!std::all_of(wanted.indexes.begin(), wanted.indexes.end(), applied))
        return reply(fail(Code::unavailable, "this node has not applied them yet"));
    ReadBodies job{wanted.indexes, {}, applied_.index, std::move(reply)};
    for (const auto index : wanted.indexes)
        if (const auto* entry = cache_.find_entry(index)) job.at_hand.push_back(*entry);
    ports_.keep(std::move(job));
}

}  // namespace cmq::shard
