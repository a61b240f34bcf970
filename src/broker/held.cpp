#include "broker/held.h"

#include "base/check.h"

namespace cmq::broker {

std::string Held::encoded() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(1).u8(static_cast<std::uint8_t>(phase)).varint(lease);
    const auto born = milliseconds_of(stored.born);
    out.zigzag(born).zigzag(milliseconds_of(until) - born).zigzag(milliseconds_of(eligible) - born);
    out.varint(receives).varint(earlier).u8(first_received ? 1 : 0);
    if (first_received) out.zigzag(milliseconds_of(*first_received) - born);
    out.varint(stored.body.index.value).varint(stored.body.slot).varint(stored.id.value);
    return bytes;
}

bool Held::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto version = in.u8();
    const auto phase_number = in.u8();
    phase = static_cast<HeldPhase>(phase_number);
    lease = in.varint();
    const auto born = in.zigzag();
    stored.born = stamp_of(born);
    until = stamp_of(born + in.zigzag());
    eligible = stamp_of(born + in.zigzag());
    receives = static_cast<std::uint32_t>(in.varint());
    earlier = static_cast<std::uint32_t>(in.varint());
    if (in.u8() != 0) first_received = stamp_of(born + in.zigzag());
    stored.body.index.value = in.varint();
    stored.body.slot = static_cast<std::uint32_t>(in.varint());
    stored.id.value = in.varint();
    return version == 1 && phase_number <= 2 && in.done();
}

Held* HeldSet::find(std::uint64_t sequence) {
    const auto at = by_sequence_.find(sequence);
    return at == by_sequence_.end() ? nullptr : &at->second;
}

Held* HeldSet::find_lease(std::uint64_t lease) {
    const auto at = by_lease_.find(lease);
    return at == by_lease_.end() ? nullptr : at->second;
}

bool HeldSet::holds(std::uint64_t sequence) const {
    // The common case, in order and without delays: everything held is older.
    if (by_sequence_.empty() || by_sequence_.rbegin()->first < sequence) return false;
    return by_sequence_.contains(sequence);
}

Held& HeldSet::add(Flush& flush, QueueId queue, std::uint64_t sequence, Stored stored) {
    const auto at =
        by_sequence_.try_emplace(by_sequence_.end(), sequence, Key{queue.value, sequence});
    auto& held = at->second;
    ++total_;
    held.stored = stored;
    held.eligible = stored.born;
    flush.add(held);
    link(held);
    return held;
}

void HeldSet::delay_until(Flush& flush, Held& held, Stamp due) {
    flush.touch(held);
    unlink(held);
    held.phase = HeldPhase::delayed;
    held.until = due;
    held.eligible = due;
    link(held);
}

void HeldSet::lease_until(Flush& flush, Held& held, std::uint64_t lease, Stamp until) {
    flush.touch(held);
    unlink(held);
    held.phase = HeldPhase::leased;
    held.lease = lease;
    held.until = until;
    link(held);
}

void HeldSet::give_back(Flush& flush, Held& held) {
    flush.touch(held);
    unlink(held);
    held.phase = HeldPhase::returned;
    held.lease = 0;
    link(held);
}

void HeldSet::remove(Flush& flush, Held& held) {
    unlink(held);
    flush.forget(held);
    --total_;
    by_sequence_.erase(held.sequence());
}

void HeldSet::link(Held& held) {
    if (held.phase == HeldPhase::returned) {
        ready_.emplace_hint(ready_.end(), held.eligible, held.sequence());
        return;
    }
    waking_.emplace_hint(waking_.end(), held.until, held.sequence());
    if (held.lease != 0) by_lease_.emplace(held.lease, &held);
}

void HeldSet::unlink(Held& held) {
    if (held.phase == HeldPhase::returned) {
        ready_.erase({held.eligible, held.sequence()});
        return;
    }
    waking_.erase({held.until, held.sequence()});
    if (held.lease != 0) by_lease_.erase(held.lease);
}

Held* HeldSet::load(Flush& flush, const Row& row) {
    const auto [at, is_new] = by_sequence_.try_emplace(row.key.minor, row.key);
    if (!is_new || !at->second.decode(*row.value)) return nullptr;
    flush.loaded(at->second);
    ++total_;
    link(at->second);
    return &at->second;
}

}  // namespace cmq::broker
