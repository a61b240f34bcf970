// Receives: at once, parked, woken, ended.
//
// A poll is proposed as a receive only when there may be something for it; what was proposed is
// promised until it is applied. Nobody is told "no message" before a majority agrees that this node
// still leads.

#include "broker/codec.h"
#include "shard/core.h"
#include "shard/shorten.h"

namespace cmq::shard {

void Core::submit(Poll poll, Submit event) {
    if (!raft::leads(raft_)) return refuse(event.done, broker::Reason::no_leader);
    if (log_waits_) return refuse(event.done, broker::Reason::disk_low);
    if (raft::lacks_copies(raft_)) return refuse(event.done, broker::Reason::copies_missing);
    const auto queue = state_.find(poll.space, poll.queue);
    if (!queue) return refuse(event.done, broker::Reason::queue_missing);
    const auto wait = poll.wait.value_or(std::chrono::seconds{
        state_.attributes(*queue).value_or(broker::Attributes{}).polling_wait});
    Waiter waiter{event.ticket, std::move(poll), *queue, clock_.steady() + wait,
                  std::move(event.done)};
    const auto due = state_.next_due();
    const bool is_due = due && *due <= stamper_.now();
    const auto taken = promised(*queue);
    const bool maybe = is_due || state_.ready(*queue, taken + 1) > taken;
    if (maybe && !waiting_.has(*queue)) return enqueue_receive(std::move(waiter));
    // What is promised may be left: whoever it is promised to may get another, or lose the lead.
    // "No message" is said by the log then, not before it.
    const bool all_promised = wait.count() == 0 && state_.ready(*queue, 1) > 0;
    if (all_promised) return enqueue_receive(std::move(waiter));
    if (wait.count() == 0) return say_empty(std::move(waiter));
    waiting_.park(std::move(waiter));
}

void Core::enqueue_receive(Waiter waiter) {
    promised_[waiter.queue] += waiter.poll.count;
    const auto space = waiter.poll.space;
    const auto name = waiter.poll.queue;
    const broker::Receive receive{name, waiter.poll.count};
    enqueue(broker::Command{space, receive}, Origin{{}, std::move(waiter), 0});
}

/// A receive that was beaten to the message goes back to the head of its line.
void Core::settle_receive(raft::Index index, Waiter waiter, broker::Outcome outcome) {
    const auto promised = promised_.find(waiter.queue);
    promised->second -= waiter.poll.count;
    if (promised->second == 0) promised_.erase(promised);
    const bool empty = !outcome && outcome.error().reason == broker::Reason::no_message;
    if (empty && !stopping_ && waiter.deadline > clock_.steady())
        return waiting_.park_first(std::move(waiter));
    answer_secured(index, std::move(outcome), give_what_fits(std::move(waiter)));
}

/// What is too much for one answer is given back, and first: the client may ask for the rest at
/// once, and must not hear that there is nothing. Where it cannot be, the leases end by themselves.
Continuation Core::give_what_fits(Waiter waiter) {
    return [this, space = waiter.poll.space, queue = std::move(waiter.poll.queue),
            done = std::move(waiter.done)](broker::Answer answer) {
        const auto others = shorten(answer);
        if (others.empty() || log_waits_ || !raft::leads(raft_)) return done(std::move(answer));
        const broker::Command back{space, broker::Unreceive{queue, others}};
        enqueue(back, {[done, answer](const broker::Answer&) { done(answer); }, {}, 0});
    };
}

void Core::wake_waiters() {
    for (const auto queue : state_.take_woken()) wake(queue);
}

void Core::wake(broker::QueueId queue) {
    if (!waiting_.has(queue)) return;
    if (!state_.attributes(queue)) {
        for (auto& waiter : waiting_.take_all(queue))
            refuse(waiter.done, broker::Reason::queue_missing);
        return;
    }
    // Each of them is promised one message at least.
    const auto ready = state_.ready(queue, promised(queue) + waiting_.size());
    while (waiting_.has(queue) && ready > promised(queue))
        enqueue_receive(waiting_.take_first(queue));
}

std::uint64_t Core::promised(broker::QueueId queue) const {
    const auto found = promised_.find(queue);
    return found == promised_.end() ? 0 : found->second;
}

/// While the log waits nobody knows whether a message is due.
void Core::expire_polls() {
    for (auto& waiter : waiting_.take_expired(clock_.steady())) {
        if (log_waits_) {
            refuse(waiter.done, broker::Reason::disk_low);
        } else {
            say_empty(std::move(waiter));
        }
    }
}

/// Another may lead by now, and have messages that we know nothing of.
void Core::say_empty(Waiter waiter) {
    const auto id = ++reads_;
    empty_handed_.emplace(id, std::move(waiter));
    step(raft::Read{id});
}

void Core::say_empty(Waiter waiter, bool led) {
    if (!led || !raft::leads(raft_)) return refuse(waiter.done, broker::Reason::no_leader);
    if (!state_.attributes(waiter.queue)) return refuse(waiter.done, broker::Reason::queue_missing);
    if (state_.ready(waiter.queue, 1) > 0) return enqueue_receive(std::move(waiter));
    refuse(waiter.done, broker::Reason::no_message);
}

}  // namespace cmq::shard
