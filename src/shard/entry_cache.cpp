#include "shard/entry_cache.h"

#include <algorithm>

#include "shard/entry.h"

namespace cmq::shard {

void EntryCache::add_active(const raft::Entry& entry) {
    active_bytes_ += entry.payload->size();
    active_.insert_or_assign(entry.index.value, Line{entry, {}, false, {}});
}

void EntryCache::add_body(const raft::Entry& entry) {
    const auto index = entry.index.value;
    erase_cold(index);
    if (!active_.try_emplace(index, Line{entry, {}, false, {}}).second) return;
    active_bytes_ += entry.payload->size();
    active_bodies_.push_back(index);
}

void EntryCache::sealed(raft::Index last) {
    std::vector<std::uint64_t> indexes;
    for (const auto& [index, line] : active_)
        if (index <= last.value) indexes.push_back(index);
    std::sort(indexes.begin(), indexes.end());  // so that the oldest go first
    for (const auto index : indexes) cool(index);
    for (const auto index : std::exchange(active_bodies_, {})) cool(index);
}

void EntryCache::cool(std::uint64_t index) {
    const auto found = active_.find(index);
    if (found == active_.end()) return;
    active_bytes_ -= found->second.entry.payload->size();
    insert_cold(std::move(found->second.entry));
    active_.erase(found);
}

Status EntryCache::add_cold(const raft::Entry& entry) {
    (void)CMQ_TRY(read_bodies(*entry.payload, newest_));
    if (!cold_.contains(entry.index.value)) insert_cold(entry);
    return {};
}

void EntryCache::insert_cold(raft::Entry entry) {
    const auto index = entry.index.value;
    cold_bytes_ += entry.payload->size();
    used_.push_front(index);
    cold_.emplace(index, Line{std::move(entry), {}, false, used_.begin()});
    shrink();
}

void EntryCache::shrink() {
    while (cold_bytes_ > cold_bytes_max_ && used_.size() > 1) erase_cold(used_.back());
}

void EntryCache::erase_cold(std::uint64_t index) {
    const auto found = cold_.find(index);
    if (found == cold_.end()) return;
    cold_bytes_ -= found->second.entry.payload->size();
    used_.erase(found->second.use);
    cold_.erase(found);
}

Result<std::optional<broker::Body>> EntryCache::find(broker::BodyAt at) {
    if (const auto hot = active_.find(at.index.value); hot != active_.end())
        return CMQ_TRY(body_of(hot->second, at.slot));
    const auto cold = cold_.find(at.index.value);
    if (cold == cold_.end()) return std::nullopt;
    used_.splice(used_.begin(), used_, cold->second.use);
    return CMQ_TRY(body_of(cold->second, at.slot));
}

const raft::Entry* EntryCache::find_entry(raft::Index index) const {
    for (const auto* lines : {&active_, &cold_})
        if (const auto found = lines->find(index.value); found != lines->end())
            return &found->second.entry;
    return nullptr;
}

Result<broker::Body> EntryCache::body_of(Line& line, std::uint32_t slot) {
    if (!line.indexed) {
        line.bodies = CMQ_TRY(read_bodies(*line.entry.payload, newest_));
        line.indexed = true;
    }
    if (slot >= line.bodies.size())
        return fail(Code::corrupt, "log entry has no body " + std::to_string(slot));
    return broker::Body{line.entry.payload, line.bodies[slot]};
}

}  // namespace cmq::shard
