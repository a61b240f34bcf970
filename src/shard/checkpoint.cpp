#include "shard/checkpoint.h"

#include <map>

#include "base/bytes.h"

namespace cmq::shard {
namespace {

constexpr auto schema =
    "CREATE TABLE IF NOT EXISTS row("
    "  kind INTEGER NOT NULL, major INTEGER NOT NULL, minor INTEGER NOT NULL, value BLOB NOT NULL,"
    "  PRIMARY KEY(kind, major, minor)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS position("
    "  one INTEGER PRIMARY KEY CHECK(one = 1), value BLOB NOT NULL);";
constexpr auto select_row = "SELECT value FROM row WHERE kind = ? AND major = ? AND minor = ?";
constexpr auto select_rows =
    "SELECT major, minor, value FROM row WHERE kind = ? ORDER BY major, minor";
constexpr auto select_all = "SELECT kind, major, minor, value FROM row";
// Of the tables that is_summed() names: all but blocks.
constexpr auto select_summed = "SELECT kind, major, minor, value FROM row WHERE kind <> 3";
constexpr auto put_row = "INSERT OR REPLACE INTO row VALUES(?, ?, ?, ?)";
constexpr auto drop_row = "DELETE FROM row WHERE kind = ? AND major = ? AND minor = ?";
constexpr auto put_position = "INSERT OR REPLACE INTO position VALUES(1, ?)";
constexpr auto select_position = "SELECT value FROM position WHERE one = 1";

// The position's row is no row of the state; its name is only there for its CRC.
constexpr RowName head_name{broker::Table{0}, {}};

std::int64_t column(std::uint64_t value) { return static_cast<std::int64_t>(value); }

void bind(store::Statement& statement, RowName name) {
    statement.reset();
    statement.bind(1, column(static_cast<std::uint64_t>(name.table)));
    statement.bind(2, column(name.key.major)).bind(3, column(name.key.minor));
}

/// An empty one when nothing was written yet.
Result<CheckpointHead> head_of(store::Database& database, const std::filesystem::path& file) {
    auto statement = CMQ_TRY(store::Statement::prepare(database, select_position));
    if (!CMQ_TRY(statement.step())) return CheckpointHead{};
    const auto value = CMQ_TRY(unsealed(head_name, statement.bytes(0), file));
    Decoder in(value);
    CheckpointHead head;
    head.position.index = raft::Index{in.u64()};
    head.position.term = raft::Term{in.u64()};
    head.position.chain = in.u64();
    head.bodies_lack = raft::Index{in.u64()};
    head.sum.count = in.u64();
    head.sum.hash = in.u64();
    head.configuration = CMQ_TRY(raft::decode_configuration(in.text()));
    if (!in.done()) return fail(Code::corrupt, file.string() + ": position: wrong length");
    return head;
}

std::string encoded(const CheckpointHead& head) {
    std::string bytes;
    Encoder(bytes)
        .u64(head.position.index.value)
        .u64(head.position.term.value)
        .u64(head.position.chain)
        .u64(head.bodies_lack.value)
        .u64(head.sum.count)
        .u64(head.sum.hash)
        .text(raft::encode(head.configuration));
    return sealed(head_name, std::move(bytes));
}

}  // namespace

CheckpointReader::CheckpointReader(store::Database database, store::Statement read,
                                   store::Statement scan, CheckedBlocks blocks,
                                   std::filesystem::path file,
                                   std::function<void(const Error&)> fatal)
    : database_(std::move(database)),
      read_(std::move(read)),
      scan_(std::move(scan)),
      blocks_(std::move(blocks)),
      file_(std::move(file)),
      fatal_(std::move(fatal)) {}

Result<std::unique_ptr<CheckpointReader>> CheckpointReader::open(
    store::Files& files, const std::filesystem::path& file,
    std::function<void(const Error&)> fatal) {
    auto database = CMQ_TRY(store::Database::open(file, files.vfs(), store::Access::read_write));
    auto read = CMQ_TRY(store::Statement::prepare(database, select_row));
    auto scan = CMQ_TRY(store::Statement::prepare(database, select_rows));
    auto blocks = CMQ_TRY(CheckedBlocks::prepare(database, file));
    return std::unique_ptr<CheckpointReader>(
        new CheckpointReader(std::move(database), std::move(read), std::move(scan),
                             std::move(blocks), file, std::move(fatal)));
}

Result<std::optional<std::string>> CheckpointReader::find(RowName name) {
    if (name.table == broker::Table::block) return CMQ_TRY(blocks_.read(name.key));
    bind(read_, name);
    if (!CMQ_TRY(read_.step())) return std::nullopt;
    return CMQ_TRY(unsealed(name, read_.bytes(0), file_));
}

std::optional<std::string> CheckpointReader::read(broker::Table table, broker::Key key) {
    auto found = find({table, key});
    read_.reset();
    if (!found) fatal_(found.error());
    return std::move(found).value_or(std::nullopt);
}

std::vector<broker::Row> CheckpointReader::scan(broker::Table table) {
    std::vector<broker::Row> rows;
    const auto done = [&]() -> Status {
        scan_.reset();
        scan_.bind(1, column(static_cast<std::uint64_t>(table)));
        while (CMQ_TRY(scan_.step())) {
            const broker::Key key{static_cast<std::uint64_t>(scan_.number(0)),
                                  static_cast<std::uint64_t>(scan_.number(1))};
            auto value = CMQ_TRY(unsealed({table, key}, scan_.bytes(2), file_));
            rows.push_back({table, key, std::move(value)});
        }
        return {};
    }();
    scan_.reset();
    if (!done) fatal_(done.error());
    return rows;
}

Result<CheckpointHead> CheckpointReader::head() { return head_of(database_, file_); }

Result<RowSum> CheckpointReader::sum() {
    auto rows = CMQ_TRY(store::Statement::prepare(database_, select_summed));
    RowSum sum;
    while (CMQ_TRY(rows.step())) {
        const broker::Key key{static_cast<std::uint64_t>(rows.number(1)),
                              static_cast<std::uint64_t>(rows.number(2))};
        sum.add({static_cast<broker::Table>(rows.number(0)), key}, rows.bytes(3));
    }
    return sum;
}

Status CheckpointReader::check_whole(const broker::State& state) {
    const auto expected = CMQ_TRY(head());
    const auto found = CMQ_TRY(sum());
    if (found != expected.sum)
        return fail(Code::corrupt, file_.string() + ": " + std::to_string(found.count) +
                                       " rows beside blocks, which are not the " +
                                       std::to_string(expected.sum.count) + " that were written");
    // Entries that are no commands, such as a leader's first, move only the position.
    if (state.applied() > expected.position.index)
        return fail(Code::corrupt,
                    file_.string() + ": state and position are of different flushes");
    return {};
}

Result<std::uint64_t> CheckpointReader::verify() {
    auto integrity = CMQ_TRY(store::Statement::prepare(database_, "PRAGMA integrity_check"));
    if (!CMQ_TRY(integrity.step()) || integrity.bytes(0) != "ok")
        return fail(Code::corrupt, file_.string() + ": " + std::string(integrity.bytes(0)));
    auto rows = CMQ_TRY(store::Statement::prepare(database_, select_all));
    std::uint64_t count = 0;
    for (; CMQ_TRY(rows.step()); ++count) {
        const broker::Key key{static_cast<std::uint64_t>(rows.number(1)),
                              static_cast<std::uint64_t>(rows.number(2))};
        const RowName name{static_cast<broker::Table>(rows.number(0)), key};
        (void)CMQ_TRY(unsealed(name, rows.bytes(3), file_));
    }
    if (CMQ_TRY(sum()) != CMQ_TRY(head()).sum)
        return fail(Code::corrupt, file_.string() + ": rows are missing, or older than others");
    CMQ_TRY(blocks_.verify(database_));
    return count;
}

namespace {

/// What a failed fsync of an earlier process left in the page cache is not on the disk, and a
/// second fsync would not write it: recovery must read the disk itself (the same as D3a for the
/// log).
Status read_from_disk(store::Files& files, const std::filesystem::path& file) {
    if (!CMQ_TRY(files.exists(file))) return {};
    const auto open = CMQ_TRY(files.open(file, store::Open::existing));
    CMQ_TRY(open->sync());
    return open->drop_cache();
}

}  // namespace

Result<CheckpointWriter> CheckpointWriter::open(store::Files& files,
                                                const std::filesystem::path& file) {
    CMQ_TRY(read_from_disk(files, file));
    CMQ_TRY(read_from_disk(files, file.string() + "-wal"));
    auto database = CMQ_TRY(store::Database::open(file, files.vfs(), store::Access::create));
    CMQ_TRY(
        database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                     "PRAGMA wal_autocheckpoint=0; PRAGMA secure_delete=OFF;"));
    CMQ_TRY(database.run(schema));
    auto find = CMQ_TRY(store::Statement::prepare(database, select_row));
    auto put = CMQ_TRY(store::Statement::prepare(database, put_row));
    auto drop = CMQ_TRY(store::Statement::prepare(database, drop_row));
    auto move = CMQ_TRY(store::Statement::prepare(database, put_position));
    Statements statements{std::move(find), std::move(put), std::move(drop), std::move(move)};
    const auto reader = CMQ_TRY(CheckpointReader::open(files, file, {}));
    const auto sum = CMQ_TRY(reader->head()).sum;
    return CheckpointWriter(std::move(database), std::move(statements), file, sum);
}

