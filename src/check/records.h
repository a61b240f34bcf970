// check/records.h: what is remembered of each message: 28 bytes in flat arrays.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "check/history.h"

namespace cmq::check {

/// Milliseconds of a history. Rounded down: an earlier end of a lease accuses nobody.
constexpr std::uint32_t whole_ms(Moment moment) {
    return static_cast<std::uint32_t>(moment.count() / 1000);
}
/// Rounded up: a later begin of being ready accuses nobody.
constexpr std::uint32_t ms_above(Moment moment) {
    return static_cast<std::uint32_t>((moment.count() + 999) / 1000);
}

struct Record {
    enum Flag : std::uint16_t {
        started = 1,
        acknowledged = 2,
        refused = 4,
        unknown = 8,
        retried = 16,  // may have several copies
        received = 32,
        deleted = 64,          // acknowledged, and no rewind since
        delete_unknown = 128,  // since the latest receive
        was_deleted = 256,     // counted
        delayed = 512,
        deleting = 1024,  // since the latest receive, and not answered yet
        released = 2048,  // since the latest receive
        rewound = 4096,   // acknowledged, and not received since
    };

    std::uint32_t body = 0;      // low half of the hash
    std::uint32_t handle = 0;    // of the latest lease, folded
    std::uint32_t ready = 0;     // ms: earliest while it is only sent, latest once acknowledged
    std::uint32_t held = 0;      // ms: the latest lease lasts at least until; its delete began at
    std::uint32_t sent_by = 0;   // ms: once acknowledged
    std::uint32_t answered = 0;  // ms: when the latest lease, or its delete, was known
    std::uint16_t receives = 0;  // 65535: that or more
    std::uint16_t flags = 0;

    bool is(Flag flag) const { return (flags & flag) != 0; }
    bool may_be_deleted() const { return (flags & (delete_unknown | deleting)) != 0; }
    void set(Flag flag) { flags = static_cast<std::uint16_t>(flags | flag); }
    void clear(Flag flag) { flags = static_cast<std::uint16_t>(flags & ~flag); }
};
static_assert(sizeof(Record) == 28);

/// The records of one producer, in blocks, so that growing copies nothing.
class Records {
public:
    Record* find(std::uint64_t sequence) {
        if (sequence >= size_) return nullptr;
        return &(*blocks_[sequence / block_records])[sequence % block_records];
    }
    const Record* find(std::uint64_t sequence) const {
        return const_cast<Records*>(this)->find(sequence);
    }
    Record& at_or_new(std::uint64_t sequence) {
        while (blocks_.size() * block_records <= sequence)
            blocks_.push_back(std::make_unique<Block>());
        if (sequence >= size_) size_ = sequence + 1;
        return *find(sequence);
    }
    std::uint64_t size() const { return size_; }

private:
    static constexpr std::size_t block_records = 4096;
    using Block = std::array<Record, block_records>;
    std::vector<std::unique_ptr<Block>> blocks_;
    std::uint64_t size_ = 0;
};

}  // namespace cmq::check
