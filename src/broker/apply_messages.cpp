#include <chrono>

#include "broker/core.h"
#include "broker/limits.h"

namespace cmq::broker {
namespace {

using std::chrono::seconds;

/// Nothing: the values are in range.
std::optional<Refusal> check_values(const Send& send, const Attributes& attributes) {
    if (!batch.holds(static_cast<std::int64_t>(send.bodies.size()))) {
        return Refusal{Reason::batch_size, "msgBody"};
    }
    if (!delay.holds(send.delay)) return Refusal{Reason::delay_out_of_range, "delaySeconds"};
    if (send.dedup_id.size() > static_cast<std::size_t>(dedup_id_bytes_max)) {
        return Refusal{Reason::out_of_range, "dedupId"};
    }
    std::int64_t sum = 0;
    for (const auto body : send.bodies) {
        const auto bytes = static_cast<std::int64_t>(body.size());
        if (bytes == 0) return Refusal{Reason::body_empty, "msgBody"};
        if (bytes > attributes.max_message_bytes) return Refusal{Reason::body_too_large, "msgBody"};
        sum += bytes;
    }
    if (sum > batch_bytes_max) return Refusal{Reason::batch_too_large, "msgBody"};
    return std::nullopt;
}

/// Nothing: there is room.
std::optional<Refusal> check_room(Core& core, Queue& queue, const Send& send) {
    const auto after = queue.tally.undeleted + send.bodies.size();
    if (after > static_cast<std::uint64_t>(queue.attributes.max_messages)) {
        return Refusal{Reason::queue_full, {}};
    }
    if (send.delay > 0 && !may_hold(core.store, queue, send.bodies.size())) {
        return Refusal{Reason::too_many_held, {}};
    }
    return std::nullopt;
}

void foresee(Queue& queue, Stamp now) {
    const auto& attributes = queue.attributes;
    if (queue.retention_due == never) queue.retention_due = now + seconds(attributes.retention);
    if (attributes.rewind > 0 && queue.rewind_due == never) {
        queue.rewind_due = now + seconds(attributes.rewind);
    }
}

Sent store_bodies(Core& core, Queue& queue, const Context& context, const Send& send) {
    const auto count = static_cast<std::uint32_t>(send.bodies.size());
    const MessageId first_id{(core.group << 53) | core.next_message};
    core.next_message += count;
    const auto sequence = queue.next;
    const Stored first{BodyAt{context.index, context.slot}, first_id, context.now};
    append(core.store, queue, count, first);
    for (std::uint32_t i = 0; send.delay > 0 && i < count; ++i) {
        const Stored stored{BodyAt{context.index, context.slot + i}, MessageId{first_id.value + i},
                            context.now};
        hold_until(core.store, queue, sequence + i, stored, context.now + seconds(send.delay));
    }
    foresee(queue, context.now);
    if (send.delay == 0) core.wake(queue);
    return Sent{first_id, count, false};
}

void remember(Core& core, Queue& queue, const Context& context, const Send& send, Sent sent) {
    core.store.flush.touch(queue);
    if (!queue.dedup) queue.dedup = std::make_unique<Dedup>();
    queue.dedup->remember(core.store.flush, queue.id(), queue.next_dedup++,
                          std::string(send.dedup_id), sent, context.now);
}

Delivery delivery(const Queue& queue, const Held& held) {
    return Delivery{held.stored.id,   queue.handles->handle(held.lease),
                    held.stored.body, held.stored.born,
                    held.until,       *held.first_received,
                    held.receives};
}

}  // namespace

Outcome on(Core& core, const Context& context, const Send& send) {
    const auto reached = core.reach(context, send.queue);
    if (!reached) return tl::unexpected(reached.error());
    auto& queue = **reached;
    if (auto refusal = check_values(send, queue.attributes)) {
        return tl::unexpected(std::move(*refusal));
    }
    if (!send.dedup_id.empty() && queue.dedup) {
        const auto earlier = queue.dedup->find(std::string(send.dedup_id), context.now);
        if (earlier) return *earlier;
    }
    if (auto refusal = check_room(core, queue, send)) return tl::unexpected(std::move(*refusal));
    const auto sent = store_bodies(core, queue, context, send);
    if (!send.dedup_id.empty()) remember(core, queue, context, send, sent);
    core.reschedule(queue);
    return sent;
}

Outcome on(Core& core, const Context& context, const Receive& receive) {
    const auto reached = core.reach(context, receive.queue);
    if (!reached) return tl::unexpected(reached.error());
    auto& queue = **reached;
    if (!batch.holds(receive.count)) return refuse(Reason::out_of_range, "numOfMsg");
    Received received;
    while (received.deliveries.size() < receive.count) {
        const auto* held = lease_next(core.store, queue, context.now);
        if (held == nullptr) break;
        received.deliveries.push_back(delivery(queue, *held));
    }
    core.reschedule(queue);
    if (!received.deliveries.empty()) return received;
    const bool at_cap = queue.tally.active() > 0;
    return refuse(at_cap ? Reason::too_many_held : Reason::no_message);
}

Outcome on(Core& core, const Context& context, const DeleteMessages& command) {
    const auto reached = core.reach(context, command.queue);
    if (!reached) return tl::unexpected(reached.error());
    auto& queue = **reached;
    if (!batch.holds(static_cast<std::int64_t>(command.handles.size()))) {
        return refuse(Reason::batch_size, "receiptHandle");
    }
    Deleted deleted;
    for (const auto handle : command.handles) {
        auto* held = find_leased(queue, handle, context.now);
        if (held == nullptr) {
            deleted.failed.push_back(handle);
        } else {
            finish(core.store, queue, *held);
        }
    }
    core.reschedule(queue);
    return deleted;
}

Outcome on(Core& core, const Context& context, const ChangeVisibility& change) {
    const auto reached = core.reach(context, change.queue);
    if (!reached) return tl::unexpected(reached.error());
    auto& queue = **reached;
    if (change.timeout < 0 || change.timeout > visibility_timeout.most) {
        return refuse(Reason::out_of_range, "visibilityTimeout");
    }
    auto* held = find_leased(queue, change.handle, context.now);
    if (held == nullptr) return refuse(Reason::handle_invalid, "receiptHandle");
    const auto until = context.now + seconds(change.timeout);
    if (change.timeout == 0) {
        give_back(core.store, queue, *held);
        core.wake(queue);
    } else {
        extend(core.store, queue, *held, until);
    }
    core.reschedule(queue);
    return VisibilityChanged{until};
}

Outcome on(Core& core, const Context& context, const Unreceive& command) {
    const auto reached = core.reach(context, command.queue);
    if (!reached) return tl::unexpected(reached.error());
    auto& queue = **reached;
    for (const auto handle : command.handles) {
        // A lease that has lapsed meanwhile was a receive after all: its message may be out again.
        auto* held = find_leased(queue, handle, context.now);
        if (held == nullptr) continue;
        take_back(core.store, queue, *held);
        core.wake(queue);
    }
    core.reschedule(queue);
    return Done{};
}

}  // namespace cmq::broker
