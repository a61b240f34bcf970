// broker/rewind.h: which deletions a rewind has undone, without touching the blocks.
//
// A rewind from sequence f ends an epoch. A block remembers the epoch of its `done` bits; those at
// or above the smallest f of all later rewinds are void. A rewind hides the earlier ones with the
// same or a higher f, so the list rises in both, and the first later one has the smallest f.
// A single pair instead of the list would forget an earlier rewind further back, and lose what it
// had brought back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "broker/options.h"

namespace cmq::broker {

class Rewinds {
public:
    std::uint64_t epoch() const { return epoch_; }
    std::size_t size() const { return pairs_.size(); }

    /// Done bits of a block of `epoch` are void from this sequence on; nothing: none is.
    std::optional<std::uint64_t> void_from(std::uint64_t epoch) const {
        if (epoch == epoch_) return std::nullopt;
        return first_after(epoch);
    }

    /// False: rewinds_max are remembered that a rewind from `from` would not hide.
    bool fits(std::uint64_t from) const;
    void add(std::uint64_t from, Planted planted);
    /// Every block below sequence `settled` has been brought up to the epoch of its time.
    void forget_below(std::uint64_t settled);

    void encode(Encoder& out) const;
    bool decode(Decoder& in);

private:
    struct Pair {
        std::uint64_t from;
        std::uint64_t epoch;
    };
    std::optional<std::uint64_t> first_after(std::uint64_t epoch) const;

    std::uint64_t epoch_ = 0;
    std::vector<Pair> pairs_;  // rising in both
};

}  // namespace cmq::broker
