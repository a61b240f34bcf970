#include "broker/lease.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "broker/floors.h"
#include "broker/limits.h"

namespace cmq::broker {
namespace {

Tally one(HeldPhase phase) {
    return Tally{0, phase == HeldPhase::leased, phase == HeldPhase::delayed, 0};
}

/// Counts a held message in another phase. Chunks do not store these counts: nothing to touch.
void recount(Queue& queue, std::uint64_t sequence, const Tally& before, const Tally& after) {
    auto* chunk = queue.chunk_of(sequence);
    CMQ_CHECK(chunk != nullptr);
    queue.recount(*chunk, before, after);
}

/// The first returned message; drops those on the way that are below the floor.
Held* first_returned(Store& store, Queue& queue) {
    for (;;) {
        // Whatever was born below the floor sorts before this, unless it was delayed.
        const auto at = queue.held.ready().lower_bound({queue.floor_born, queue.floors.retention});
        if (at == queue.held.ready().end()) return nullptr;
        auto* held = queue.held.find(at->second);
        CMQ_CHECK(held != nullptr);
        if (held->sequence() >= queue.floors.retention) return held;
        queue.held.remove(store.flush, *held);
    }
}

Held& lease(Store& store, Queue& queue, Held& held, Stamp now) {
    store.flush.touch(queue);
    const auto until = now + std::chrono::seconds(queue.attributes.visibility_timeout);
    queue.held.lease_until(store.flush, held, queue.next_lease++, until);
    ++held.receives;
    if (!held.first_received) held.first_received = now;
    recount(queue, held.sequence(), Tally{}, one(HeldPhase::leased));
    return held;
}

Held& hold_fresh(Store& store, Queue& queue, std::uint64_t sequence) {
    const auto& block = store.blocks.get(queue.id(), sequence / block_messages);
    auto& held = queue.held.add(store.flush, queue.id(), sequence, block.stored(sequence));
    held.receives = block.receives(sequence);
    held.earlier = held.receives;
    return held;
}

/// Moves the cursor over messages that are not fresh, so that they are looked at once.
std::optional<std::uint64_t> advance_cursor(Store& store, Queue& queue) {
    const auto fresh = next_fresh(store, queue);
    const auto position = fresh.value_or(queue.next);
    if (position != queue.cursor) {
        store.flush.touch(queue);
        queue.cursor = position;
    }
    return fresh;
}

bool comes_before(Store& store, Queue& queue, std::uint64_t fresh, const Held& returned) {
    const auto& block = store.blocks.get(queue.id(), fresh / block_messages);
    return std::pair{block.stored(fresh).born, fresh} <
           std::pair{returned.eligible, returned.sequence()};
}

}  // namespace

void hold_until(Store& store, Queue& queue, std::uint64_t sequence, Stored stored, Stamp due) {
    auto& held = queue.held.add(store.flush, queue.id(), sequence, stored);
    queue.held.delay_until(store.flush, held, due);
    recount(queue, sequence, Tally{}, one(HeldPhase::delayed));
}

bool may_hold(Store& store, Queue& queue, std::uint64_t count) {
    const auto most = static_cast<std::uint64_t>(store.options.held_per_queue_max);
    if (queue.held.size() + count <= most) return true;
    std::int64_t budget = due_at_once_max;  // dead ones that wait to be cleared away do not count
    sweep_held(store, queue, budget);
    return queue.held.size() + count <= most;
}

Held* lease_next(Store& store, Queue& queue, Stamp now) {
    auto* returned = first_returned(store, queue);
    const auto fresh = advance_cursor(store, queue);
    const bool fresh_first =
        fresh && (returned == nullptr || comes_before(store, queue, *fresh, *returned));
    // At the cap a message that is held already can still go out.
    if (fresh_first && may_hold(store, queue, 1)) {
        auto& held = hold_fresh(store, queue, *fresh);
        store.flush.touch(queue);
        queue.cursor = *fresh + 1;
        return &lease(store, queue, held, now);
    }
    return returned == nullptr ? nullptr : &lease(store, queue, *returned, now);
}

Held* find_leased(Queue& queue, std::uint64_t handle, Stamp now) {
    const auto number = queue.handles->lease(handle);
    if (!number || *number >= queue.next_lease) return nullptr;
    auto* held = queue.held.find_lease(*number);
    if (held == nullptr || held->sequence() < queue.floors.retention) return nullptr;
    return held->until > now ? held : nullptr;
}

void give_back(Store& store, Queue& queue, Held& held) {
    const auto before = one(held.phase);
    queue.held.give_back(store.flush, held);
    recount(queue, held.sequence(), before, Tally{});
}

void take_back(Store& store, Queue& queue, Held& held) {
    give_back(store, queue, held);
    --held.receives;
    if (held.receives == held.earlier) held.first_received.reset();
}

void extend(Store& store, Queue& queue, Held& held, Stamp until) {
    queue.held.lease_until(store.flush, held, held.lease, until);
}

bool fire_waking(Store& store, Queue& queue, Stamp now, std::int64_t& budget) {
    bool became_ready = false;
    for (; budget > 0 && !queue.held.waking().empty(); --budget) {
        const auto [until, sequence] = *queue.held.waking().begin();
        if (until > now) break;
        auto& held = *queue.held.find(sequence);
        if (sequence < queue.floors.retention) {
            queue.held.remove(store.flush, held);
        } else {
            give_back(store, queue, held);
            became_ready = true;
        }
    }
    return became_ready;
}

}  // namespace cmq::broker
