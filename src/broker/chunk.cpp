#include "broker/chunk.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace cmq::broker {
namespace {

void subtract(std::uint64_t& from, std::uint64_t what) {
    CMQ_CHECK(from >= what);
    from -= what;
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
    undeleted += other.undeleted;
    leased += other.leased;
    delayed += other.delayed;
    done += other.done;
    return *this;
}

Tally& Tally::operator-=(const Tally& other) {
    subtract(undeleted, other.undeleted);
    subtract(leased, other.leased);
    subtract(delayed, other.delayed);
    subtract(done, other.done);
    return *this;
}

bool Chunk::has(std::uint64_t block) const {
    const auto place = block - first_block();
    return ((present_[place / 64] >> (place % 64)) & 1) != 0;
}

void Chunk::set(std::uint64_t block) {
    const auto place = block - first_block();
    present_[place / 64] |= std::uint64_t{1} << (place % 64);
}

void Chunk::clear(std::uint64_t block) {
    const auto place = block - first_block();
    present_[place / 64] &= ~(std::uint64_t{1} << (place % 64));
}

bool Chunk::empty() const {
    return std::all_of(present_.begin(), present_.end(), [](auto word) { return word == 0; });
}

std::optional<std::uint64_t> Chunk::next(std::uint64_t block) const {
    auto place = block > first_block() ? block - first_block() : 0;
    while (place < chunk_blocks) {
        const auto word = present_[place / 64] >> (place % 64);
        if (word != 0) {
            return first_block() + place + static_cast<std::uint64_t>(std::countr_zero(word));
        }
        place = (place / 64 + 1) * 64;
    }
    return std::nullopt;
}

std::string Chunk::encoded() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(1).varint(tally.undeleted).varint(tally.done).zigzag(milliseconds_of(born));
    for (const auto word : present_) out.varint(word);
    return bytes;
}

bool Chunk::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto version = in.u8();
    tally.undeleted = in.varint();
    tally.done = in.varint();
    born = stamp_of(in.zigzag());
    for (auto& word : present_) word = in.varint();
    return version == 1 && in.done();
}

}  // namespace cmq::broker
