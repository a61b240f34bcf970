// broker/held.h: messages that are known one by one: delayed, leased, or ready again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "broker/block.h"
#include "broker/flush.h"

namespace cmq::broker {

enum class HeldPhase : std::uint8_t { delayed, leased, returned };

class Held final : public Record {
public:
    explicit Held(Key key_) : Record(Table::held, key_) {}

    std::uint64_t sequence() const { return key.minor; }
    std::string encoded() const override;
    bool decode(std::string_view bytes);

    HeldPhase phase = HeldPhase::returned;
    std::uint64_t lease = 0;              // 0: none
    Stamp until;                          // leased: its end; delayed: when it is due
    Stamp eligible;                       // its place among the ready ones; kept when it returns
    std::uint32_t receives = 0;           // ever
    std::uint32_t earlier = 0;            // of them, before the last rewind
    std::optional<Stamp> first_received;  // since the last rewind
    Stored stored;
};

/// The held messages of one queue. Changes go through here, so that what is looked up by lease, by
/// time and by place stays right.
class HeldSet {
public:
    /// Counts its messages in `total` as well.
    explicit HeldSet(std::uint64_t& total) : total_(total) {}

    using ByTime = std::set<std::pair<Stamp, std::uint64_t>>;  // with the sequence

    std::size_t size() const { return by_sequence_.size(); }
    bool empty() const { return by_sequence_.empty(); }
    const std::map<std::uint64_t, Held>& by_sequence() const { return by_sequence_; }
    Held* find(std::uint64_t sequence);
    Held* find_lease(std::uint64_t lease);
    Held* first() { return empty() ? nullptr : &by_sequence_.begin()->second; }
    bool holds(std::uint64_t sequence) const;

    const ByTime& waking() const { return waking_; }  // delayed and leased, by `until`
    const ByTime& ready() const { return ready_; }    // returned, by `eligible`

    Held& add(Flush& flush, QueueId queue, std::uint64_t sequence, Stored stored);
    void delay_until(Flush& flush, Held& held, Stamp due);
    void lease_until(Flush& flush, Held& held, std::uint64_t lease, Stamp until);
    void give_back(Flush& flush, Held& held);
    void remove(Flush& flush, Held& held);

    Held* load(Flush& flush, const Row& row);  // null: the row is corrupt

private:
    void link(Held& held);
    void unlink(Held& held);

    std::uint64_t& total_;
    std::map<std::uint64_t, Held> by_sequence_;
    std::unordered_map<std::uint64_t, Held*> by_lease_;
    ByTime waking_;
    ByTime ready_;
};

}  // namespace cmq::broker
