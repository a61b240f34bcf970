// base/bytes.h: bytes in and out of our own formats, little-endian.
//
// Strings of bytes are std::string and std::string_view. Varints are LEB128: 7 bits a byte, low
// bits first, at most 10 bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cmq {

/// Immutable bytes with shared ownership: a log entry is row, wire message and cache line at once.
using Blob = std::shared_ptr<const std::string>;

inline Blob make_blob(std::string bytes) {
    return std::make_shared<const std::string>(std::move(bytes));
}

/// Appends to a string that the caller owns.
class Encoder {
public:
    explicit Encoder(std::string& out) : out_(out) {}

    Encoder& u8(std::uint8_t value);
    Encoder& u32(std::uint32_t value);
    Encoder& u64(std::uint64_t value);
    Encoder& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
    Encoder& varint(std::uint64_t value);
    Encoder& zigzag(std::int64_t value);    // small magnitudes are short, either sign
    Encoder& text(std::string_view bytes);  // varint length, then the bytes
    Encoder& raw(std::string_view bytes);

private:
    std::string& out_;
};

/// Reads what Encoder wrote. Failure sticks: after it every read gives 0 or "", and ok() is false.
/// Views point into the bytes given to the constructor.
class Decoder {
public:
    explicit Decoder(std::string_view in) : in_(in) {}

    std::uint8_t u8();
    std::uint32_t u32();
    std::uint64_t u64();
    std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
    std::uint64_t varint();
    std::int64_t zigzag();
    std::string_view text();
    std::string_view raw(std::size_t count);

    bool ok() const { return ok_; }
    bool done() const { return ok_ && in_.empty(); }  // everything was read, nothing failed
    std::size_t left() const { return in_.size(); }

private:
    std::uint64_t fixed(std::size_t bytes);

    std::string_view in_;
    bool ok_ = true;
};

}  // namespace cmq
