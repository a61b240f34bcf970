// What consensus says and hears: messages, writes, the lead gained and lost.

#include "base/check.h"
#include "base/log.h"
#include "shard/core.h"
#include "shard/shorten.h"

namespace cmq::shard {
namespace {

/// How long a request waits for a leader, and before it asks again for who leads.
constexpr std::chrono::seconds leader_patience{3};
constexpr std::chrono::milliseconds retry_pause{30};
/// How long an answer waits for a copy that is missing.
constexpr std::chrono::seconds copies_patience{1};

}  // namespace

void Core::step(const raft::Input& input) {
    auto output = raft::step(raft_, input, clock_.steady());
    if (!output.damaged.empty()) return ports_.fatal({Code::corrupt, output.damaged});
    hand_out(std::move(output));
}

void Core::hand_out(raft::Output output) {
    if (output.install) return begin_install(std::move(output));
    write(output);
    for (const auto& message : output.send) ports_.send(message);
    for (const auto& entry : output.apply) apply(entry);
    notice_role();
    release_secured();
    for (const auto& ready : output.reads) look(ready);
    for (const auto& wanted : output.load) load(wanted);
    for (const auto peer : output.snapshot) send_snapshot(peer);
}

/// One commit a step: what must be written together goes together.
void Core::write(raft::Output& output) {
    if (!output.hard && output.append.empty()) return;
    WriteJob job;
    job.done.emplace();
    if (output.hard) job.commit.hard.emplace_back(first_group, *output.hard);
    if (new_base_) job.commit.bases.emplace_back(first_group, *std::exchange(new_base_, {}));
    for (auto& entry : output.append) {
        log_bytes_ += entry.payload->size();
        job.done->index = entry.index;
        job.done->term = entry.term;
        job.commit.entries.emplace_back(first_group, std::move(entry));
    }
    job.done->hard = raft_.hard;
    ++writing_;
    ++figures_.commits;
    ports_.write(std::move(job));
}

/// A node that stops is silent, as if it were gone already, unless others wait for what it leads.
/// One without room takes no lead (core_room.cpp).
void Core::on(FromPeer event) {
    if (stopping_ && !leading_) return;
    if (is_disk_low() && std::holds_alternative<raft::TimeoutNow>(event.message.body)) return;
    if (!listens_to(event)) return;
    if (options_.planted != Planted::own_clock_rules)
        stamper_.walls.heard(event.message.from, event.wall);
    step(raft::Received{std::move(event.message)});
}

/// A log that lost what was durable may have lost a vote or an acknowledgement (D3b, D13).
bool Core::listens_to(const FromPeer& event) {
    if (!event.note || options_.planted == Planted::notes_ignored) return true;
    const auto node = event.message.from;
    if (event.note->format > options_.newest_format)
        return on(MetFormat{event.note->format}), false;
    switch (journals_.heard(node, *event.note)) {
        case JournalWatch::Verdict::listen:
            knows_[node] = event.note->knows;
            return true;
        case JournalWatch::Verdict::ignore:
            log::error("node_lost_writes",
                       {{"node", node.value}, {"log_ends_with_row", event.note->start.value}});
            return false;
        case JournalWatch::Verdict::we_lost_writes:
            ports_.fatal(
                {Code::corrupt, "this node lost writes: its log began with row " +
                                    std::to_string(journals_.note_for(node).start.value) +
                                    ", but it told node " + std::to_string(node.value) +
                                    " of row " + std::to_string(event.note->yours.value) +
                                    "; it cannot go on: `cmq cluster replace` takes a new one in"});
            return false;
    }
    return false;
}

void Core::on(HandOver event) { step(raft::Transfer{event.to}); }
void Core::on(Leave) { step(raft::Leave{}); }

/// The keeper does not have what lies in the segment that is being written: that is in memory.
void Core::on(raft::Loaded event) {
    std::size_t bytes = 0;
    const auto* entry = event.previous_term == raft::Term{}
                            ? nullptr
                            : cache_.find_entry(raft::next(event.previous));
    for (; event.gone && entry; entry = cache_.find_entry(raft::next(entry->index))) {
        bytes += raft::weight_of(*entry);
        if (!event.entries.empty() && bytes > options_.raft.append_bytes_max) break;
        event.entries.push_back(*entry);
    }
    event.gone = event.gone && event.entries.empty();
    step(event);
}

/// From memory as far as it reaches; else the keeper looks into what is sealed.
void Core::load(const raft::Load& wanted) {
    raft::Loaded loaded{wanted.peer, wanted.previous, {}, {}, false};
    auto previous_term = raft_.log.term_at(wanted.previous);
    if (wanted.previous == raft::Index{}) previous_term = raft::Term{};
    if (const auto* before = cache_.find_entry(wanted.previous)) previous_term = before->term;
    std::size_t bytes = 0;
    const auto* entry = cache_.find_entry(raft::next(wanted.previous));
    if (!entry || !previous_term) return ports_.keep(ReadRange{wanted, previous_term});
    for (; entry; entry = cache_.find_entry(raft::next(entry->index))) {
        bytes += raft::weight_of(*entry);
        if (!loaded.entries.empty() && bytes > wanted.entries_bytes_max) break;
        loaded.entries.push_back(*entry);
    }
    loaded.previous_term = *previous_term;
    step(loaded);
}

void Core::hold(Submit event) {
    const auto now = clock_.steady();
    const auto pause = event.again ? retry_pause : std::chrono::milliseconds{0};
    held_.push_back({std::move(event), raft::leader(raft_), now + pause, now + leader_patience});
}

/// Somebody leads, or it took too long.
void Core::release_held() {
    const auto now = clock_.steady();
    const bool here = raft::leads(raft_);
    const auto leader = raft::leader(raft_);
    const bool elsewhere = leader != raft::NodeId{} && leader != raft_.self;
    for (auto& held : std::exchange(held_, {})) {
        const bool no_news = now < held.from && leader == held.leader;
        if (no_news || (!here && !elsewhere && now < held.until)) {
            held_.push_back(std::move(held));
        } else if (here) {
            take(std::move(held.event));
        } else {
            refuse(held.event.done, broker::Reason::no_leader);
        }
    }
}

void Core::notice_role() {
    const bool leading = raft_.role == raft::Role::leader;
    if (leading == leading_) return;
    leading_ = leading;
    founded_ = told_address_ = false;
    knows_.clear();
    log::info(leading ? "lead_gained" : "lead_lost", {{"term", raft_.hard.term.value}});
    if (!leading) lose_lead();
}

/// The median rules, not we (D8); but clients of this node are refused by its own clock.
void Core::watch_clock() {
    const bool off = leading_ && std::chrono::abs(stamper_.own_error()) > clock_error_max;
    if (std::exchange(clock_off_, off) == off) return;
    if (off)
        log::error("clock_off", {{"milliseconds", stamper_.own_error().count()}});
    else
        log::info("clock_right", {});
}

/// What was proposed may still be committed by whoever leads next: its outcome is unknown.
void Core::lose_lead() {
    stamper_.walls.forget_others();
    drop_sendings();
    const auto reason = options_.planted == Planted::lost_lead_refuses
                            ? broker::Reason::no_leader
                            : broker::Reason::unknown_outcome;
    for (auto& batch : std::exchange(batches_, {}))
        for (auto& origin : batch.origins) {
            refuse(origin.done, reason);
            if (origin.waiter) refuse(origin.waiter->done, broker::Reason::no_leader);
        }
    for (auto& unsecured : std::exchange(unsecured_, {})) refuse(unsecured.done, reason);
    for (auto& pending : std::exchange(pending_, {})) {
        refuse(pending.origin.done, broker::Reason::no_leader);
        if (pending.origin.waiter) refuse(pending.origin.waiter->done, broker::Reason::no_leader);
    }
    for (auto& waiter : waiting_.take_all()) refuse(waiter.done, broker::Reason::no_leader);
    for (auto& change : std::exchange(member_changes_, {}))
        refuse(change.done, broker::Reason::unknown_outcome);
    for (auto& done : std::exchange(transfers_, {})) done(broker::Answer{broker::Done{}, {}});
    pending_bytes_ = in_flight_bytes_ = 0;
    promised_.clear();
    tick_proposed_ = false;
}

void Core::answer_secured(raft::Index index, broker::Outcome outcome, Continuation done) {
    unsecured_.push_back({index, std::move(outcome), std::move(done)});
}

void Core::release_secured() {
    const auto secured = raft::secured(raft_);
    while (!unsecured_.empty() && unsecured_.front().index <= secured) {
        auto ready = std::move(unsecured_.front());
        unsecured_.pop_front();
        answer(std::move(ready.outcome), std::move(ready.done));
    }
}

/// With Copies::all an answer waits for a node that may never come back: who waits is told so.
void Core::give_up_copies() {
    const auto now = clock_.steady();
    copies_lack_since_ =
        raft::lacks_copies(raft_) ? std::min(copies_lack_since_, now) : Steady::max();
    if (now < copies_lack_since_ || now - copies_lack_since_ < copies_patience) return;
    for (auto& unsecured : std::exchange(unsecured_, {}))
        refuse(unsecured.done, broker::Reason::unknown_outcome);
}

/// What is committed is applied, so the answer has all that was answered before the question.
void Core::look(const raft::ReadReady& ready) {
    if (auto waiter = empty_handed_.extract(ready.id); !waiter.empty())
        return say_empty(std::move(waiter.mapped()), ready.ok);
    auto found = questions_.extract(ready.id);
    CMQ_CHECK(!found.empty());
    auto& question = found.mapped();
    if (!ready.ok) return refuse(question.done, broker::Reason::no_leader);
    answer(state_.ask(question.look.query, std::max(stamper_.now(), state_.clock())),
           [done = std::move(question.done)](broker::Answer answer) {
               (void)shorten(answer);  // gives nothing back: nothing was received
               done(std::move(answer));
           });
}

}  // namespace cmq::shard
