// client/load_body.h: the bodies of a load run: who sent it, the how-manieth, when, and a checksum.
//
//     cmq1 run(8 hex) - sender(4) - sequence(12) - microseconds(12) - crc(8) - filler ...
//
// Nothing in it needs an escape, neither in a form nor in JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cmq::client {

inline constexpr std::size_t load_body_bytes_min = 53;  // no filler

struct LoadBody {
    std::uint32_t run = 0;
    std::uint16_t sender = 0;
    std::uint64_t sequence = 0;           // below 2^48
    std::chrono::microseconds started{};  // since the run began; below 2^48
    friend bool operator==(const LoadBody&, const LoadBody&) = default;
};

/// `bytes` long; load_body_bytes_min or more.
std::string write_load_body(const LoadBody& body, std::size_t bytes);

/// Nothing: not one of ours, or one that was changed.
std::optional<LoadBody> read_load_body(std::string_view text);

}  // namespace cmq::client
