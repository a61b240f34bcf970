#include "base/bytes.h"

#include <array>
#include <bit>
#include <cstring>

namespace cmq {
static_assert(std::endian::native == std::endian::little, "formats are little-endian");

namespace {
template <class T>
void put(std::string& out, T value) {
    std::array<char, sizeof(T)> raw;
    std::memcpy(raw.data(), &value, sizeof(T));
    out.append(raw.data(), raw.size());
}
}  // namespace

Encoder& Encoder::u8(std::uint8_t value) {
    out_.push_back(static_cast<char>(value));
    return *this;
}

Encoder& Encoder::u32(std::uint32_t value) {
    put(out_, value);
    return *this;
}

Encoder& Encoder::u64(std::uint64_t value) {
    put(out_, value);
    return *this;
}

Encoder& Encoder::varint(std::uint64_t value) {
    while (value >= 0x80) {
        out_.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
    return *this;
}

Encoder& Encoder::zigzag(std::int64_t value) {
    return varint((static_cast<std::uint64_t>(value) << 1) ^
                  static_cast<std::uint64_t>(value >> 63));
}

Encoder& Encoder::text(std::string_view bytes) { return varint(bytes.size()).raw(bytes); }

Encoder& Encoder::raw(std::string_view bytes) {
    out_.append(bytes);
    return *this;
}

std::uint64_t Decoder::fixed(std::size_t bytes) {
    const auto raw_bytes = raw(bytes);
    std::uint64_t value = 0;
    if (!raw_bytes.empty()) std::memcpy(&value, raw_bytes.data(), raw_bytes.size());
    return value;
}

std::uint8_t Decoder::u8() { return static_cast<std::uint8_t>(fixed(1)); }
std::uint32_t Decoder::u32() { return static_cast<std::uint32_t>(fixed(4)); }
std::uint64_t Decoder::u64() { return fixed(8); }

std::uint64_t Decoder::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::uint64_t byte = u8();
        if (shift == 63 && byte > 1) break;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return ok_ ? value : 0;
    }
    ok_ = false;
    in_ = {};
    return 0;
}

std::int64_t Decoder::zigzag() {
    const auto value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

std::string_view Decoder::text() {
    const auto size = varint();
    if (size > in_.size()) {
        ok_ = false;
        in_ = {};
        return {};
    }
    return raw(size);
}

std::string_view Decoder::raw(std::size_t count) {
    if (count > in_.size()) {
        ok_ = false;
        in_ = {};
        return {};
    }
    const auto bytes = in_.substr(0, count);
    in_.remove_prefix(count);
    return bytes;
}

}  // namespace cmq
