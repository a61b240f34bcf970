#include "tests/simulation/machine.h"

namespace cmq::simulation {
namespace {

/// What ends the process in production ends the work of this machine.
struct Ended {
    Error error;
};

}  // namespace

Machine::Machine(support::Disk& disk, VirtualClock& clock, Settings settings, std::uint64_t seed)
    : disk_(disk), clock_(clock), settings_(std::move(settings)), chance_(seed) {
    settings_.core.secret = std::string(32, 's');
}

template <class Work>
void Machine::guarded(Work work) {
    try {
        work();
    } catch (const Ended& ended) {
        if (!failure_) failure_ = ended.error;
    }
}

bool Machine::start() {
    guarded([this] { recover(); });
    if (!failed()) settle();
    return !failed();
}

void Machine::recover() {
    auto stores = shard::open_stores(disk_, "data", settings_.self, settings_.first, settings_.log,
                                     fail_with);
    if (!stores) fail_with(stores.error());
    stores_ = *std::move(stores);
    shard::Core::Ports ports{[this](shard::WriteJob job) { take(std::move(job)); },
                             [this](shard::KeepJob job) { keeps_.push_back(std::move(job)); },
                             [this](shard::FlushJob job) { flushes_.push_back(std::move(job)); },
                             settings_.send, fail_with};
    core_ = std::make_unique<shard::Core>(settings_.core, clock_, *stores_.state,
                                          std::move(stores_.start), std::move(ports));
    const auto remembered = stores_.remember_active(*core_);
    if (!remembered) fail_with(remembered.error());
}

void Machine::take(shard::WriteJob job) {
    const auto longest = static_cast<std::uint64_t>(settings_.write_time.count());
    auto at = clock_.ticks;
    if (longest > 0) at += std::chrono::microseconds(chance_() % longest);
    if (!writes_.empty()) at = std::max(at, writes_.back().at);
    writes_.push_back({std::move(job), at});
}

void Machine::fail_with(const Error& error) { throw Ended{error}; }

shard::Ticket Machine::put(const broker::Action& action, shard::Continuation done,
                           std::optional<std::chrono::seconds> wait) {
    return ask(shard::request_of({broker::Namespace{1}, action}, wait), std::move(done));
}

shard::Ticket Machine::ask(shard::Request request, shard::Continuation done) {
    const shard::Ticket ticket{++tickets_};
    guarded([&] { core_->handle(shard::Submit{ticket, std::move(request), std::move(done)}); });
    return ticket;
}

void Machine::receive(raft::Message message, Stamp wall) {
    guarded([&] { core_->handle(shard::FromPeer{std::move(message), wall}); });
}

void Machine::hand_over(raft::NodeId to) {
    guarded([&] { core_->handle(shard::HandOver{to}); });
}

void Machine::set_self(broker::NodeEntry self) {
    guarded([&] { core_->handle(shard::SetSelf{std::move(self)}); });
}

void Machine::look_around() {
    guarded([this] {
        const auto filled = stores_.archive->fill_pool();
        if (!filled && filled.error().code != Code::disk_full) fail_with(filled.error());
        const auto marked = stores_.archive->sync_mark();
        if (!marked) fail_with(marked.error());
        const auto usage = stores_.archive->usage();
        if (!usage) fail_with(usage.error());
        core_->handle(shard::Room{usage->free_bytes});
    });
}

std::optional<std::uint64_t> Machine::state_hash() {
    std::optional<std::uint64_t> hash;
    guarded([&] { hash = stores_.state->hash(); });
    return hash;
}

std::optional<Steady> Machine::wake_at() {
    std::optional<Steady> wake;
    if (failed()) return wake;
    guarded([&] { wake = core_->wake_at(); });
    std::optional<Steady> disk;
    if (!writes_.empty()) disk = std::max(next_write(), stalled_until_);
    if (!keeps_.empty() || !flushes_.empty() || tidy_)
        disk = std::min(disk.value_or(stalled_until_), stalled_until_);
    return disk && wake ? std::min(*disk, *wake) : disk ? disk : wake;
}

Steady Machine::next_write() const { return std::max(writes_.front().at, log_stalled_until_); }

bool Machine::disk_is_ready() const { return stalled_until_ <= clock_.ticks; }

bool Machine::step() {
    if (failed()) return false;
    guarded([this] { core_->advance(); });
    if (failed()) return false;
    std::vector<void (Machine::*)()> ready;
    if (!disk_is_ready()) return false;
    if (!writes_.empty() && next_write() <= clock_.ticks) ready.push_back(&Machine::write);
    if (!keeps_.empty()) ready.push_back(&Machine::keep);
    if (!flushes_.empty()) ready.push_back(&Machine::flush);
    if (tidy_) ready.push_back(&Machine::tidy);
    if (ready.empty()) return false;
    const auto chosen = ready[chance_() % ready.size()];
    guarded([&] { (this->*chosen)(); });
    return !failed();
}

void Machine::settle() {
    while (step()) continue;
}

/// A full disk is met before anything is written, and waited for.
void Machine::write() {
    auto& job = writes_.front().job;
    auto appended = stores_.log->append(job.commit);
    if (!appended && appended.error().code == Code::disk_full)
        return void(writes_.front().at = clock_.ticks + std::chrono::seconds{1});
    if (!appended) fail_with(appended.error());
    const auto done = job.done;
    writes_.pop_front();
    core_->handle(shard::Written{done, std::move(appended->sealed)});
}

void Machine::keep() {
    auto job = std::move(keeps_.front());
    keeps_.pop_front();
    if (auto* adopt = std::get_if<shard::Adopt>(&job))
        stores_.archive->adopt(std::move(adopt->sealed));
    if (const auto* read = std::get_if<shard::ReadEntry>(&job))
        core_->handle(
            shard::EntryRead{read->index, stores_.archive->read(shard::first_group, read->index)});
    if (const auto* range = std::get_if<shard::ReadRange>(&job))
        core_->handle(shard::read_range(*stores_.archive, *range));
    if (auto* tidy = std::get_if<shard::Tidy>(&job)) tidy_ = std::move(*tidy);
}

void Machine::flush() {
    const auto written = stores_.checkpoint->write(flushes_.front());
    if (!written) fail_with(written.error());
    core_->handle(shard::Flushed{flushes_.front().position});
    flushes_.pop_front();
}

void Machine::tidy() {
    const auto& live = tidy_->live;
    const auto more = stores_.archive->tidy_up(
        shard::first_group, tidy_->durable_applied,
        [&live](raft::Group, raft::Index from, raft::Index to) { return live.any(from, to); });
    if (!more && more.error().code != Code::disk_full) fail_with(more.error());
    if (!more || !*more) tidy_.reset();
}

}  // namespace cmq::simulation
