// base/hash.h: the two checksums of our formats.
#pragma once

#include <cstdint>
#include <string_view>

namespace cmq {

/// CRC32C (Castagnoli) of `bytes`, continuing from `crc` (0 to begin). SSE 4.2 where there is.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

/// XXH3-64 of `bytes` with `seed`. A chain is xxh3(payload, previous chain).
std::uint64_t xxh3(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace cmq
