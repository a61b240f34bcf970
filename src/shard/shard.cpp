#include "shard/shard.h"

#include "base/check.h"
#include "base/thread.h"
#include "shard/shard_parts.h"

namespace cmq::shard {

Shard::Shard(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Shard::~Shard() { stop(); }

Result<std::unique_ptr<Shard>> Shard::open(Options options, store::Files& files,
                                           const Clock& clock) {
    auto parts = std::make_unique<Parts>(std::move(options), files, clock);
    CMQ_TRY(parts->recover());
    const bool alone = parts->core->votes_alone();
    parts->start_workers();
    parts->core_thread = std::jthread([parts = parts.get()] { parts->core_loop(); });
    std::unique_ptr<Shard> shard(new Shard(std::move(parts)));
    if (alone) CMQ_TRY(shard->await_lead());
    return shard;
}

/// A failure on the way does not return. Whoever starts a node sees that it has no room.
Status Shard::await_lead() {
    std::unique_lock lock(parts_->figures_mutex);
    parts_->leader_changed.wait(lock, [this] { return parts_->leads || parts_->log_waits; });
    if (parts_->leads) return {};
    return fail(Code::disk_full, (parts_->options.directory / "log").string() +
                                     ": no room for the log to go on; make room, and start again");
}

Status Shard::Parts::recover() {
    raft::Configuration first;
    if (options.founder) first.voters = {options.self};
    stores =
        CMQ_TRY(open_stores(files, options.directory, options.self, std::move(first), options.log,
                            options.fatal, {.newest = options.core.newest_format}));
    Core::Ports ports{[this](WriteJob job) { writes.push(std::move(job)); },
                      [this](KeepJob job) { keeps.push(std::move(job)); },
                      [this](FlushJob job) { flushes.push(std::move(job)); },
                      [this](SnapshotJob job) { flushes.push(std::move(job)); },
                      [this](const raft::Message& message) {
                          if (core && options.send)
                              options.send(message, core->note_for(message.to));
                      },
                      [this](raft::NodeId to, const BulkRequest& request, std::uint64_t question) {
                          ask(to, request, question);
                      },
                      [this](const Error& error) { on_failure(error); }};
    core = std::make_unique<Core>(options.core, clock, *stores.state, std::move(stores.start),
                                  std::move(ports), stores.found);
    return stores.remember_active(*core);
}

void Shard::Parts::start_workers() {
    writer_thread = std::jthread([this] { writer_loop(); });
    keeper_thread = std::jthread([this] { keeper_loop(); });
    flusher_thread = std::jthread([this] { flusher_loop(); });
}

void Shard::Parts::stop_workers() {
    writes.push(End{});
    keeps.push(End{});
    flushes.push(End{});
    writer_thread.join();
    keeper_thread.join();
    flusher_thread.join();
}

void Shard::Parts::core_loop() {
    name_thread("core");
    std::vector<Event> batch;
    while (!core->stopped()) {
        core->advance();
        publish();
        events.take(batch, core->wake_at(), spin);
        for (auto& event : batch) core->handle(std::move(event));
        if (core->replaced() && !stopping) reopen();
    }
    events.take(batch, clock.steady());  // came while the last of the work was done: refused
    for (auto& event : batch) core->handle(std::move(event));
}

/// A snapshot took the place of log and state (shard/core_snapshot.cpp). To the rest of this node
/// it looks like a pause; what the old workers had to say concerns nobody any more.
void Shard::Parts::reopen() {
    stop_workers();
    std::vector<Event> left;
    events.take(left, clock.steady());
    for (auto& event : left) core->handle(std::move(event));
    const bool stops = core->stopped();
    options.core.self = core->self();
    ++options.core.seed;
    core.reset();
    stores = {};
    tidy_work.reset();
    if (const auto recovered = recover(); !recovered) return on_failure(recovered.error());
    start_workers();
    if (stops) core->handle(Stop{});
}

void Shard::Parts::ask(raft::NodeId to, const BulkRequest& request, std::uint64_t question) {
    const auto heard = [this, question](const Result<std::string>& bytes) {
        auto answer =
            bytes ? decode_bulk_answer(*bytes) : Result<BulkAnswer>(tl::unexpected(bytes.error()));
        events.push(Answered{question, std::move(answer)});
    };
    if (options.ask) return options.ask(to, encode(request), heard);
    heard(fail(Code::unreachable, "this node talks to no others"));
}

/// What other threads may read of the core.
void Shard::Parts::publish() {
    const auto now = core->figures();
    bool changed = leader.exchange(now.leader.value) != now.leader.value;
    disk_low = now.disk_low;
    publish_nodes();
    if (changed && options.on_leader) options.on_leader(now.leader);
    const std::lock_guard lock(figures_mutex);
    changed |= leads.exchange(now.leads) != now.leads;
    changed |= log_waits.exchange(now.log_waits) != now.log_waits;
    figures.core = now;
    if (changed) leader_changed.notify_all();
    if (secret.empty()) secret = stores.state->secret();
}

void Shard::Parts::publish_nodes() {
    if (!options.on_nodes) return;
    const auto changes = stores.state->node_changes();
    if (std::exchange(node_changes, changes) != changes) options.on_nodes(stores.state->nodes());
}

Ticket Shard::submit(Request request, Continuation done, bool again) {
    const Ticket ticket{++parts_->tickets};
    parts_->events.push(Submit{ticket, std::move(request), std::move(done), again});
    return ticket;
}

void Shard::cancel(Ticket ticket) { parts_->events.push(Cancel{ticket}); }

void Shard::give_back(GiveBack receives) { parts_->events.push(std::move(receives)); }

void Shard::receive(raft::Message message, Stamp wall, const JournalNote& note) {
    parts_->events.push(FromPeer{std::move(message), wall, note});
}

void Shard::met(broker::FormatVersion format) { parts_->events.push(MetFormat{format}); }

void Shard::asked(raft::NodeId from, std::string_view request, BulkAnswered answered) {
    auto wanted = decode_bulk_request(request);
    if (!wanted) return answered(tl::unexpected(wanted.error()));
    auto reply = [answered = std::move(answered)](const Result<BulkAnswer>& answer) {
        answered(answer ? Result<std::string>(encode(*answer)) : tl::unexpected(answer.error()));
    };
    parts_->events.push(Asked{from, *std::move(wanted), std::move(reply)});
}

void Shard::set_self(broker::NodeEntry self) { parts_->events.push(SetSelf{std::move(self)}); }

broker::FormatVersion Shard::format() const { return figures().core.format; }

std::string Shard::secret() const {
    const std::lock_guard lock(parts_->figures_mutex);
    return parts_->secret;
}

void Shard::leave(std::chrono::milliseconds patience) {
    parts_->events.push(Leave{});
    const auto led_elsewhere = [this] {
        return leader() != raft::NodeId{} && leader() != parts_->options.self;
    };
    std::unique_lock lock(parts_->figures_mutex);
    parts_->leader_changed.wait_for(lock, patience, led_elsewhere);
}

raft::NodeId Shard::leader() const { return raft::NodeId{parts_->leader}; }

void Shard::stop() {
    if (parts_->stopping.exchange(true)) return;
    parts_->events.push(Stop{});
    parts_->room_changed.release();
    parts_->core_thread.join();
    parts_->stop_workers();
}

Status Shard::ready() const {
    const bool led =
        parts_->leads || (leader() != raft::NodeId{} && leader() != parts_->options.self);
    if (parts_->stopping) return fail(Code::unavailable, "it stops");
    if (!led) return fail(Code::unavailable, "no node leads that it can reach");
    if (parts_->disk_low) return fail(Code::unavailable, "its disk is almost full");
    return {};
}

Shard::Figures Shard::figures() const {
    const std::lock_guard lock(parts_->figures_mutex);
    return parts_->figures;
}

}  // namespace cmq::shard
