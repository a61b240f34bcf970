#include "broker/core.h"

#include <algorithm>
#include <chrono>

#include "broker/limits.h"

namespace cmq::broker {
namespace {

// Floors rise all the time: without a pause a busy queue would have a Tick a message.
constexpr std::chrono::seconds house_pause{1};

Stamp due_of(const Queue& queue) {
    auto house = std::min(queue.retention_due, queue.rewind_due);
    if (queue.ended || needs_sweep(queue)) house = queue.sweep_from;
    auto due = std::max(house, queue.sweep_from);
    const auto& waking = queue.held.waking();
    if (!waking.empty()) due = std::min(due, waking.begin()->first);
    if (queue.dedup) due = std::min(due, queue.dedup->due().value_or(never));
    return due;
}

}  // namespace

std::size_t QueueNameHash::operator()(const QueueName& name) const {
    std::uint64_t hash = 0xcbf29ce484222325U ^ name.space.value;
    for (const char c : name.name) {
        const auto byte = static_cast<unsigned char>(c);
        const auto low = byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
        hash = (hash ^ static_cast<std::uint64_t>(low)) * 0x100000001b3U;
    }
    return static_cast<std::size_t>(hash);
}

Queue* Core::find(Namespace space, std::string_view name) {
    const auto at = names.find(QueueName{space, name});
    return at != names.end() && at->second->name == name ? at->second : nullptr;
}

Queue* Core::find(QueueId id) {
    const auto at = queues.find(id.value);
    return at != queues.end() && !at->second.ended ? &at->second : nullptr;
}

tl::expected<Queue*, Refusal> Core::look_up(Namespace space, std::string_view name) {
    if (auto* queue = find(space, name)) return queue;
    if (!is_queue_name(name)) return refuse(Reason::queue_name_format, "queueName");
    return refuse(Reason::queue_missing, "queueName");
}

tl::expected<Queue*, Refusal> Core::reach(const Context& context, std::string_view name) {
    auto queue = look_up(context.space, name);
    if (!queue) return queue;
    auto budget = due_at_once_max;
    advance_floors(store, **queue, context.now);
    if (fire_waking(store, **queue, context.now, budget)) wake(**queue);
    if (auto* dedup = (*queue)->dedup.get()) {
        while (budget-- > 0 && dedup->expire_one(store.flush, context.now)) continue;
    }
    // What became due is off the list even if the command is refused.
    reschedule(**queue);
    return queue;
}

Queue& Core::create(Namespace space, std::string_view name) {
    const Key key{next_queue++, 0};
    auto& queue = queues.try_emplace(key.major, key, store.totals).first->second;
    queue.space = space;
    queue.name = name;
    store.flush.add(queue);
    link(queue);
    return queue;
}

void Core::link(Queue& queue) {
    queue.handles.emplace(secret, queue.id());
    if (!queue.ended) {
        names.emplace(QueueName{queue.space, queue.name}, &queue);
        ++queues_of[queue.space];
    }
    reschedule(queue);
}

void Core::end(Queue& queue, Stamp now) {
    names.erase(QueueName{queue.space, queue.name});
    const auto count = queues_of.find(queue.space);
    if (--count->second == 0) queues_of.erase(count);
    store.flush.touch(queue);
    queue.ended = true;
    // The youngest block stayed while more messages could come, even if it had been swept.
    if (queue.next > 0) queue.swept = std::min(queue.swept, (queue.next - 1) & ~std::uint64_t{63});
    queue.sweep_from = now;
    wake(queue);
    reschedule(queue);
}

void Core::wake(Queue& queue) {
    if (queue.woken) return;
    queue.woken = true;
    woken.push_back(queue.id());
}

void Core::reschedule(Queue& queue) {
    const auto wanted = due_of(queue);
    if (wanted == queue.due) return;
    if (queue.due != never) due.erase({queue.due, queue.key.major});
    if (wanted != never) due.emplace(wanted, queue.key.major);
    queue.due = wanted;
}

void Core::tick(Stamp now) {
    auto budget = due_at_once_max;
    while (budget > 0 && !due.empty() && due.begin()->first <= now) {
        auto& queue = queues.at(due.begin()->second);
        budget = keep_house(queue, now, budget - 1);
        if (!queue.ended || !clear_away(queue, budget)) reschedule(queue);
    }
}

std::int64_t Core::keep_house(Queue& queue, Stamp now, std::int64_t budget) {
    if (!queue.ended) advance_floors(store, queue, now);
    if (fire_waking(store, queue, now, budget)) wake(queue);
    while (queue.dedup && budget > 0 && queue.dedup->expire_one(store.flush, now)) --budget;
    budget = sweep(store, queue, now, budget);
    store.flush.touch(queue);
    queue.sweep_from = budget > 0 ? now + house_pause : now;
    return budget;
}

/// True: nothing is left of the ended queue.
bool Core::clear_away(Queue& queue, std::int64_t& budget) {
    for (; queue.dedup && !queue.dedup->empty() && budget > 0; --budget) {
        queue.dedup->drop_one(store.flush);
    }
    const bool has_dedup = queue.dedup && !queue.dedup->empty();
    if (needs_sweep(queue) || has_dedup) return false;
    if (queue.due != never) due.erase({queue.due, queue.key.major});
    store.flush.forget(queue);
    queues.erase(queue.key.major);
    return true;
}

std::uint64_t Core::ready(QueueId id, std::uint64_t enough) {
    auto* queue = find(id);
    if (queue == nullptr) return 0;
    const auto& waking = queue->held.waking();
    const bool quiet =
        clock < queue->retention_due && (waking.empty() || clock < waking.begin()->first);
    return quiet ? queue->tally.active() : view_at(store, *queue, clock, enough).tally.active();
}

}  // namespace cmq::broker
