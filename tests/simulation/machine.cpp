#include "tests/simulation/machine.h"

#include "shard/write_batch.h"

namespace cmq::simulation {
namespace {

constexpr std::chrono::seconds room_interval{1};

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
    auto stores =
        shard::open_stores(disk_, "data", settings_.self, settings_.first, settings_.log, fail_with,
                           {.newest = settings_.core.newest_format, .planted = settings_.planted});
    if (!stores) fail_with(stores.error());
    stores_ = *std::move(stores);
    shard::Core::Ports ports{[this](shard::WriteJob job) { take(std::move(job)); },
                             [this](shard::KeepJob job) { keeps_.push_back(std::move(job)); },
                             [this](shard::FlushJob job) { flushes_.push_back(std::move(job)); },
                             [this](shard::SnapshotJob job) { flushes_.push_back(std::move(job)); },
                             [this](const raft::Message& message) {
                                 settings_.send(message, core_->note_for(message.to));
                             },
                             settings_.ask,
                             fail_with};
    snapshots_ = std::make_unique<shard::SnapshotFiles>(
        disk_, "data/state", settings_.core.newest_format, settings_.snapshots);
    core_ =
        std::make_unique<shard::Core>(settings_.core, clock_, *stores_.state,
                                      std::move(stores_.start), std::move(ports), stores_.found);
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

void Machine::receive(raft::Message message, Stamp wall, const shard::JournalNote& note) {
    guarded([&] { core_->handle(shard::FromPeer{std::move(message), wall, note}); });
}

void Machine::asked(shard::Asked question) {
    guarded([&] { core_->handle(std::move(question)); });
}

void Machine::answered(shard::Answered answer) {
    guarded([&] { core_->handle(std::move(answer)); });
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
        core_->handle(usage->room);
    });
}

std::size_t Machine::scrub() {
    constexpr std::uint64_t piece_bytes = 1 << 20;
    std::size_t found = 0;
    guarded([&] {
        for (bool ends = false; !ends;) {
            const auto scrubbed = stores_.archive->scrub(shard::first_group, piece_bytes);
            if (!scrubbed) fail_with(scrubbed.error());
            found += scrubbed->damaged.size();
            for (const auto index : scrubbed->damaged)
                core_->handle(shard::Damaged{index, {Code::corrupt, "found by reading"}, false});
            ends = scrubbed->round_ends;
        }
    });
    return found;
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
    const auto sooner = [&](Steady from) {
        const auto at = std::max(stalled_until_, from);
        disk = std::min(disk.value_or(at), at);
    };
    if (!keeps_.empty() || !news_.empty()) sooner(stalled_until_);
    if (!flushes_.empty()) sooner(flush_from_);
    if (tidy_) sooner(tidy_from_);
    return disk && wake ? std::min(*disk, *wake) : disk ? disk : wake;
}

Steady Machine::next_write() const { return std::max(writes_.front().at, log_stalled_until_); }

bool Machine::disk_is_ready() const { return stalled_until_ <= clock_.ticks; }

bool Machine::step() {
    if (failed()) return false;
    guarded([this] { core_->replaced() ? reopen() : core_->advance(); });
    if (failed()) return false;
    std::vector<void (Machine::*)()> ready;
    if (!disk_is_ready()) return false;
    if (!writes_.empty() && next_write() <= clock_.ticks) ready.push_back(&Machine::write);
    if (!keeps_.empty()) ready.push_back(&Machine::keep);
    if (!flushes_.empty() && flush_from_ <= clock_.ticks) ready.push_back(&Machine::flush);
    if (!news_.empty()) ready.push_back(&Machine::hear);
    if (tidy_ && tidy_from_ <= clock_.ticks) ready.push_back(&Machine::tidy);
    if (ready.empty()) return false;
    const auto chosen = ready[chance_() % ready.size()];
    guarded([&] { (this->*chosen)(); });
    return !failed();
}

void Machine::settle() {
    while (step()) continue;
}

/// A snapshot took the place of log and state. What the flusher was told before, it does first.
void Machine::reopen() {
    while (!flushes_.empty()) flush();
    flush_from_ = {};
    for (; !news_.empty(); news_.pop_front()) core_->handle(std::move(news_.front()));
    core_.reset();
    stores_ = {};
    writes_.clear();
    keeps_.clear();
    tidy_.reset();
    ++installed_;
    ++settings_.core.seed;
    recover();
    core_->handle(shard::SetSelf{settings_.core.self});
}

