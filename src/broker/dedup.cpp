#include "broker/dedup.h"

#include <utility>

#include "base/hash.h"

namespace cmq::broker {

std::string Dedup::Entry::encoded() const {
    std::string bytes;
    Encoder(bytes)
        .u8(1)
        .text(id)
        .varint(sent.first.value)
        .varint(sent.count)
        .zigzag(milliseconds_of(expires));
    return bytes;
}

bool Dedup::Entry::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto version = in.u8();
    id = in.text();
    sent.first.value = in.varint();
    sent.count = static_cast<std::uint32_t>(in.varint());
    expires = stamp_of(in.zigzag());
    return version == 1 && in.done();
}

std::optional<Sent> Dedup::find(const std::string& id, Stamp now) const {
    const auto at = by_id_.find(id);
    if (at == by_id_.end() || at->second->expires <= now) return std::nullopt;
    auto sent = at->second->sent;
    sent.duplicate = true;
    return sent;
}

void Dedup::remember(Flush& flush, QueueId queue, std::uint64_t number, std::string id, Sent sent,
                     Stamp now) {
    auto& entry = by_number_.try_emplace(number, Key{queue.value, number}).first->second;
    entry.id = std::move(id);
    entry.sent = sent;
    entry.expires = now + std::chrono::seconds(dedup_seconds);
    flush.add(entry);
    link(entry);
}

void Dedup::link(Entry& entry) { by_id_[entry.id] = &entry; }

bool Dedup::expire_one(Flush& flush, Stamp now) {
    if (empty() || by_number_.begin()->second.expires > now) return false;
    drop_one(flush);
    return true;
}

void Dedup::drop_one(Flush& flush) {
    auto& entry = by_number_.begin()->second;
    // An id may have been sent again after it expired, and before that was noticed here.
    const auto at = by_id_.find(entry.id);
    if (at != by_id_.end() && at->second == &entry) by_id_.erase(at);
    flush.forget(entry);
    by_number_.erase(by_number_.begin());
}

std::optional<Stamp> Dedup::due() const {
    if (empty()) return std::nullopt;
    return by_number_.begin()->second.expires;
}

bool Dedup::load(Flush& flush, const Row& row) {
    auto& entry = by_number_.try_emplace(row.key.minor, row.key).first->second;
    if (!entry.decode(*row.value)) return false;
    flush.loaded(entry);
    link(entry);
    return true;
}

std::uint64_t Dedup::hash(std::uint64_t seed) const {
    for (const auto& [number, entry] : by_number_) seed = xxh3(entry.encoded(), seed + number);
    return seed;
}

}  // namespace cmq::broker
