// broker/floors.h: what happens to many messages of a queue at once: time passes, a clear, a
// rewind.
//
// All of it is counted at once, by chunks; the blocks are brought up to date when they are next
// touched, or by `sweep`, bit by bit.
#pragma once

#include <cstdint>

#include "broker/messages.h"

namespace cmq::broker {

/// Everything before `target` is gone. `born`: no message before it was born later.
void raise_floor(Store& store, Queue& queue, std::uint64_t target, Stamp born);
/// What is deleted before `target`, or will be, is gone.
void raise_rewind_floor(Store& store, Queue& queue, std::uint64_t target);
/// Down to where the attributes put it, after they were raised: what is deleted from now on is
/// kept again. Waits until everything below is swept, or what was dropped would return.
void lower_rewind_floor(Store& store, Queue& queue, Stamp now);

/// Raises both floors to where `now` and the attributes put them.
void advance_floors(Store& store, Queue& queue, Stamp now);
/// Makes the next advance_floors look, whatever was foreseen; after attributes changed.
void recheck_floors(Store& store, Queue& queue, Stamp now);

/// Undoes the deletions from `from` on. Returns how many there were.
std::uint64_t rewind_to(Store& store, Queue& queue, std::uint64_t from);

/// Removes what is below the floors, for about `budget` messages' worth of work.
/// Returns what is left of the budget: 0 when there is more to do.
std::int64_t sweep(Store& store, Queue& queue, Stamp now, std::int64_t budget);
bool needs_sweep(const Queue& queue);
/// The first part of it: held messages, which count against the queue's cap.
void sweep_held(Store& store, Queue& queue, std::int64_t& budget);

/// A queue as it will be at `now`, without changing it. The counts are exact while no more than
/// `enough` messages are active.
struct View {
    Floors floors;
    Tally tally;
};
View view_at(Store& store, Queue& queue, Stamp now, std::uint64_t enough = UINT64_MAX);

}  // namespace cmq::broker
