// broker/messages.h: the messages of one queue, over its blocks, chunks and held ones.
#pragma once

#include <cstdint>
#include <optional>

#include "broker/blocks.h"
#include "broker/queue.h"
#include "broker/stripes.h"

namespace cmq::broker {

/// What all queues share.
struct Store {
    Store(Rows& rows, const Options& options_)
        : options(options_), blocks(rows, flush, options_.clean_blocks_max), stripes(flush) {}

    Options options;
    Flush flush;
    Blocks blocks;
    Stripes stripes;
    Totals totals;
};

/// Puts `count` messages at the end of `queue`; their sequences begin at its former `next`.
void append(Store& store, Queue& queue, std::uint32_t count, Stored first);

/// The first message from the cursor on, and from `floor` on, that is neither held nor over.
std::optional<std::uint64_t> next_fresh(Store& store, Queue& queue, std::uint64_t floor = 0);

/// Brings the bits of a block up to its queue's rewinds and floors.
void settle(Store& store, Queue& queue, Block& block);

/// Removes the block when none of its messages is left and none can come.
void drop_if_over(Store& store, Queue& queue, Block& block);

/// Ends a held message that a consumer deleted; a rewind can bring it back where that is allowed.
void finish(Store& store, Queue& queue, Held& held);

/// The first existing block from `number` on.
std::optional<std::uint64_t> next_block(const Queue& queue, std::uint64_t number);

/// What lies in [from, to), of one chunk, counted block by block.
Tally count_in(Store& store, Queue& queue, const Chunk& chunk, std::uint64_t from,
               std::uint64_t to);
/// What lies in [from, to) of the whole queue: by chunks where that is enough.
Tally count_in(Store& store, Queue& queue, std::uint64_t from, std::uint64_t to);

/// The first stored message that was born after `stamp`; at least the floor; queue.next when none.
std::uint64_t first_born_after(Store& store, Queue& queue, Stamp stamp);

/// When the first message from `sequence` on was born; nothing: there is none.
std::optional<Stamp> born_from(Store& store, Queue& queue, std::uint64_t sequence);

}  // namespace cmq::broker
