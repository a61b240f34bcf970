// net/descriptors.h: how many files this process may have open, and how many of them are clients'.
//
// A client is an open file, and so is each file of the store: whoever lets in as many as come takes
// from the store what it needs to go on.
#pragma once

#include <cstdint>

#include "net/http_types.h"

namespace cmq::net {

/// Kept from clients: for the files of the store, other nodes, and those who are told to go.
inline constexpr std::uint64_t reserved_descriptors = 512;

/// Takes as many as the system lets us have: a parked poll is one.
void raise_descriptor_limit();
std::uint64_t descriptor_limit();  // UINT64_MAX: none

/// `limits` for each of `doors` so that the reserve is left, or half of the descriptors where there
/// are few of them. Those of an address shrink with those of all.
Limits fit_into(std::uint64_t descriptors, std::uint64_t doors, Limits limits);
/// What `limits` for each of `doors` need, with the reserve.
std::uint64_t descriptors_for(std::uint64_t doors, const Limits& limits);

}  // namespace cmq::net
