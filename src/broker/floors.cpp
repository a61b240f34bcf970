#include "broker/floors.h"

#include <algorithm>
#include <chrono>

namespace cmq::broker {
namespace {

using std::chrono::seconds;

/// Calls `change(chunk, part)` for each chunk that has messages in [from, to); `part` is theirs.
template <class Change>
void for_each_part(Store& store, Queue& queue, std::uint64_t from, std::uint64_t to,
                   Change change) {
    auto at = queue.chunks.lower_bound(from / chunk_messages);
    for (; at != queue.chunks.end() && at->second.base() < to; ++at) {
        auto& chunk = at->second;
        const bool whole = from <= std::max(chunk.base(), queue.floors.retention) &&
                           to >= std::min(chunk.end(), queue.next);
        const auto part =
            whole ? chunk.tally : count_in(store, queue, chunk, std::max(from, chunk.base()), to);
        store.flush.touch(chunk);
        change(chunk, part);
    }
}

Stamp due_after(Store& store, Queue& queue, std::uint64_t sequence, std::int64_t lifetime) {
    const auto born = born_from(store, queue, sequence);
    return born ? *born + seconds(lifetime) : never;
}

Stamp retention_cut(const Queue& queue, Stamp now) {
    return now - seconds(queue.attributes.retention);
}
Stamp rewind_cut(const Queue& queue, Stamp now) { return now - seconds(queue.attributes.rewind); }

/// Settles the blocks of [swept, floor). Returns how far it came.
std::uint64_t sweep_blocks(Store& store, Queue& queue, std::uint64_t swept, std::uint64_t floor,
                           std::int64_t& budget) {
    while (swept < floor && budget > 0) {
        const auto number = next_block(queue, swept / block_messages);
        if (!number || *number * block_messages >= floor) return floor;
        auto& block = store.blocks.get(queue.id(), *number);
        swept = std::min(floor, block.end());
        settle(store, queue, block);
        drop_if_over(store, queue, block);
        budget -= static_cast<std::int64_t>(block_messages);
    }
    return swept;
}

}  // namespace

void raise_floor(Store& store, Queue& queue, std::uint64_t target, Stamp born) {
    if (target <= queue.floors.retention) return;
    store.flush.touch(queue);
    for_each_part(store, queue, queue.floors.retention, target,
                  [&](Chunk& chunk, const Tally part) { queue.recount(chunk, part, {}); });
    queue.floors.retention = target;
    queue.floors.rewind = std::max(queue.floors.rewind, target);
    queue.floor_born = std::max(queue.floor_born, born);
    queue.cursor = std::max(queue.cursor, target);
}

void raise_rewind_floor(Store& store, Queue& queue, std::uint64_t target) {
    if (target <= queue.floors.rewind) return;
    store.flush.touch(queue);
    for_each_part(store, queue, queue.floors.rewind, target, [&](Chunk& chunk, const Tally part) {
        queue.recount(chunk, Tally{0, 0, 0, part.done}, {});
    });
    queue.floors.rewind = target;
}

void lower_rewind_floor(Store& store, Queue& queue, Stamp now) {
    if (queue.attributes.rewind == 0 || needs_sweep(queue)) return;
    const auto kept_from = first_born_after(store, queue, rewind_cut(queue, now));
    const auto target = std::max(queue.floors.retention, kept_from);
    if (target >= queue.floors.rewind) return;
    store.flush.touch(queue);
    queue.floors.rewind = target;
    queue.rewind_swept = target;
    queue.rewind_due = due_after(store, queue, target, queue.attributes.rewind);
}

void advance_floors(Store& store, Queue& queue, Stamp now) {
    if (now >= queue.retention_due) {
        const auto cut = retention_cut(queue, now);
        raise_floor(store, queue, first_born_after(store, queue, cut), cut);
        store.flush.touch(queue);
        queue.retention_due =
            due_after(store, queue, queue.floors.retention, queue.attributes.retention);
    }
    if (now >= queue.rewind_due && queue.attributes.rewind > 0) {
        raise_rewind_floor(store, queue, first_born_after(store, queue, rewind_cut(queue, now)));
        store.flush.touch(queue);
        queue.rewind_due = due_after(store, queue, queue.floors.rewind, queue.attributes.rewind);
    }
}

void recheck_floors(Store& store, Queue& queue, Stamp now) {
    store.flush.touch(queue);
    queue.retention_due = now;
    queue.rewind_due = queue.attributes.rewind > 0 ? now : never;
    queue.sweep_from = now;
    advance_floors(store, queue, now);
}

std::uint64_t rewind_to(Store& store, Queue& queue, std::uint64_t from) {
    std::uint64_t revived = 0;
    for_each_part(store, queue, from, queue.next, [&](Chunk& chunk, const Tally part) {
        const Tally deleted{0, 0, 0, part.done};
        const Tally again{part.done, 0, 0, 0};
        queue.recount(chunk, deleted, again);
        revived += part.done;
    });
    if (revived == 0) return 0;
    store.flush.touch(queue);
    queue.rewinds.add(from, store.options.planted);
    queue.cursor = std::min(queue.cursor, from);
    return revived;
}

bool needs_sweep(const Queue& queue) {
    const auto& held = queue.held.by_sequence();
    const bool dead_held = !held.empty() && held.begin()->first < queue.floors.retention;
    return dead_held || queue.swept < queue.floors.retention ||
           queue.rewind_swept < queue.floors.rewind;
}

void sweep_held(Store& store, Queue& queue, std::int64_t& budget) {
    for (; budget > 0; --budget) {
        auto* held = queue.held.first();
        if (held == nullptr || held->sequence() >= queue.floors.retention) return;
        queue.held.remove(store.flush, *held);
    }
}

std::int64_t sweep(Store& store, Queue& queue, Stamp now, std::int64_t budget) {
    if (!needs_sweep(queue)) return budget;
    store.flush.touch(queue);
    sweep_held(store, queue, budget);
    queue.swept = sweep_blocks(store, queue, queue.swept, queue.floors.retention, budget);
    if (queue.swept == queue.floors.retention) {
        const auto start = std::max(queue.rewind_swept, queue.swept);
        queue.rewind_swept = sweep_blocks(store, queue, start, queue.floors.rewind, budget);
        queue.rewinds.forget_below(queue.rewind_swept);
    }
    lower_rewind_floor(store, queue, now);
    return std::max<std::int64_t>(budget, 0);
}

View view_at(Store& store, Queue& queue, Stamp now, std::uint64_t enough) {
    View view{queue.floors, queue.tally};
    if (now >= queue.retention_due) {
        view.floors.retention = first_born_after(store, queue, retention_cut(queue, now));
        view.tally -= count_in(store, queue, queue.floors.retention, view.floors.retention);
    }
    view.floors.rewind = std::max(view.floors.rewind, view.floors.retention);
    if (now >= queue.rewind_due && queue.attributes.rewind > 0) {
        const auto rewindable = first_born_after(store, queue, rewind_cut(queue, now));
        view.floors.rewind = std::max(view.floors.rewind, rewindable);
    }
    const auto start = std::max(queue.floors.rewind, view.floors.retention);
    view.tally.done -= count_in(store, queue, start, view.floors.rewind).done;
    for (const auto& [until, sequence] : queue.held.waking()) {
        if (until > now || view.tally.active() > enough) break;
        if (sequence < view.floors.retention) continue;
        const auto& held = queue.held.by_sequence().at(sequence);
        --(held.phase == HeldPhase::leased ? view.tally.leased : view.tally.delayed);
    }
    return view;
}

}  // namespace cmq::broker
