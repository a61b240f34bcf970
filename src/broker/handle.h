// broker/handle.h: lease numbers as receipt handles that cannot be guessed (D12).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "broker/command.h"

namespace cmq::broker {

/// A keyed permutation of 1 .. 2^63-1; each queue has its own, so a handle of another queue reads
/// as a lease number that was never given.
class HandleKey {
public:
    HandleKey(std::string_view secret, QueueId queue);

    Handle handle(std::uint64_t lease) const;                        // lease: 1 .. 2^63-1
    std::optional<std::uint64_t> lease(std::uint64_t handle) const;  // nothing: out of range

private:
    std::uint64_t round(std::uint64_t half, std::uint64_t number) const;
    std::uint64_t forward(std::uint64_t value) const;
    std::uint64_t backward(std::uint64_t value) const;

    std::uint64_t key_;
};

}  // namespace cmq::broker
