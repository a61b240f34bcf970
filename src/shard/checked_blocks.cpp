#include "shard/checked_blocks.h"

#include "base/bytes.h"

namespace cmq::shard {
namespace {

constexpr std::uint64_t blocks_a_sum = 64;
constexpr broker::Table table_of_sums{255};  // the state has none of that number

// The version of the file changes with each flush; kind 3 are blocks, kind 255 their sums. One
// statement sees one flush.
constexpr auto select_version = "PRAGMA data_version";
constexpr auto select_group =
    "SELECT kind, minor, value FROM row WHERE kind = 3 AND major = ?1 AND minor BETWEEN ?2 AND ?3 "
    "UNION ALL "
    "SELECT kind, minor, value FROM row WHERE kind = 255 AND major = ?1 AND minor = ?4";
constexpr auto select_groups =
    "SELECT major, minor / 64 FROM row WHERE kind = 3 "
    "UNION SELECT major, minor FROM row WHERE kind = 255";

std::int64_t column(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::string text(broker::Key key) {
    return std::to_string(key.major) + '/' + std::to_string(key.minor);
}

}  // namespace

RowName sum_over(broker::Key block) {
    return {table_of_sums, {block.major, block.minor / blocks_a_sum}};
}

std::string encoded(const RowSum& sum) {
    std::string bytes;
    Encoder(bytes).u64(sum.count).u64(sum.hash);
    return bytes;
}

Result<RowSum> decoded_sum(std::string_view bytes) {
    Decoder in(bytes);
    RowSum sum;
    sum.count = in.u64();
    sum.hash = in.u64();
    if (!in.done()) return fail(Code::corrupt, "a sum over blocks has another length");
    return sum;
}

Result<CheckedBlocks> CheckedBlocks::prepare(store::Database& database,
                                             std::filesystem::path file) {
    auto version = CMQ_TRY(store::Statement::prepare(database, select_version));
    auto select = CMQ_TRY(store::Statement::prepare(database, select_group));
    return CheckedBlocks(std::move(version), std::move(select), std::move(file));
}

Result<std::string> CheckedBlocks::read(broker::Key block) {
    const auto now = CMQ_TRY(version());
    const auto sum = sum_over(block).key;
    if (loaded_ != sum || loaded_version_ != now) {
        loaded_.reset();
        CMQ_TRY(load(sum));
        loaded_ = sum;
        loaded_version_ = now;  // asked before the rows were read: at worst they are read again
    }
    const auto found = values_.find(block.minor);
    if (found == values_.end()) return corrupt("the block " + text(block) + " is missing");
    return found->second;
}

Status CheckedBlocks::verify(store::Database& database) {
    auto groups = CMQ_TRY(store::Statement::prepare(database, select_groups));
    loaded_.reset();
    while (CMQ_TRY(groups.step()))
        CMQ_TRY(load({static_cast<std::uint64_t>(groups.number(0)),
                      static_cast<std::uint64_t>(groups.number(1))}));
    return {};
}

Result<std::int64_t> CheckedBlocks::version() {
    (void)CMQ_TRY(version_.step());
    const auto number = version_.number(0);
    version_.reset();
    return number;
}

Status CheckedBlocks::load(broker::Key sum) {
    values_.clear();
    RowSum expected;
    const auto found = read_rows(sum, expected);
    select_.reset();
    if (!found) return tl::unexpected(found.error());
    if (*found == expected) return {};
    const auto first = sum.minor * blocks_a_sum;
    return corrupt("of the blocks " + text({sum.major, first}) + " to " +
                   text({sum.major, first + blocks_a_sum - 1}) + " there are " +
                   std::to_string(found->count) + ", which are not the " +
                   std::to_string(expected.count) + " that were written");
}

Result<RowSum> CheckedBlocks::read_rows(broker::Key sum, RowSum& expected) {
    const auto first = sum.minor * blocks_a_sum;
    select_.bind(1, column(sum.major)).bind(2, column(first));
    select_.bind(3, column(first + blocks_a_sum - 1)).bind(4, column(sum.minor));
    RowSum found;
    while (CMQ_TRY(select_.step())) {
        const auto stored = select_.bytes(2);
        const RowName name{static_cast<broker::Table>(select_.number(0)),
                           {sum.major, static_cast<std::uint64_t>(select_.number(1))}};
        auto value = CMQ_TRY(unsealed(name, stored, file_));
        if (name.table == table_of_sums) {
            expected = CMQ_TRY(decoded_sum(value));
        } else {
            found.add(name, stored);
            values_.emplace(name.key.minor, std::move(value));
        }
    }
    return found;
}

tl::unexpected<Error> CheckedBlocks::corrupt(const std::string& what) const {
    return fail(Code::corrupt, file_.string() + ": " + what);
}

}  // namespace cmq::shard