/// Takes the row as it is on disk out of `sum`.
Status CheckpointWriter::forget(RowName name, RowSum& sum) {
    auto& find = statements_.find;
    bind(find, name);
    if (CMQ_TRY(find.step())) sum.subtract(name, find.bytes(0));
    find.reset();
    return {};
}

/// `sum` is over the rows that this one is put among, or taken from.
Status CheckpointWriter::replace(const broker::Row& row, RowSum& sum) {
    const RowName name{row.table, row.key};
    CMQ_TRY(forget(name, sum));
    auto& statement = row.value ? statements_.put : statements_.drop;
    bind(statement, name);
    const auto value = row.value ? sealed(name, *row.value) : std::string();
    if (row.value) {
        statement.bind_bytes(4, value);
        sum.add(name, value);
    }
    return statement.run();
}

/// Of no rows when there is none.
Result<RowSum> CheckpointWriter::sum_on_disk(RowName name) {
    auto& find = statements_.find;
    bind(find, name);
    if (!CMQ_TRY(find.step())) return RowSum{};
    const auto bytes = CMQ_TRY(unsealed(name, find.bytes(0), file_));
    find.reset();
    return decoded_sum(bytes);
}

/// Gives the sum over all rows but blocks, which have sums of their own.
Result<RowSum> CheckpointWriter::write_rows(const FlushJob& job) {
    auto sum = sum_;
    std::map<broker::Key, RowSum> of_blocks;
    for (const auto& row : job.rows) {
        if (is_summed(row.table)) {
            CMQ_TRY(replace(row, sum));
            continue;
        }
        const auto over = sum_over(row.key);
        const auto [at, is_new] = of_blocks.try_emplace(over.key);
        if (is_new) at->second = CMQ_TRY(sum_on_disk(over));
        CMQ_TRY(replace(row, at->second));
    }
    for (const auto& [key, blocks] : of_blocks) {
        broker::Row row{sum_over({}).table, key, {}};
        if (blocks.count > 0) row.value = encoded(blocks);
        CMQ_TRY(replace(row, sum));
    }
    return sum;
}

