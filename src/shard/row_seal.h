// shard/row_seal.h: how the checkpoint notices what the disk changed.
//
// A stored value is the value, then the CRC32C of its table, key and bytes. Tables that are loaded
// whole at start also have a sum over their rows, so that a row that is missing, doubled or of an
// older flush is noticed. Blocks, which are read one by one, have theirs in checked_blocks.h.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "broker/state.h"

namespace cmq::shard {

struct RowName {
    broker::Table table;
    broker::Key key;
};

std::string sealed(RowName name, std::string value);
/// errors  corrupt: names file and row.
Result<std::string> unsealed(RowName name, std::string_view stored,
                             const std::filesystem::path& file);

inline bool is_summed(broker::Table table) { return table != broker::Table::block; }

/// Does not depend on order.
struct RowSum {
    std::uint64_t count = 0;
    std::uint64_t hash = 0;

    void add(RowName name, std::string_view stored);
    void subtract(RowName name, std::string_view stored);
    friend bool operator==(const RowSum&, const RowSum&) = default;
};

}  // namespace cmq::shard
