#include "log/rows.h"

namespace cmq::log {
namespace {

constexpr auto create_table =
    "CREATE TABLE row(number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, toc BLOB NOT NULL, "
    "body BLOB NOT NULL)";
constexpr auto insert_row = "INSERT INTO row(number, kind, toc, body) VALUES (?, ?, ?, ?)";

/// Before the first access: the lock is then held for good and the WAL's index stays in the heap.
constexpr auto exclusive = "PRAGMA locking_mode=EXCLUSIVE";

std::string page_size() { return "PRAGMA page_size=" + std::to_string(page_bytes); }

/// The statements are right and the table is always there: what SQLite does not understand then
/// is a damaged file.
Error as_damage(const std::string& name, Error error) {
    if (error.code == Code::internal) error.code = Code::corrupt;
    return in_file(name, std::move(error));
}

Status run(store::Database& database, const std::filesystem::path& path, const std::string& sql) {
    const auto done = database.run(sql);
    if (!done) return tl::unexpected(as_damage(path.string(), done.error()));
    return {};
}

}  // namespace

Error in_file(const std::string& name, Error error) {
    if (error.message.find(name) == std::string::npos) error.message = name + ": " + error.message;
    return error;
}

/// A commit is written once and not read again here: a small cache, never written out before the
/// transaction ends, so that each page goes to the WAL once.
Result<Rows> Rows::open_segment(store::Files& files, const std::filesystem::path& path) {
    auto database = CMQ_TRY(store::Database::open(path, files.vfs(), store::Access::read_write));
    CMQ_TRY(database.keep_wal_on_close());
    CMQ_TRY(run(database, path, exclusive));
    constexpr auto settings =
        "PRAGMA synchronous=FULL; PRAGMA cache_spill=OFF; PRAGMA cache_size=-1024";
    CMQ_TRY(run(database, path, settings));
    return Rows(std::move(database), path.string());
}

Result<Rows> Rows::open_body(store::Files& files, const std::filesystem::path& path) {
    auto database = CMQ_TRY(store::Database::open(path, files.vfs(), store::Access::immutable));
    return Rows(std::move(database), path.string());
}

/// Each transaction is synced, so that the last sync has little left to do.
Result<Rows> Rows::make_body(store::Files& files, const std::filesystem::path& path) {
    auto database = CMQ_TRY(store::Database::open(path, files.vfs(), store::Access::create));
    CMQ_TRY(database.run(exclusive));
    CMQ_TRY(database.run(page_size()));
    constexpr auto settings =
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL; PRAGMA cache_size=-1024";
    CMQ_TRY(database.run(settings));
    CMQ_TRY(database.run(create_table));
    return Rows(std::move(database), path.string());
}

Result<Rows> Rows::of_image(std::string_view image, std::string name) {
    auto database = CMQ_TRY(store::Database::of_image(image));
    return Rows(std::move(database), std::move(name));
}

Status Rows::append(const Row& row) {
    if (!insert_) insert_ = CMQ_TRY(prepare(insert_row));
    const auto done = insert_->bind(1, static_cast<std::int64_t>(row.number))
                          .bind(2, static_cast<std::int64_t>(row.kind))
                          .bind_bytes(3, row.toc)
                          .bind_bytes(4, row.body)
                          .run();
    if (!done) return tl::unexpected(in_file(name_, done.error()));
    return {};
}

Status Rows::each(Want want, const std::function<Status(const Row&)>& take) {
    const bool bodies = want == Want::toc_and_body;
    auto select = CMQ_TRY(prepare(bodies ? "SELECT number, kind, toc, body FROM row ORDER BY number"
                                         : "SELECT number, kind, toc FROM row ORDER BY number"));
    while (CMQ_TRY(select.step())) {
        const Row row{static_cast<std::uint64_t>(select.number(0)),
                      static_cast<RowKind>(select.number(1)), select.bytes(2),
                      bodies ? select.bytes(3) : std::string_view()};
        const auto taken = take(row);
        if (!taken) return tl::unexpected(in_file(name_, taken.error()));
    }
    return {};
}

Result<store::Statement> Rows::prepare(std::string_view sql) {
    auto statement = store::Statement::prepare(database_, sql);
    if (!statement) return tl::unexpected(as_damage(name_, statement.error()));
    return statement;
}

Result<std::optional<Rows::Head>> Rows::head(std::string_view sql) {
    auto select = CMQ_TRY(prepare(sql));
    if (!CMQ_TRY(select.step())) return std::optional<Head>();
    return std::optional<Head>({static_cast<std::uint64_t>(select.number(0)),
                                static_cast<RowKind>(select.number(1)),
                                std::string(select.bytes(2))});
}

Result<std::optional<Rows::Head>> Rows::first() {
    return head("SELECT number, kind, toc FROM row ORDER BY number LIMIT 1");
}

Result<std::optional<Rows::Head>> Rows::last() {
    return head("SELECT number, kind, toc FROM row ORDER BY number DESC LIMIT 1");
}

Result<std::string> Rows::body(std::uint64_t row) {
    auto select = CMQ_TRY(prepare("SELECT body FROM row WHERE number = ?"));
    select.bind(1, static_cast<std::int64_t>(row));
    if (!CMQ_TRY(select.step()))
        return fail(Code::corrupt, name_ + ": row " + std::to_string(row) + " is missing");
    return std::string(select.bytes(0));
}

Result<std::string> Rows::slice(const Located& entry) {
    auto bytes = database_.read_blob("row", "body", static_cast<std::int64_t>(entry.row),
                                     entry.offset, static_cast<std::size_t>(entry.length));
    if (!bytes) return tl::unexpected(in_file(name_, bytes.error()));
    return bytes;
}

Result<raft::Entry> Rows::entry(std::uint64_t segment, raft::Group group, const Located& located) {
    auto payload = CMQ_TRY(slice(located));
    auto entry = entry_of(segment, group, located, std::move(payload));
    if (!entry) return tl::unexpected(in_file(name_, entry.error()));
    return entry;
}

Result<raft::Entry> Rows::unchecked(const Located& located) {
    auto payload = CMQ_TRY(slice(located));
    return raft::Entry{located.index, located.term, located.kind, located.chain,
                       make_blob(std::move(payload))};
}

/// Bytes 18 and 19 say how the file is written and read; 2 is WAL. Source: sqlite.org/fileformat2.
Result<std::string> blank_segment() {
    auto database = CMQ_TRY(store::Database::in_memory());
    CMQ_TRY(database.run(page_size()));
    CMQ_TRY(database.run(create_table));
    auto image = CMQ_TRY(database.image());
    image[18] = image[19] = 2;
    return image;
}

}  // namespace cmq::log
