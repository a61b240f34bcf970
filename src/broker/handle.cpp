#include "broker/handle.h"

#include <array>
#include <bit>

#include "base/hash.h"

namespace cmq::broker {
namespace {
// A Feistel network whose halves have 31 and 32 bits: 63 bits without walking back into range.
constexpr std::uint64_t left_mask = (1ULL << 31) - 1;
constexpr std::uint64_t right_mask = (1ULL << 32) - 1;
constexpr std::uint64_t handle_max = (1ULL << 63) - 1;
}  // namespace

HandleKey::HandleKey(std::string_view secret, QueueId queue) : key_(xxh3(secret, queue.value)) {}

std::uint64_t HandleKey::round(std::uint64_t half, std::uint64_t number) const {
    const auto bytes = std::bit_cast<std::array<char, 8>>(half | (number << 56));
    return xxh3(std::string_view(bytes.data(), bytes.size()), key_);
}

std::uint64_t HandleKey::forward(std::uint64_t value) const {
    auto left = value >> 32;
    auto right = value & right_mask;
    for (std::uint64_t i = 0; i < 3; ++i) {
        left ^= round(right, 2 * i) & left_mask;
        right ^= round(left, 2 * i + 1) & right_mask;
    }
    return (left << 32) | right;
}

std::uint64_t HandleKey::backward(std::uint64_t value) const {
    auto left = value >> 32;
    auto right = value & right_mask;
    for (std::uint64_t i = 3; i-- > 0;) {
        right ^= round(left, 2 * i + 1) & right_mask;
        left ^= round(right, 2 * i) & left_mask;
    }
    return (left << 32) | right;
}

Handle HandleKey::handle(std::uint64_t lease) const {
    // 0 is not a handle, and lease 0 does not exist: whoever would get 0 gets what 0 would.
    const auto value = forward(lease);
    return Handle{value != 0 ? value : forward(0)};
}

std::optional<std::uint64_t> HandleKey::lease(std::uint64_t handle) const {
    if (handle == 0 || handle > handle_max) return std::nullopt;
    const auto value = backward(handle);
    return value != 0 ? value : backward(0);
}

}  // namespace cmq::broker
