// Whole states to and from other nodes (D2).
//
// Leader: a copy of the checkpoint, chunk by chunk, the next when the one before was taken.
// Follower: the chunks become a file beside the checkpoint; then the log's new base is journalled;
// then this core ends, and the stores that the next one opens take the file in (shard/stores.h). A
// crash at any point leaves the old state, or the new one.

#include "base/log.h"
#include "shard/core.h"

namespace cmq::shard {
namespace {
/// Times that a follower may ask for what it was sent already.
constexpr unsigned standstills_max = 3;
}  // namespace

void Core::ask(raft::NodeId to, BulkRequest request,
               std::function<void(Result<BulkAnswer>)> heard) {
    const auto question = ++questions_to_peers_;
    unheard_.emplace(question, std::move(heard));
    ports_.ask(to, std::move(request), question);
}

void Core::on(Answered event) {
    const auto heard = unheard_.extract(event.question);
    if (!heard.empty()) heard.mapped()(std::move(event.answer));
}

void Core::on(Asked event) {
    if (stopping_) return event.reply(fail(Code::unavailable, "this node stops"));
    const auto hear = [&](auto& request) {
        asked(event.from, std::move(request), std::move(event.reply));
    };
    std::visit(hear, event.request);
}

void Core::send_snapshot(raft::NodeId to) {
    sendings_[to] = {durable_applied_.index, {}, 0, 0};
    ports_.snapshot(CopyState{to});
}

void Core::on(Copied event) {
    const auto sending = sendings_.find(event.to);
    if (sending == sendings_.end()) return ports_.snapshot(DropCopy{event.to});
    if (!event.copy) {
        log::error("snapshot_not_made", {{"detail", event.copy.error().message}});
        return end_sending(event.to, false);
    }
    log::info("snapshot_begins", {{"node", event.to.value},
                                  {"entry", event.copy->base.index.value},
                                  {"bytes", event.copy->size}});
    sending->second.from = event.copy->base.index;
    sending->second.copy = std::move(*event.copy);
    ports_.snapshot(ReadCopy{event.to, 0});
}

void Core::on(CopyRead event) {
    const auto sending = sendings_.find(event.to);
    if (sending == sendings_.end() || !sending->second.copy) return;
    const auto& copy = *sending->second.copy;
    SnapshotChunk chunk{raft_.hard.term, copy.base, copy.size, event.offset,
                        std::move(event.bytes)};
    ask(event.to, std::move(chunk),
        [this, to = event.to](const Result<BulkAnswer>& answer) { chunk_taken(to, answer); });
}

void Core::chunk_taken(raft::NodeId to, const Result<BulkAnswer>& answer) {
    const auto found = sendings_.find(to);
    if (found == sendings_.end() || !found->second.copy) return;
    auto& sending = found->second;
    const auto* taken = answer ? std::get_if<ChunkTaken>(&*answer) : nullptr;
    if (!taken) {
        log::warn("snapshot_not_taken",
                  {{"node", to.value},
                   {"detail", answer ? std::string("another answer") : answer.error().message}});
        return end_sending(to, false);
    }
    if (taken->next >= sending.copy->size) {
        ++figures_.snapshots_sent;
        return end_sending(to, true);
    }
    if (taken->next <= sending.next && ++sending.standstills > standstills_max)
        return end_sending(to, false);
    sending.next = taken->next;
    ports_.snapshot(ReadCopy{to, taken->next});
}

void Core::end_sending(raft::NodeId to, bool ok) {
    const auto sending = sendings_.extract(to);
    ports_.snapshot(DropCopy{to});
    step(raft::SnapshotSent{to, sending.mapped().from, ok});
}

void Core::drop_sendings() {
    for (const auto& [to, sending] : std::exchange(sendings_, {}))
        if (sending.copy) ports_.snapshot(DropCopy{to});
}

void Core::asked(raft::NodeId from, SnapshotChunk chunk, BulkReply reply) {
    const bool wanted = chunk.term >= raft_.hard.term && raft_.role != raft::Role::leader &&
                        chunk.base.index > raft_.commit;
    if (!wanted) return reply(fail(Code::invalid, "the snapshot is not wanted here"));
    ports_.snapshot(TakeChunk{from, std::move(chunk), std::move(reply)});
}

void Core::on(SnapshotCame event) {
    const auto index = event.base.index;
    step(raft::Installed{event.from, event.term, std::move(event.base)});
    if (installing_) {
        log::info("snapshot_came", {{"node", event.from.value}, {"entry", index.value}});
        installing_->reply = std::move(event.reply);
        return;
    }
    ports_.snapshot(DropIncoming{});
    event.reply(fail(Code::invalid, "the snapshot is not wanted any more"));
}

/// From here on this core only waits for its writes: what it could do belongs to the old state.
void Core::begin_install(raft::Output output) {
    WriteJob job;
    job.commit.bases.emplace_back(first_group, *output.install);
    if (output.hard) job.commit.hard.emplace_back(first_group, *output.hard);
    lose_lead();
    for (auto& held : std::exchange(held_, {})) refuse(held.event.done, broker::Reason::no_leader);
    for (auto& [number, question] : std::exchange(questions_, {}))
        refuse(question.done, broker::Reason::no_leader);
    for (auto& [number, waiter] : std::exchange(empty_handed_, {}))
        refuse(waiter.done, broker::Reason::no_leader);
    for (auto& [index, line] : std::exchange(fetches_, {}))
        for (const auto& fetch : line)
            refuse(std::exchange(fetch->done, {}), broker::Reason::no_leader);
    installing_.emplace();
    ++writing_;
    ports_.write(std::move(job));
}

/// What comes while it waits. Who asks is told to ask elsewhere; what others sent is sent again.
void Core::drop(Event event) {
    if (auto* submit = std::get_if<Submit>(&event))
        return refuse(submit->done, broker::Reason::no_leader);
    if (auto* asked = std::get_if<Asked>(&event))
        return asked->reply(fail(Code::unavailable, "this node takes in a snapshot"));
    if (auto* came = std::get_if<SnapshotCame>(&event))
        return came->reply(fail(Code::unavailable, "this node takes in a snapshot"));
    if (auto* self = std::get_if<SetSelf>(&event)) self_ = std::move(self->self);
    if (std::holds_alternative<Stop>(event)) stopping_ = true;
    if (std::holds_alternative<LogWaits>(event)) log_waits_ = true;
    if (!std::holds_alternative<Written>(event)) return;
    if (--writing_ == 0) installing_->reply(ChunkTaken{UINT64_MAX});
}

}  // namespace cmq::shard
