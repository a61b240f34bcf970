// broker/chunk.h: counts per 65,536 messages of a queue, so that a rewind, a rising floor or a
// question about the whole queue need not read blocks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "broker/record.h"

namespace cmq::broker {

inline constexpr std::uint64_t chunk_messages = 65'536;
inline constexpr std::uint64_t chunk_blocks = 1'024;

struct Tally {
    std::uint64_t undeleted = 0;
    std::uint64_t leased = 0;   // of the undeleted
    std::uint64_t delayed = 0;  // of the undeleted
    std::uint64_t done = 0;     // deleted and rewindable

    std::uint64_t active() const { return undeleted - leased - delayed; }
    Tally& operator+=(const Tally& other);
    Tally& operator-=(const Tally& other);  // never below 0: checked
};

/// Lies in the queue table behind its queue: minor = 1 + number.
class Chunk final : public Record {
public:
    explicit Chunk(Key key_) : Record(Table::queue, key_) {}

    std::uint64_t base() const { return (key.minor - 1) * chunk_messages; }
    std::uint64_t end() const { return base() + chunk_messages; }
    std::uint64_t first_block() const { return base() / 64; }

    bool has(std::uint64_t block) const;
    void set(std::uint64_t block);
    void clear(std::uint64_t block);
    bool empty() const;
    /// The number of the first block from `block` on, in this chunk.
    std::optional<std::uint64_t> next(std::uint64_t block) const;

    std::string encoded() const override;
    bool decode(std::string_view bytes);

    Tally tally;  // above the floors; leased and delayed are not stored, the held rows tell them
    Stamp born;   // of the first message, or earlier

private:
    std::array<std::uint64_t, chunk_blocks / 64> present_{};  // blocks that exist
};

}  // namespace cmq::broker
