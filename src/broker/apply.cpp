// Commands on queues; those on messages are in apply_messages.cpp, on nodes in apply_nodes.cpp.
#include <algorithm>
#include <chrono>

#include "broker/core.h"
#include "broker/limits.h"

namespace cmq::broker {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::int64_t swept_at_once_max = 65'536;  // messages; the rest is swept by ticks

void clear(Core& core, Queue& queue, Stamp now) {
    raise_floor(core.store, queue, queue.next, now);
    core.store.flush.touch(queue);
    queue.retention_due = never;
    queue.rewind_due = never;
    queue.sweep_from = now;
}

}  // namespace

Outcome on(Core& core, const Context&, const Found& found) {
    if (found.secret.size() != secret_bytes) return refuse(Reason::out_of_range, "secret");
    if (!core.secret.empty()) return Done{};  // handles that are out must stay valid
    core.secret = found.secret;
    for (auto& [id, queue] : core.queues) queue.handles.emplace(core.secret, queue.id());
    return Done{};
}

Outcome on(Core& core, const Context& context, const CreateQueue& command) {
    if (!is_queue_name(command.queue)) return refuse(Reason::queue_name_format, "queueName");
    if (core.names.contains(QueueName{context.space, command.queue})) {
        return refuse(Reason::queue_exists, "queueName");
    }
    const auto attributes = changed(usual_attributes(), command.attributes);
    if (!attributes) return tl::unexpected(attributes.error());
    const auto others = core.queues_of.find(context.space);
    if (others != core.queues_of.end() && others->second >= queues_max) {
        return refuse(Reason::too_many_queues);
    }
    auto& queue = core.create(context.space, command.queue);
    queue.attributes = *attributes;
    queue.created = context.now;
    queue.modified = context.now;
    return QueueCreated{queue.id()};
}

Outcome on(Core& core, const Context& context, const SetQueueAttributes& command) {
    const auto reached = core.reach(context, command.queue);
    if (!reached) return tl::unexpected(reached.error());
    auto& queue = **reached;
    const auto attributes = changed(queue.attributes, command.attributes);
    if (!attributes) return tl::unexpected(attributes.error());
    core.store.flush.touch(queue);
    const bool drops_rewindable = queue.attributes.rewind > 0 && attributes->rewind == 0;
    if (drops_rewindable) raise_rewind_floor(core.store, queue, queue.next);
    const bool keeps_more = attributes->rewind > queue.attributes.rewind;
    queue.attributes = *attributes;
    queue.modified = context.now;
    recheck_floors(core.store, queue, context.now);
    if (keeps_more) {
        sweep(core.store, queue, context.now, swept_at_once_max);
        lower_rewind_floor(core.store, queue, context.now);
    }
    core.reschedule(queue);
    return AttributesSet{queue.id(), queue.attributes};
}

Outcome on(Core& core, const Context& context, const DeleteQueue& command) {
    const auto reached = core.reach(context, command.queue);
    if (!reached) return tl::unexpected(reached.error());
    clear(core, **reached, context.now);
    core.end(**reached, context.now);
    return Done{};
}

Outcome on(Core& core, const Context& context, const ClearQueue& command) {
    const auto reached = core.reach(context, command.queue);
    if (!reached) return tl::unexpected(reached.error());
    clear(core, **reached, context.now);
    core.reschedule(**reached);
    return Done{};
}

tl::expected<std::uint64_t, Refusal> rewind_start(Core& core, Queue& queue, const Floors& floors,
                                                  Stamp to, Stamp now) {
    if (queue.attributes.rewind == 0) return refuse(Reason::cannot_rewind);
    // Clients count in whole seconds: "as far back as it goes" is up to one too early.
    const auto earliest = std::chrono::floor<std::chrono::seconds>(
        now - std::chrono::seconds(queue.attributes.rewind));
    if (to < earliest || to > now) return refuse(Reason::rewind_time, "startConsumeTime");
    const auto before = to - std::chrono::milliseconds(1);
    auto from = first_born_after(core.store, queue, before);
    if (core.store.options.planted == Planted::short_rewind) from += block_messages;
    if (core.store.options.planted == Planted::long_rewind) from = 0;
    from = std::clamp(from, floors.rewind, queue.next);
    if (!queue.rewinds.fits(from)) return refuse(Reason::too_many_rewinds);
    return from;
}

Outcome on(Core& core, const Context& context, const RewindQueue& command) {
    const auto reached = core.reach(context, command.queue);
    if (!reached) return tl::unexpected(reached.error());
    auto& queue = **reached;
    const auto from = rewind_start(core, queue, queue.floors, command.to, context.now);
    if (!from) return tl::unexpected(from.error());
    if (rewind_to(core.store, queue, *from) > 0) core.wake(queue);
    core.reschedule(queue);
    return Done{};
}

Outcome on(Core& core, const Context& context, const Tick&) {
    core.tick(context.now);
    return Done{};
}

}  // namespace cmq::broker
