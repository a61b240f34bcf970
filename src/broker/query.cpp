// Questions: nothing is changed, not even what is due; that is worked out as of now.
#include <algorithm>
#include <bit>
#include <chrono>

#include "broker/core.h"
#include "broker/limits.h"

namespace cmq::broker {
namespace {

// A filter that nothing matches must not read the whole queue for one question.
constexpr int peek_blocks_max = 64;

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    if (part.size() > text.size()) return false;
    for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
        if (equal_ignoring_case(text.substr(at, part.size()), part)) return true;
    }
    return false;
}

Outcome on(Core& core, Namespace space, Stamp, const ListQueues& question) {
    if (question.limit == 0) return refuse(Reason::out_of_range, "limit");
    std::vector<const Queue*> found;
    for (const auto& [id, queue] : core.queues) {
        if (queue.space == space && !queue.ended &&
            contains_ignoring_case(queue.name, question.search)) {
            found.push_back(&queue);
        }
    }
    std::sort(found.begin(), found.end(), [](const Queue* a, const Queue* b) {
        return std::tie(a->created, a->name) < std::tie(b->created, b->name);
    });
    QueueList list;
    list.total = found.size();
    const auto most = std::min<std::uint64_t>(question.limit, queue_page_max);
    for (auto at = question.offset; at < found.size() && list.queues.size() < most; ++at) {
        list.queues.emplace_back(found[at]->id(), found[at]->name);
    }
    return list;
}

/// When the oldest undeleted message was born: the first held, or the first fresh one.
Stamp oldest_born(Core& core, Queue& queue, const View& view, Stamp now) {
    if (view.tally.undeleted == 0) return now;
    auto oldest = now;
    const auto& held = queue.held.by_sequence();
    const auto first = held.lower_bound(view.floors.retention);
    if (first != held.end()) oldest = std::min(oldest, first->second.stored.born);
    // A position that the cursor has not reached yet may be over by `now`.
    const auto fresh = next_fresh(core.store, queue, view.floors.retention);
    if (fresh) {
        const auto& block = core.store.blocks.get(queue.id(), *fresh / block_messages);
        oldest = std::min(oldest, block.stored(*fresh).born);
    }
    return oldest;
}

Outcome on(Core& core, Namespace space, Stamp now, const GetQueue& question) {
    const auto found = core.look_up(space, question.queue);
    if (!found) return tl::unexpected(found.error());
    auto& queue = **found;
    const auto view = view_at(core.store, queue, now);
    QueueView answer;
    answer.id = queue.id();
    answer.name = queue.name;
    answer.attributes = queue.attributes;
    answer.created = queue.created;
    answer.modified = queue.modified;
    answer.active = view.tally.active();
    answer.inactive = view.tally.leased;
    answer.delayed = view.tally.delayed;
    answer.rewindable = view.tally.done;
    answer.oldest = oldest_born(core, queue, view, now);
    return answer;
}

/// One message as of `now`; it is not gone.
Peeked::Item look_at(const Queue& queue, const Block& block, std::uint64_t sequence, bool deleted,
                     Stamp now) {
    const auto stored = block.stored(sequence);
    Peeked::Item item;
    item.sequence = Sequence{sequence};
    item.id = stored.id;
    item.body = stored.body;
    item.enqueued = stored.born;
    item.receives = block.receives(sequence);
    if (deleted) {
        item.phase = Phase::deleted;
        item.until = stored.born + std::chrono::seconds(queue.attributes.rewind);
        return item;
    }
    const auto held = queue.held.by_sequence().find(sequence);
    if (held == queue.held.by_sequence().end()) return item;
    item.receives = held->second.receives;
    if (held->second.phase == HeldPhase::returned || held->second.until <= now) return item;
    item.phase = held->second.phase == HeldPhase::leased ? Phase::in_flight : Phase::delayed;
    item.until = held->second.until;
    return item;
}