Status CheckpointWriter::write_head(const CheckpointHead& head) {
    const auto bytes = encoded(head);
    statements_.move.reset();
    statements_.move.bind_bytes(1, bytes);
    return statements_.move.run();
}

Status CheckpointWriter::write(const FlushJob& job) {
    if (!unsettled_) CMQ_TRY(commit(job));
    unsettled_ = true;
    CMQ_TRY(settle());
    unsettled_ = false;
    return {};
}

Status CheckpointWriter::commit(const FlushJob& job) {
    auto transaction = CMQ_TRY(store::Transaction::begin(database_));
    const auto sum = CMQ_TRY(write_rows(job));
    CMQ_TRY(write_head({job.position, job.configuration, job.bodies_lack, sum}));
    CMQ_TRY(std::move(transaction).commit());
    sum_ = sum;
    return {};
}

/// A reader may stand in the way, for the length of one look-up.
Status CheckpointWriter::settle() {
    while (!CMQ_TRY(database_.checkpoint(store::Checkpoint::truncate))) continue;
    return {};
}

Result<CheckpointHead> CheckpointWriter::head() { return head_of(database_, file_); }

Status CheckpointWriter::copy_to(const std::filesystem::path& file) {
    auto copy = CMQ_TRY(store::Statement::prepare(database_, "VACUUM INTO ?"));
    return copy.bind_text(1, file.string()).run();
}

Status CheckpointWriter::lack_bodies(raft::Index index) {
    auto head = CMQ_TRY(this->head());
    head.bodies_lack = index;
    CMQ_TRY(write_head(head));
    return settle();
}

}  // namespace cmq::shard
