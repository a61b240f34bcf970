// broker/dedup.h: sends of the last five minutes that carried a dedupId.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "broker/flush.h"
#include "broker/reply.h"

namespace cmq::broker {

class Dedup {
public:
    /// What the send with this id was answered, less than dedup_seconds before `now`.
    std::optional<Sent> find(const std::string& id, Stamp now) const;
    /// `number` rises within the queue and is never used twice.
    void remember(Flush& flush, QueueId queue, std::uint64_t number, std::string id, Sent sent,
                  Stamp now);
    /// Drops the oldest if it is due. False: it is not.
    bool expire_one(Flush& flush, Stamp now);
    void drop_one(Flush& flush);  // there is one
    bool empty() const { return by_number_.empty(); }
    std::optional<Stamp> due() const;

    bool load(Flush& flush, const Row& row);
    std::uint64_t hash(std::uint64_t seed) const;

private:
    struct Entry final : Record {
        explicit Entry(Key key_) : Record(Table::dedup, key_) {}
        std::string encoded() const override;
        bool decode(std::string_view bytes);
        std::string id;
        Sent sent;
        Stamp expires;
    };
    void link(Entry& entry);

    std::map<std::uint64_t, Entry> by_number_;  // so also by expiry
    std::unordered_map<std::string, Entry*> by_id_;
};

}  // namespace cmq::broker
