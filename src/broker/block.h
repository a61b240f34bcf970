// broker/block.h: 64 neighbouring messages of a queue.
//
// A block says where the bodies lie and which messages are over. It is not told what happens to
// all messages at once (a rewind, a floor that rises): `masks` works that out when it is read, and
// `settle` (messages.h) writes it down when it is changed.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "broker/record.h"
#include "broker/reply.h"
#include "broker/rewind.h"

namespace cmq::broker {

inline constexpr std::uint64_t block_messages = 64;
using Bits = std::uint64_t;  // one a message of a block, the first lowest

/// Messages that one command stored, one behind the other.
struct Extent {
    std::uint8_t offset = 0;  // in the block
    std::uint8_t count = 0;
    std::uint32_t slot = 0;
    LogIndex index;
    MessageId first;
    Stamp born;

    Bits bits() const { return (count == 64 ? ~Bits{0} : (Bits{1} << count) - 1) << offset; }
};

struct Stored {
    BodyAt body;
    MessageId id;
    Stamp born;
    friend bool operator==(const Stored&, const Stored&) = default;
};

/// Two sequences that only rise. Below `retention` everything is gone; below `rewind`, which is
/// never lower, what is deleted is.
struct Floors {
    std::uint64_t retention = 0;
    std::uint64_t rewind = 0;
};

struct Masks {
    Bits done = 0;  // deleted, and a rewind can bring it back
    Bits gone = 0;
};

class Block final : public Record {
public:
    explicit Block(Key key_) : Record(Table::block, key_) {}

    std::uint64_t base() const { return key.minor * block_messages; }
    std::uint64_t end() const { return base() + block_messages; }
    Bits bit(std::uint64_t sequence) const { return Bits{1} << (sequence - base()); }
    Bits below(std::uint64_t sequence) const;  // those of messages before `sequence`

    Masks masks(const Rewinds& rewinds, Floors floors) const;

    const Extent* extent(std::uint64_t sequence) const;  // null: it has been gone for long
    Stored stored(std::uint64_t sequence) const;         // of a message that is not gone
    void append(Extent extent);

    /// Receives of a message that is not held.
    std::uint32_t receives(std::uint64_t sequence) const;
    void set_receives(std::uint64_t sequence, std::uint32_t count);

    void drop_dead();  // extents and counts of messages that are gone

    std::string encoded() const override;
    bool decode(std::string_view bytes);

    std::uint64_t epoch = 0;  // of `done`
    Bits done = 0;
    Bits gone = 0;
    std::vector<Extent> extents;  // rising

private:
    // Only where it is not what goes without saying: 1 for a done message, 0 for another.
    std::vector<std::pair<std::uint8_t, std::uint32_t>> receives_;
};

}  // namespace cmq::broker
