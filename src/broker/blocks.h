// broker/blocks.h: which blocks are in memory.
//
// Those that changed stay until they are on disk; of the others a bounded number, the ones used
// last. What is in memory never decides an answer.
#pragma once

#include <unordered_map>

#include "broker/block.h"
#include "broker/flush.h"

namespace cmq::broker {

class Blocks {
public:
    Blocks(Rows& rows, Flush& flush, std::size_t clean_max)
        : rows_(rows), flush_(flush), clean_max_(clean_max) {}

    /// A block that exists, read from its row when it is not here. Valid until trim.
    Block& get(QueueId queue, std::uint64_t number);
    Block& create(QueueId queue, std::uint64_t number);
    void remove(Block& block);

    /// Lets go of clean blocks above the bound, a few at a time.
    void trim();
    RecordList& idle() { return idle_; }
    std::size_t size() const { return blocks_.size(); }

    /// The block as its row would be now; reads without keeping.
    std::string encoded(QueueId queue, std::uint64_t number) const;

private:
    Rows& rows_;
    Flush& flush_;
    std::size_t clean_max_;
    std::unordered_map<Key, Block, KeyHash> blocks_;
    RecordList idle_;  // clean and on disk, the one used longest ago first
};

}  // namespace cmq::broker
