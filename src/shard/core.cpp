#include "shard/core.h"

#include <algorithm>

#include "base/check.h"
#include "broker/codec.h"
#include "shard/entry.h"

namespace cmq::shard {
namespace {

/// A second commit is prepared while one is written, but only a full one: small ones do better
/// by waiting for more company (D4).
constexpr unsigned writes_at_once = 2;
constexpr std::uint64_t second_write_bytes = 256u << 10;

/// How long a leader that stops waits for others to have what it proposed.
constexpr std::chrono::seconds stop_patience{2};

/// How often a change of members that has to wait is tried again.
constexpr std::chrono::milliseconds member_interval{50};

/// What a request weighs beside its bytes: what we keep to answer it.
constexpr std::uint64_t origin_bytes = 256;

tl::unexpected<broker::Refusal> refusal(broker::Reason reason) {
    return tl::unexpected(broker::Refusal{reason, {}});
}

raft::Start with(raft::Start start, const CoreOptions& options) {
    start.options = options.raft;
    start.seed = options.seed;
    return start;
}

}  // namespace

Core::Core(CoreOptions options, const Clock& clock, broker::State& state, raft::Start start,
           Ports ports, Found found)
    : options_(std::move(options)),
      clock_(clock),
      state_(state),
      applied_{start.base.index, start.base.term, start.base.chain},
      raft_(with(std::move(start), options_)),
      ports_(std::move(ports)),
      stamper_(clock, raft_.self, state.clock()),
      journals_(raft::Chance{options_.seed}.draw(), found.journal),
      cache_(options_.cold_cache_bytes, options_.newest_format),
      self_(options_.self),
      format_(state.format()),
      questions_to_peers_(raft::Chance{~options_.seed}.draw()),
      bodies_lack_(found.bodies_lack),
      durable_lack_(found.bodies_lack),
      flushed_format_(format_),
      last_flush_(clock.steady()) {
    durable_applied_ = applied_;
    for (auto index = raft::next(applied_.index); index <= raft_.log.last(); ++index.value)
        log_bytes_ += raft_.log.find(index)->payload->size();  // or frequent ends delay the flush
    step(raft::Tick{});
}

void Core::handle(Event event) {
    if (installing_) return drop(std::move(event));
    std::visit([this](auto& kind) { on(std::move(kind)); }, event);
}

void Core::advance() {
    if (installing_) return;
    if (const auto wake = raft::next_wake(raft_); wake && *wake <= clock_.steady())
        step(raft::Tick{});
    tick();
    watch_clock();
    release_held();
    tell_own_address();
    promote_learners();
    change_members();
    raise_format();
    end_transfers();
    give_up_copies();
    expire_polls();
    fetch_step();
    give_up_lead();
    propose();
    flush_step();
    stop_step();
}

std::optional<Steady> Core::wake_at() {
    if (installing_) return {};
    auto wake = waiting_.next_deadline();
    if (stopping_ && (!batches_.empty() || log_waits_))
        wake = wake ? std::min(*wake, stop_until_) : stop_until_;
    const auto sooner = [&wake](Steady at) { wake = wake ? std::min(*wake, at) : at; };
    const bool can_propose = raft::leads(raft_) && !pending_.empty() && writing_ == 0;
    if (can_propose || (flush_ && !flush_taken_)) return clock_.steady();
    if (state_.dirty() > 0 && !flushing_) sooner(last_flush_ + options_.flush_interval);
    if (flush_ && flush_waits_) sooner(flush_again_);
    if (is_disk_low() && raft::leads(raft_)) sooner(give_up_lead_at_);
    if (const auto at = raft::next_wake(raft_)) sooner(*at);
    if (const auto at = next_fetch()) sooner(*at);
    for (const auto& held : held_) sooner(clock_.steady() < held.from ? held.from : held.until);
    if (!member_changes_.empty()) sooner(clock_.steady() + member_interval);
    if (const auto due = state_.next_due(); due && !tick_proposed_ && raft::leads(raft_))
        sooner(clock_.steady() + std::max(*due - stamper_.now(), std::chrono::milliseconds{1}));
    return wake;
}

bool Core::stopped() const {
    if (installing_) return stopping_ && (writing_ == 0 || log_waits_);
    const bool time_is_up = clock_.steady() >= stop_until_;
    const bool settled = batches_.empty() || time_is_up;
    const bool written = (pending_.empty() && writing_ == 0) || (log_waits_ && time_is_up);
    const bool flushed = (!flushing_ && state_.dirty() == 0) || flush_waits_;
    return stopping_ && settled && written && (flushed || log_waits_);
}

void Core::on(Submit event) {
    if (stopping_) return refuse(event.done, broker::Reason::stopping);
    if (raft::leads(raft_)) return take(std::move(event));
    const auto leader = raft::leader(raft_);
    const bool elsewhere = leader != raft::NodeId{} && leader != raft_.self;
    if (elsewhere && !event.again) return refuse(event.done, broker::Reason::no_leader);
    hold(std::move(event));
}

void Core::take(Submit event) {
    auto request = std::move(event.request);
    std::visit([&](auto& kind) { submit(std::move(kind), std::move(event)); }, request);
}

std::optional<broker::Reason> Core::refuses(const Proposal& proposal) const {
    if (!raft::leads(raft_)) return broker::Reason::no_leader;
    if (log_waits_ || (proposal.stores && room_low_)) return broker::Reason::disk_low;
    if (raft::lacks_copies(raft_)) return broker::Reason::copies_missing;
    if (in_flight_bytes_ + proposal.command.size() > options_.in_flight_bytes_max)
        return broker::Reason::throttled;
    return {};
}

void Core::submit(Proposal proposal, Submit event) {
    if (const auto reason = refuses(proposal)) return refuse(event.done, *reason);
    const auto bytes = proposal.command.size() + origin_bytes;
    in_flight_bytes_ += bytes;
    enqueue(std::move(proposal.command), Origin{std::move(event.done), {}, bytes});
}

void Core::submit(Look look, Submit event) {
    if (!raft::leads(raft_)) return refuse(event.done, broker::Reason::no_leader);
    const auto id = ++reads_;
    questions_.emplace(id, Question{std::move(look), std::move(event.done)});
    step(raft::Read{id});
}

void Core::on(Cancel event) {  // gone: nobody to answer
    (void)waiting_.take(event.ticket);
    std::erase_if(held_, [&](const Held& held) { return held.event.ticket == event.ticket; });
}

/// After the lead was lost nobody would propose it here, and a stop would wait for it: the lease
/// ends by itself.
void Core::on(GiveBack event) {
    if (!raft::leads(raft_)) return;
    const broker::Command command{event.space, broker::Unreceive{event.queue, event.handles}};
    enqueue(command, {});
}

void Core::on(Written event) {
    CMQ_CHECK(writing_ > 0);
    --writing_;
    log_goes_on();
    journals_.durable(event.journal);
    if (event.sealed) {
        cache_.sealed(raft_.durable);
        ports_.keep(Adopt{std::move(event.sealed)});
    }
    if (!event.bodies.empty()) --body_writes_;
    for (const auto& body : event.bodies) cache_.add_body(body);
    if (event.what) step(*event.what);
}

void Core::on(Stop) {
    stopping_ = true;
    stop_until_ = clock_.steady() + stop_patience;
    for (auto& waiter : waiting_.take_all()) refuse(waiter.done, broker::Reason::no_message);
    for (auto& held : std::exchange(held_, {})) refuse(held.event.done, broker::Reason::stopping);
}

void Core::propose() {
    if (!raft::leads(raft_)) return;
    if (!founded_) found();
    while (!pending_.empty() && writing_ < writes_at_once) {
        if (writing_ > 0 && pending_bytes_ < second_write_bytes) return;
        propose_one_commit();
    }
}

/// As much of what waits as a commit takes, in as many entries as that needs.
void Core::propose_one_commit() {
    raft::Propose proposal;
    for (std::size_t bytes = 0; !pending_.empty();) {
        const auto left = options_.commit_bytes_max - std::min(options_.commit_bytes_max, bytes);
        if (bytes > 0 && pending_.front().command.size() > left) break;
        const auto index = raft::Index{raft_.log.last().value + proposal.commands.size() + 1};
        proposal.commands.push_back(next_entry(index, std::min(options_.entry_bytes_max, left)));
        bytes += proposal.commands.back()->size();
    }
    step(proposal);
}

/// At least one command is in it.
Blob Core::next_entry(raft::Index index, std::size_t bytes_max) {
    const bool asks_nobody = options_.planted == Planted::newest_at_once;
    EntryWriter writer(stamper_.now(), asks_nobody ? options_.newest_format : format_);
    Batch batch{index, {}};
    for (std::size_t bytes = 0; !pending_.empty(); pending_.pop_front()) {
        auto& next = pending_.front();
        bytes += next.command.size();
        if (!batch.origins.empty() && bytes > bytes_max) break;
        pending_bytes_ -= next.command.size();
        writer.add(next.command);
        batch.origins.push_back(std::move(next.origin));
    }
    batches_.push_back(std::move(batch));
    return make_blob(std::move(writer).take());
}

/// The first command of a new log goes before any that clients sent.
void Core::found() {
    founded_ = true;
    if (state_.applied() != raft::Index{}) return;
    Pending first;
    broker::encode(broker::Command{{}, broker::Found{options_.secret}}, first.command);
    pending_bytes_ += first.command.size();
    pending_.push_front(std::move(first));
}

void Core::enqueue(std::string command, Origin origin) {
    pending_bytes_ += command.size();
    pending_.push_back({std::move(command), std::move(origin)});
}

void Core::enqueue(const broker::Command& command, Origin origin) {
    std::string bytes;
    broker::encode(command, bytes);
    enqueue(std::move(bytes), std::move(origin));
}

void Core::apply(const raft::Entry& entry) {
    applied_ = Position{entry.index, entry.term, entry.chain};
    cache_.add_active(entry);
    if (entry.kind != raft::Kind::command) return;
    const auto view = read_entry(*entry.payload, options_.newest_format);
    if (!view) return ports_.fatal(view.error());
    stamper_.raise(view->stamp);
    const bool ours = !batches_.empty() && batches_.front().index == entry.index;
    std::vector<Origin> origins(view->commands.size());
    if (ours) origins = std::move(batches_.front().origins);
    if (ours) batches_.pop_front();
    std::uint32_t slot = 0;
    for (std::size_t at = 0; at < view->commands.size(); ++at) {
        const auto command = broker::decode(view->commands[at]);
        if (!command) return ports_.fatal(command.error());
        if (std::holds_alternative<broker::Tick>(command->action)) tick_proposed_ = false;
        ++figures_.commands;
        settle_origin(entry.index, std::move(origins[at]),
                      state_.apply(*command, view->stamp, entry.index, slot));
        if (!take_format()) return;
    }
    wake_waiters();
}

void Core::settle_origin(raft::Index index, Origin origin, broker::Outcome outcome) {
    in_flight_bytes_ -= origin.bytes;
    if (origin.waiter) return settle_receive(index, *std::move(origin.waiter), std::move(outcome));
    if (origin.done) answer_secured(index, std::move(outcome), std::move(origin.done));
}

void Core::tick() {
    if (tick_proposed_ || stopping_ || !raft::leads(raft_)) return;
    const auto due = state_.next_due();
    if (!due || *due > stamper_.now()) return;
    tick_proposed_ = true;
    enqueue(broker::Command{{}, broker::Tick{}}, {});
}

void Core::refuse(const Continuation& done, broker::Reason reason) {
    if (done) done(broker::Answer{refusal(reason), {}});
}

/// The last flush makes the next start short.
void Core::stop_step() {
    if (!stopping_ || flushing_ || flush_ || !pending_.empty() || writing_ > 0) return;
    if (!batches_.empty() && clock_.steady() < stop_until_) return;
    if (state_.dirty() > 0) last_flush_ = clock_.steady() - options_.flush_interval;
}

CoreFigures Core::figures() const {
    auto figures = figures_;
    figures.parked = waiting_.size();
    figures.cache_bytes = cache_.bytes();
    figures.applied = applied_.index.value;
    figures.durable_applied = durable_applied_.index.value;
    figures.leads = raft::leads(raft_);
    figures.leader = raft::leader(raft_);
    figures.term = raft_.hard.term.value;
    figures.commit = raft_.commit.value;
    figures.secured = raft::secured(raft_).value;
    figures.copies_in_sync = raft::copies_in_sync(raft_);
    if (leading_) figures.clock_error = stamper_.own_error();
    figures.bodies_lack = bodies_lack_;
    figures.disk_low = is_disk_low();
    figures.log_waits = log_waits_;
    figures.format = format_;
    figures.state = state_.counts();
    return figures;
}

}  // namespace cmq::shard