/// Adds what matches in one block. False: enough was found; `next` says where to go on.
bool peek_block(const Queue& queue, const Block& block, const Floors& floors, const Peek& question,
                Stamp now, Peeked& peeked) {
    const auto masks = block.masks(queue.rewinds, floors);
    auto bits = ~(masks.gone | block.below(question.from)) & block.below(queue.next);
    for (; bits != 0; bits &= bits - 1) {
        const auto sequence = block.base() + static_cast<std::uint64_t>(std::countr_zero(bits));
        const bool deleted = (masks.done & block.bit(sequence)) != 0;
        auto item = look_at(queue, block, sequence, deleted, now);
        if (question.phase && item.phase != *question.phase) continue;
        if (peeked.items.size() == question.count) {
            peeked.next = sequence;
            return false;
        }
        peeked.items.push_back(item);
    }
    return true;
}

Outcome on(Core& core, Namespace space, Stamp now, const Peek& question) {
    const auto found = core.look_up(space, question.queue);
    if (!found) return tl::unexpected(found.error());
    if (!peek.holds(question.count)) return refuse(Reason::out_of_range, "numOfMsg");
    auto& queue = **found;
    const auto floors = view_at(core.store, queue, now).floors;
    const auto start = std::max(question.from, floors.retention);
    Peeked peeked;
    auto number = next_block(queue, start / block_messages);
    for (int blocks = 0; number; number = next_block(queue, *number + 1), ++blocks) {
        if (blocks == peek_blocks_max) {
            peeked.next = *number * block_messages;
            break;
        }
        const auto& block = core.store.blocks.get(queue.id(), *number);
        if (!peek_block(queue, block, floors, question, now, peeked)) break;
    }
    return peeked;
}

/// The one block that can hold message `id`: within a queue ids rise with the sequence.
const Block* block_with(Core& core, Queue& queue, MessageId id) {
    const auto begins_by_then = [&](std::uint64_t number) {
        const auto& extents = core.store.blocks.get(queue.id(), number).extents;
        return !extents.empty() && extents.front().first <= id;
    };
    const auto after =
        std::partition_point(queue.chunks.begin(), queue.chunks.end(), [&](const auto& entry) {
            const auto first = entry.second.next(entry.second.first_block());
            return first && begins_by_then(*first);
        });
    if (after == queue.chunks.begin()) return nullptr;
    const auto& chunk = std::prev(after)->second;
    std::vector<std::uint64_t> numbers;
    for (auto at = chunk.next(chunk.first_block()); at; at = chunk.next(*at + 1))
        numbers.push_back(*at);
    const auto later = std::partition_point(numbers.begin(), numbers.end(), begins_by_then);
    return &core.store.blocks.get(queue.id(), *std::prev(later));
}

/// Nothing: it is gone, or was never here.
std::optional<Stamp> born_of(Core& core, Queue& queue, const Floors& floors, MessageId id) {
    const auto* block = block_with(core, queue, id);
    if (!block) return std::nullopt;
    const auto gone = block->masks(queue.rewinds, floors).gone;
    for (const auto& extent : block->extents) {
        const auto place = id.value - extent.first.value;  // huge when `id` is before it
        if (place >= extent.count) continue;
        const auto sequence = block->base() + extent.offset + place;
        if ((gone & block->bit(sequence)) != 0) return std::nullopt;
        return extent.born;
    }
    return std::nullopt;
}

Outcome on(Core& core, Namespace space, Stamp now, const PeekRewind& question) {
    const auto found = core.look_up(space, question.queue);
    if (!found) return tl::unexpected(found.error());
    auto& queue = **found;
    if (queue.attributes.rewind == 0) return refuse(Reason::cannot_rewind);
    const auto floors = view_at(core.store, queue, now).floors;
    const auto* id = std::get_if<MessageId>(&question.to);
    const auto to = id ? born_of(core, queue, floors, *id) : std::get<Stamp>(question.to);
    if (!to) return refuse(Reason::message_missing, "startMessageId");
    const auto from = rewind_start(core, queue, floors, *to, now);
    if (!from) return tl::unexpected(from.error());
    return RewindPeeked{*to, count_in(core.store, queue, *from, queue.next).done};
}

Outcome on(Core& core, Namespace, Stamp, const ListNodes&) {
    return NodeList{core.directory.nodes()};
}

}  // namespace

Outcome answer(Core& core, const Query& query, Stamp now) {
    return std::visit([&](const auto& question) { return on(core, query.space, now, question); },
                      query.question);
}

}  // namespace cmq::broker
