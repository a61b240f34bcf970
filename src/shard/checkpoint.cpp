#include "shard/checkpoint.h"

#include "base/bytes.h"
#include "base/hash.h"

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
constexpr auto put_row = "INSERT OR REPLACE INTO row VALUES(?, ?, ?, ?)";
constexpr auto drop_row = "DELETE FROM row WHERE kind = ? AND major = ? AND minor = ?";
constexpr auto put_position = "INSERT OR REPLACE INTO position VALUES(1, ?)";
constexpr auto select_position = "SELECT value FROM position WHERE one = 1";

std::string sealed(std::string value) {
    const auto crc = crc32c(value);
    Encoder(value).u32(crc);
    return value;
}

Result<std::string> unsealed(std::string_view stored, const std::filesystem::path& file,
                             std::string_view what) {
    if (stored.size() >= 4) {
        const auto value = stored.substr(0, stored.size() - 4);
        if (Decoder(stored.substr(value.size())).u32() == crc32c(value)) return std::string(value);
    }
    return fail(Code::corrupt, file.string() + ": " + std::string(what) + ": CRC does not match");
}

std::string name_of_row(broker::Table table, broker::Key key) {
    return "row " + std::to_string(static_cast<int>(table)) + '/' + std::to_string(key.major) +
           '/' + std::to_string(key.minor);
}

std::int64_t column(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

CheckpointReader::CheckpointReader(store::Database database, store::Statement read,
                                   store::Statement scan, std::filesystem::path file,
                                   std::function<void(const Error&)> fatal)
    : database_(std::move(database)),
      read_(std::move(read)),
      scan_(std::move(scan)),
      file_(std::move(file)),
      fatal_(std::move(fatal)) {}

Result<std::unique_ptr<CheckpointReader>> CheckpointReader::open(
    store::Files& files, const std::filesystem::path& file,
    std::function<void(const Error&)> fatal) {
    auto database = CMQ_TRY(store::Database::open(file, files.vfs(), store::Access::read_write));
    auto read = CMQ_TRY(store::Statement::prepare(database, select_row));
    auto scan = CMQ_TRY(store::Statement::prepare(database, select_rows));
    return std::unique_ptr<CheckpointReader>(new CheckpointReader(
        std::move(database), std::move(read), std::move(scan), file, std::move(fatal)));
}

std::optional<std::string> CheckpointReader::read(broker::Table table, broker::Key key) {
    const auto found = [&]() -> Result<std::optional<std::string>> {
        read_.reset();
        read_.bind(1, column(static_cast<std::uint64_t>(table)));
        read_.bind(2, column(key.major)).bind(3, column(key.minor));
        if (!CMQ_TRY(read_.step())) return std::nullopt;
        auto value = CMQ_TRY(unsealed(read_.bytes(0), file_, name_of_row(table, key)));
        return std::optional(std::move(value));
    }();
    read_.reset();
    if (!found) fatal_(found.error());
    return found.value_or(std::nullopt);
}

std::vector<broker::Row> CheckpointReader::scan(broker::Table table) {
    std::vector<broker::Row> rows;
    const auto done = [&]() -> Status {
        scan_.reset();
        scan_.bind(1, column(static_cast<std::uint64_t>(table)));
        while (CMQ_TRY(scan_.step())) {
            const broker::Key key{static_cast<std::uint64_t>(scan_.number(0)),
                                  static_cast<std::uint64_t>(scan_.number(1))};
            auto value = CMQ_TRY(unsealed(scan_.bytes(2), file_, name_of_row(table, key)));
            rows.push_back({table, key, std::move(value)});
        }
        return {};
    }();
    scan_.reset();
    if (!done) fatal_(done.error());
    return rows;
}

Result<Position> CheckpointReader::position() {
    auto statement = CMQ_TRY(store::Statement::prepare(database_, select_position));
    if (!CMQ_TRY(statement.step())) return Position{};
    const auto value = CMQ_TRY(unsealed(statement.bytes(0), file_, "position"));
    Decoder in(value);
    Position position;
    position.index = raft::Index{in.u64()};
    position.term = raft::Term{in.u64()};
    position.chain = in.u64();
    if (!in.done()) return fail(Code::corrupt, file_.string() + ": position: wrong length");
    return position;
}

Result<std::uint64_t> CheckpointReader::verify() {
    auto integrity = CMQ_TRY(store::Statement::prepare(database_, "PRAGMA integrity_check"));
    if (!CMQ_TRY(integrity.step()) || integrity.bytes(0) != "ok")
        return fail(Code::corrupt, file_.string() + ": " + std::string(integrity.bytes(0)));
    auto rows = CMQ_TRY(store::Statement::prepare(database_, select_all));
    std::uint64_t count = 0;
    for (; CMQ_TRY(rows.step()); ++count) {
        const auto table = static_cast<broker::Table>(rows.number(0));
        const broker::Key key{static_cast<std::uint64_t>(rows.number(1)),
                              static_cast<std::uint64_t>(rows.number(2))};
        (void)CMQ_TRY(unsealed(rows.bytes(3), file_, name_of_row(table, key)));
    }
    (void)CMQ_TRY(position());
    return count;
}

CheckpointWriter::CheckpointWriter(store::Database database, store::Statement put,
                                   store::Statement drop, store::Statement move)
    : database_(std::move(database)),
      put_(std::move(put)),
      drop_(std::move(drop)),
      move_(std::move(move)) {}

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
    auto put = CMQ_TRY(store::Statement::prepare(database, put_row));
    auto drop = CMQ_TRY(store::Statement::prepare(database, drop_row));
    auto move = CMQ_TRY(store::Statement::prepare(database, put_position));
    return CheckpointWriter(std::move(database), std::move(put), std::move(drop), std::move(move));
}

Status CheckpointWriter::write_rows(const FlushJob& job) {
    for (const auto& row : job.rows) {
        auto& statement = row.value ? put_ : drop_;
        statement.reset();
        statement.bind(1, column(static_cast<std::uint64_t>(row.table)));
        statement.bind(2, column(row.key.major)).bind(3, column(row.key.minor));
        const auto value = row.value ? sealed(*row.value) : std::string();
        if (row.value) statement.bind_bytes(4, value);
        CMQ_TRY(statement.run());
    }
    return {};
}

Status CheckpointWriter::write(const FlushJob& job) {
    auto transaction = CMQ_TRY(store::Transaction::begin(database_));
    CMQ_TRY(write_rows(job));
    std::string position;
    Encoder(position)
        .u64(job.position.index.value)
        .u64(job.position.term.value)
        .u64(job.position.chain);
    position = sealed(std::move(position));
    move_.reset();
    move_.bind_bytes(1, position);
    CMQ_TRY(move_.run());
    CMQ_TRY(std::move(transaction).commit());
    // A reader may stand in the way, for the length of one look-up.
    while (!CMQ_TRY(database_.checkpoint(store::Checkpoint::truncate))) continue;
    return {};
}

}  // namespace cmq::shard
