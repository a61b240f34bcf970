#include "broker/messages.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "base/check.h"

namespace cmq::broker {
namespace {

std::uint32_t ones(Bits bits) { return static_cast<std::uint32_t>(std::popcount(bits)); }

Chunk& chunk_for_append(Store& store, Queue& queue, Stamp born) {
    if (auto* chunk = queue.chunk_of(queue.next)) return *chunk;
    const auto number = queue.next / chunk_messages;
    auto& chunk = queue.chunks.try_emplace(number, Key{queue.key.major, 1 + number}).first->second;
    chunk.born = born;
    store.flush.add(chunk);
    return chunk;
}

Block& block_for_append(Store& store, Queue& queue, Chunk& chunk) {
    const auto number = queue.next / block_messages;
    if (chunk.has(number)) return store.blocks.get(queue.id(), number);
    chunk.set(number);
    auto& block = store.blocks.create(queue.id(), number);
    block.gone = block.below(queue.next);
    block.epoch = queue.rewinds.epoch();
    return block;
}

/// Messages of `bits` are over for ever.
void bury(Store& store, Block& block, Bits bits) {
    for (const auto& extent : block.extents) {
        const auto count = ones(extent.bits() & bits);
        if (count > 0) store.stripes.subtract(extent.index, count);
    }
    block.gone |= bits;
    block.done &= ~bits;
    block.drop_dead();
}

/// Done bits that a rewind has undone: what a done message's count says without words differs.
void revive(Block& block, Bits bits) {
    for (; bits != 0; bits &= bits - 1) {
        const auto sequence = block.base() + static_cast<std::uint64_t>(std::countr_zero(bits));
        const auto count = block.receives(sequence);
        block.done &= ~block.bit(sequence);
        block.set_receives(sequence, count);
    }
}

void tally_held(const Queue& queue, std::uint64_t from, std::uint64_t to, Tally& tally) {
    const auto& held = queue.held.by_sequence();
    for (auto at = held.lower_bound(from); at != held.end() && at->first < to; ++at) {
        if (at->second.phase == HeldPhase::leased) ++tally.leased;
        if (at->second.phase == HeldPhase::delayed) ++tally.delayed;
    }
}

std::optional<std::uint64_t> fresh_in(const Queue& queue, const Block& block,
                                      std::uint64_t position) {
    const auto masks = block.masks(queue.rewinds, queue.floors);
    auto bits = ~(masks.done | masks.gone | block.below(position)) & block.below(queue.next);
    for (; bits != 0; bits &= bits - 1) {
        const auto sequence = block.base() + static_cast<std::uint64_t>(std::countr_zero(bits));
        if (!queue.held.holds(sequence)) return sequence;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> fresh_in(Store& store, Queue& queue, const Chunk& chunk,
                                      std::uint64_t position) {
    auto number = chunk.next(position / block_messages);
    for (; number; number = chunk.next(*number + 1)) {
        const auto& block = store.blocks.get(queue.id(), *number);
        if (const auto found = fresh_in(queue, block, position)) return found;
    }
    return std::nullopt;
}

}  // namespace

void append(Store& store, Queue& queue, std::uint32_t count, Stored first) {
    store.flush.touch(queue);
    store.stripes.add(first.body.index, count);
    for (std::uint32_t placed = 0; placed < count;) {
        auto& chunk = chunk_for_append(store, queue, first.born);
        store.flush.touch(chunk);
        auto& block = block_for_append(store, queue, chunk);
        store.flush.touch(block);
        const auto offset = queue.next % block_messages;
        const auto some =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(count - placed, 64 - offset));
        block.append(Extent{static_cast<std::uint8_t>(offset), static_cast<std::uint8_t>(some),
                            first.body.slot + placed, first.body.index,
                            MessageId{first.id.value + placed}, first.born});
        queue.recount(chunk, {}, Tally{some, 0, 0, 0});
        queue.next += some;
        placed += some;
    }
}

std::optional<std::uint64_t> next_fresh(Store& store, Queue& queue, std::uint64_t floor) {
    const auto start = std::max(queue.cursor, floor);
    if (start == queue.next) return std::nullopt;
    auto at = queue.chunks.lower_bound(start / chunk_messages);
    for (; at != queue.chunks.end(); ++at) {
        const auto& chunk = at->second;
        if (chunk.tally.undeleted == 0) continue;
        const auto position = std::max(start, chunk.base());
        if (const auto found = fresh_in(store, queue, chunk, position)) return found;
    }
    return std::nullopt;
}

void settle(Store& store, Queue& queue, Block& block) {
    const auto masks = block.masks(queue.rewinds, queue.floors);
    const auto revived = block.done & ~(masks.done | masks.gone);
    const auto buried = masks.gone & ~block.gone;
    if (revived == 0 && buried == 0 && block.epoch == queue.rewinds.epoch()) return;
    store.flush.touch(block);
    revive(block, revived);
    if (buried != 0) bury(store, block, buried);
    block.epoch = queue.rewinds.epoch();
}

void drop_if_over(Store& store, Queue& queue, Block& block) {
    const auto existing = block.below(queue.next);
    if ((block.gone & existing) != existing) return;
    if (block.end() > queue.next && !queue.ended) return;
    auto* chunk = queue.chunk_of(block.base());
    CMQ_CHECK(chunk != nullptr);
    store.flush.touch(*chunk);
    chunk->clear(block.key.minor);
    store.blocks.remove(block);
    if (!chunk->empty()) return;
    const auto number = chunk->base() / chunk_messages;
    store.flush.forget(*chunk);
    queue.chunks.erase(number);
}

void finish(Store& store, Queue& queue, Held& held) {
    const auto sequence = held.sequence();
    auto& block = store.blocks.get(queue.id(), sequence / block_messages);
    settle(store, queue, block);
    store.flush.touch(block);
    auto* chunk = queue.chunk_of(sequence);
    CMQ_CHECK(chunk != nullptr);
    store.flush.touch(*chunk);
    const bool kept = queue.attributes.rewind > 0 && sequence >= queue.floors.rewind;
    const Tally before{1, held.phase == HeldPhase::leased, held.phase == HeldPhase::delayed, 0};
    const Tally after{0, 0, 0, kept ? 1U : 0U};
    queue.recount(*chunk, before, after);
    if (kept) {
        block.done |= block.bit(sequence);
        block.set_receives(sequence, held.receives);
    } else {
        bury(store, block, block.bit(sequence));
    }
    queue.held.remove(store.flush, held);
    drop_if_over(store, queue, block);
}

std::optional<std::uint64_t> next_block(const Queue& queue, std::uint64_t number) {
    auto at = queue.chunks.lower_bound(number / chunk_blocks);
    for (; at != queue.chunks.end(); ++at) {
        if (const auto found = at->second.next(number)) return found;
    }
    return std::nullopt;
}

Tally count_in(Store& store, Queue& queue, const Chunk& chunk, std::uint64_t from,
               std::uint64_t to) {
    Tally tally;
    auto number = chunk.next(from / block_messages);
    for (; number && *number * block_messages < to; number = chunk.next(*number + 1)) {
        const auto& block = store.blocks.get(queue.id(), *number);
        const auto masks = block.masks(queue.rewinds, queue.floors);
        const auto range = block.below(std::min(to, queue.next)) & ~block.below(from);
        tally.done += ones(masks.done & range);
        tally.undeleted += ones(~(masks.done | masks.gone) & range);
    }
    tally_held(queue, std::max(from, queue.floors.retention), std::min(to, chunk.end()), tally);
    return tally;
}

Tally count_in(Store& store, Queue& queue, std::uint64_t from, std::uint64_t to) {
    Tally tally;
    auto at = queue.chunks.lower_bound(from / chunk_messages);
    for (; at != queue.chunks.end() && at->second.base() < to; ++at) {
        const auto& chunk = at->second;
        // Counts hold nothing below the floor, so a chunk is whole from the floor on.
        const bool from_start = from <= std::max(chunk.base(), queue.floors.retention);
        const bool whole = from_start && to >= std::min(chunk.end(), queue.next);
        const auto start = std::max(from, chunk.base());
        tally += whole ? chunk.tally : count_in(store, queue, chunk, start, to);
    }
    return tally;
}

std::uint64_t first_born_after(Store& store, Queue& queue, Stamp stamp) {
    const auto floor = queue.floors.retention;
    auto after =
        std::partition_point(queue.chunks.begin(), queue.chunks.end(),
                             [stamp](const auto& entry) { return entry.second.born <= stamp; });
    // The boundary lies in the last chunk that begins no later, or right behind it.
    if (after != queue.chunks.begin()) --after;
    for (; after != queue.chunks.end(); ++after) {
        std::vector<std::uint64_t> numbers;
        auto number = after->second.next(floor / block_messages);
        for (; number; number = after->second.next(*number + 1)) numbers.push_back(*number);
        // Only the youngest block can be without extents, when all it had is gone.
        const auto later =
            std::partition_point(numbers.begin(), numbers.end(), [&](std::uint64_t candidate) {
                const auto& block = store.blocks.get(queue.id(), candidate);
                return !block.extents.empty() && block.extents.back().born <= stamp;
            });
        if (later == numbers.end()) continue;
        const auto& block = store.blocks.get(queue.id(), *later);
        for (const auto& extent : block.extents) {
            if (extent.born > stamp) return std::max(floor, block.base() + extent.offset);
        }
    }
    return queue.next;
}

std::optional<Stamp> born_from(Store& store, Queue& queue, std::uint64_t sequence) {
    auto number = next_block(queue, sequence / block_messages);
    for (; number; number = next_block(queue, *number + 1)) {
        const auto& block = store.blocks.get(queue.id(), *number);
        for (const auto& extent : block.extents) {
            if (block.base() + extent.offset + extent.count > sequence) return extent.born;
        }
    }
    return std::nullopt;
}

}  // namespace cmq::broker
