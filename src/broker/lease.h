// broker/lease.h: messages change hands: given to a consumer, given back, due.
#pragma once

#include <cstdint>
#include <optional>

#include "broker/messages.h"

namespace cmq::broker {

/// Delayed messages are held from the beginning.
void hold_until(Store& store, Queue& queue, std::uint64_t sequence, Stored stored, Stamp due);

/// The next message in order of (eligible time, sequence), leased for the queue's visibility
/// timeout. Nothing: there is none, or none that may be held.
Held* lease_next(Store& store, Queue& queue, Stamp now);

/// Whether `count` more messages may be held.
bool may_hold(Store& store, Queue& queue, std::uint64_t count);

/// The message whose latest lease `handle` is, if the lease has not ended at `now`.
Held* find_leased(Queue& queue, std::uint64_t handle, Stamp now);

/// Ends the lease, or the delay: the message is ready, at its place.
void give_back(Store& store, Queue& queue, Held& held);
/// Undoes a receive: its count goes down again.
void take_back(Store& store, Queue& queue, Held& held);
void extend(Store& store, Queue& queue, Held& held, Stamp until);

/// Fires leases and delays that have ended by `now`; each takes 1 of `budget`.
/// Returns whether a message became ready.
bool fire_waking(Store& store, Queue& queue, Stamp now, std::int64_t& budget);

}  // namespace cmq::broker
