// shard/checked_blocks.h: blocks of the checkpoint, read 64 at a time, and given only when they are
// what the last flush wrote.
//
// A block is read long after the start, and its own CRC also holds when the disk has lost its last
// write and shows the one before. So the checkpoint has a row for every 64 blocks of a queue with
// their sum. These rows are summed themselves, like all that is loaded at start (row_seal.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "shard/row_seal.h"
#include "store/database.h"

namespace cmq::shard {

/// Where the sum lies that has this block in it.
RowName sum_over(broker::Key block);
std::string encoded(const RowSum& sum);
/// errors  corrupt.
Result<RowSum> decoded_sum(std::string_view bytes);

/// One thread, that of its database.
class CheckedBlocks {
public:
    static Result<CheckedBlocks> prepare(store::Database& database, std::filesystem::path file);

    /// errors  corrupt: this block, or one beside it, is missing, changed, or of another flush.
    Result<std::string> read(broker::Key block);
    /// All that there are.
    Status verify(store::Database& database);

private:
    CheckedBlocks(store::Statement version, store::Statement select, std::filesystem::path file)
        : version_(std::move(version)), select_(std::move(select)), file_(std::move(file)) {}

    Result<std::int64_t> version();
    Status load(broker::Key sum);
    Result<RowSum> read_rows(broker::Key sum, RowSum& expected);
    tl::unexpected<Error> corrupt(const std::string& what) const;

    store::Statement version_, select_;
    std::filesystem::path file_;
    std::optional<broker::Key> loaded_;            // of the sum
    std::int64_t loaded_version_ = 0;              // of the database
    std::map<std::uint64_t, std::string> values_;  // of the blocks under it, by minor key
};

}  // namespace cmq::shard
