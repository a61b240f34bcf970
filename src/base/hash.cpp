#include "base/hash.h"

#include <xxhash.h>

#include <array>
#include <cstring>

namespace cmq {
namespace {

constexpr auto crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        auto crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0u);
        table[byte] = crc;
    }
    return table;
}();

std::uint32_t crc_by_table(const char* data, std::size_t size, std::uint32_t crc) {
    for (std::size_t at = 0; at < size; ++at)
        crc = (crc >> 8) ^ crc_table[(crc ^ static_cast<unsigned char>(data[at])) & 0xff];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc_by_instruction(const char* data,
                                                                   std::size_t size,
                                                                   std::uint32_t crc) {
    std::uint64_t wide = crc;
    for (; size >= 8; data += 8, size -= 8) {
        std::uint64_t word;
        std::memcpy(&word, data, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    return crc_by_table(data, size, static_cast<std::uint32_t>(wide));
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
#if defined(__x86_64__)
    static const bool fast = __builtin_cpu_supports("sse4.2");
    if (fast) return ~crc_by_instruction(bytes.data(), bytes.size(), ~crc);
#endif
    return ~crc_by_table(bytes.data(), bytes.size(), ~crc);
}

std::uint64_t xxh3(std::string_view bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace cmq