/// What waits goes together, or a part of it. A full disk is met before anything is written, and
/// waited for.
void Machine::write() {
    std::vector<shard::WriteJob> jobs;
    for (const auto& write : writes_)
        if (write.at <= clock_.ticks) jobs.push_back(write.job);
    jobs.resize(1 + chance_() % shard::fit_together(jobs));
    auto appended = stores_.log->append(shard::together(jobs));
    if (!appended && appended.error().code == Code::disk_full) {
        writes_.front().at = clock_.ticks + room_interval;
        return core_->handle(shard::LogWaits{});
    }
    if (!appended) fail_with(appended.error());
    if (appended->room) core_->handle(*appended->room);
    writes_.erase(writes_.begin(), writes_.begin() + static_cast<std::ptrdiff_t>(jobs.size()));
    for (auto& job : jobs) {
        std::vector<raft::Entry> bodies;
        for (auto& [group, body] : job.commit.bodies) bodies.push_back(std::move(body));
        core_->handle(shard::Written{job.done, std::move(appended->sealed), std::move(bodies),
                                     appended->journal});
    }
}

void Machine::keep() {
    auto job = std::move(keeps_.front());
    keeps_.pop_front();
    if (auto* adopt = std::get_if<shard::Adopt>(&job))
        stores_.archive->adopt(std::move(adopt->sealed));
    if (const auto* read = std::get_if<shard::ReadEntry>(&job))
        core_->handle(
            shard::EntryRead{read->index, stores_.archive->read(shard::first_group, read->index)});
    if (const auto* range = std::get_if<shard::ReadRange>(&job)) {
        auto loaded = shard::read_range(*stores_.archive, *range);
        if (!loaded) fail_with(loaded.error());
        core_->handle(*std::move(loaded));
    }
    if (auto* tidy = std::get_if<shard::Tidy>(&job)) tidy_ = std::move(*tidy);
    if (const auto* missing = std::get_if<shard::FindMissing>(&job)) {
        auto found = shard::find_missing(*stores_.archive, *missing);
        if (!found) fail_with(found.error());
        core_->handle(*std::move(found));
    }
    if (const auto* wanted = std::get_if<shard::ReadBodies>(&job))
        if (auto damaged = shard::answer(*stores_.archive, *wanted))
            core_->handle(*std::move(damaged));
}

/// A state that came whole is checked row by row; what else the flusher is told waits meanwhile.
bool Machine::takes_long() {
    const auto* snapshot = std::get_if<shard::SnapshotJob>(&flushes_.front());
    const auto* taken = snapshot ? std::get_if<shard::TakeChunk>(snapshot) : nullptr;
    if (!taken || taken->chunk.offset + taken->chunk.bytes.size() < taken->chunk.size) return false;
    if (std::exchange(checking_, false)) return false;
    checking_ = chance_() % 4 == 0;
    if (checking_) flush_from_ = clock_.ticks + std::chrono::milliseconds(chance_() % 4'000);
    return checking_;
}

void Machine::flush() {
    if (takes_long()) return;
    auto job = std::move(flushes_.front());
    flushes_.pop_front();
    if (auto* snapshot = std::get_if<shard::SnapshotJob>(&job)) {
        auto news = snapshots_->run(std::move(*snapshot), *stores_.checkpoint);
        if (!news) fail_with(news.error());
        if (*news) news_.push_back(**std::move(news));
        return;
    }
    auto& flush = std::get<shard::FlushJob>(job);
    const auto written = stores_.checkpoint->write(flush);
    if (!written && written.error().code == Code::disk_full)
        return core_->handle(shard::NotFlushed{std::move(flush), written.error()});
    if (!written) fail_with(written.error());
    core_->handle(shard::Flushed{flush.position, flush.bodies_lack});
}

/// Time passes between a thing done and its being heard of.
void Machine::hear() {
    auto news = std::move(news_.front());
    news_.pop_front();
    core_->handle(std::move(news));
}

void Machine::tidy() {
    const auto more = shard::tidy_up(*stores_.archive, *tidy_);
    if (more && *more) return;
    if (!more && more.error().code == Code::disk_full) {
        tidy_from_ = clock_.ticks + room_interval;
        return;
    }
    tidy_.reset();
    if (more) return;
    const auto damaged = stores_.archive->damaged();
    if (!damaged || more.error().code != Code::corrupt) fail_with(more.error());
    core_->handle(shard::Damaged{*damaged, more.error(), true});
}

}  // namespace cmq::simulation
