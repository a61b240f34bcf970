#include "store/database.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"

namespace cmq::store {
namespace {

bool is_out_of_files(int error_number) { return error_number == EMFILE || error_number == ENFILE; }
bool is_out_of_room(int error_number) {
    return error_number == ENOSPC || error_number == EDQUOT || is_out_of_files(error_number);
}

/// Or it is the file's own header that forbids it: a turned bit there.
bool may_be_written(sqlite3* handle) {
    const char* name = sqlite3_db_filename(handle, "main");
    return !name || ::access(name, W_OK) == 0 || (errno != EACCES && errno != EROFS);
}

/// A file that cannot be made, and an index of a WAL that cannot grow, have codes of their own.
Code code_of(sqlite3* handle, int result) {
    if (result == SQLITE_IOERR_SHMSIZE) return Code::disk_full;
    switch (result & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        // The program's words never change: where they do not fit, those of the file did, that say
        // what its tables are like.
        case SQLITE_ERROR:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
            return Code::corrupt;
        case SQLITE_FULL:
            return Code::disk_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Code::busy;
        case SQLITE_CANTOPEN:
            return is_out_of_room(sqlite3_system_errno(handle)) ? Code::disk_full : Code::io;
        case SQLITE_IOERR:
        case SQLITE_PERM:
            return Code::io;
        case SQLITE_READONLY:
            return may_be_written(handle) ? Code::corrupt : Code::io;
        default:
            return Code::internal;
    }
}

tl::unexpected<Error> failure(sqlite3* handle, int result, std::string_view what) {
    const char* name = sqlite3_db_filename(handle, "main");
    std::string message = name && *name ? name : "memory";
    message += ": ";
    message += what;
    message += ": ";
    const auto code = code_of(handle, result);
    const bool files =
        (result & 0xff) == SQLITE_CANTOPEN && is_out_of_files(sqlite3_system_errno(handle));
    message += files                     ? "too many open files"
               : code == Code::disk_full ? "no room on the disk"
                                         : sqlite3_errmsg(handle);
    message += " (SQLite " + std::to_string(sqlite3_extended_errcode(handle)) + ")";
    return fail(code, std::move(message));
}

/// As a URI, so that `immutable` can be asked for: everything but plain characters is escaped.
std::string uri_of(const std::filesystem::path& path, std::string_view query) {
    constexpr auto digits = "0123456789ABCDEF";
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    std::string uri = "file:";
    for (const char c : path.string()) {
        if (plain.find(c) != plain.npos) {
            uri += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        uri += '%';
        uri += digits[byte >> 4];
        uri += digits[byte & 15];
    }
    uri += query;
    return uri;
}

int note_wal_frames(void* frames, sqlite3*, const char*, int count) {
    *static_cast<std::uint64_t*>(frames) = static_cast<std::uint64_t>(count);
    return SQLITE_OK;
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

/// The hook also takes the place of SQLite's automatic checkpoint: there is none unless asked for.
Database::Database(sqlite3* handle)
    : wal_frames_(std::make_unique<std::uint64_t>(0)), handle_(handle) {
    sqlite3_wal_hook(handle, note_wal_frames, wal_frames_.get());
}

Result<Database> Database::open_name(const std::string& name, int flags, const char* vfs) {
    sqlite3* handle = nullptr;
    const int result = sqlite3_open_v2(name.c_str(), &handle,
                                       flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
    if (!handle) return fail(Code::internal, name + ": no memory for a database connection");
    Database database(handle);
    if (result != SQLITE_OK) {
        auto error = failure(handle, result, "open");
        if (error.value().message.rfind("memory", 0) == 0)
            error.value().message = name + ": " + error.value().message;
        return error;
    }
    return database;
}

Result<Database> Database::open(const std::filesystem::path& path, const char* vfs, Access access) {
    const auto plain = uri_of(path, "");
    switch (access) {
        case Access::read_write:
            return open_name(plain, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, vfs);
        case Access::create:
            return open_name(plain, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
                             vfs);
        case Access::read_only:
            return open_name(plain, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, vfs);
        case Access::immutable:
            return open_name(uri_of(path, "?immutable=1"), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                             vfs);
    }
    return fail(Code::internal, "an access that does not exist");
}

Result<Database> Database::in_memory() {
    return open_name(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
}

Result<Database> Database::of_image(std::string_view image) {
    auto database = CMQ_TRY(in_memory());
    auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
    if (!copy) return fail(Code::internal, "no memory for a database image");
    image.copy(reinterpret_cast<char*>(copy), image.size());
    const auto size = static_cast<sqlite3_int64>(image.size());
    const int result =
        sqlite3_deserialize(database.handle(), "main", copy, size, size,
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
    if (result != SQLITE_OK) return failure(database.handle(), result, "read an image");
    return database;
}

Status Database::run(const std::string& sql) {
    const int result = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return failure(handle(), result, sql);
    return {};
}

Result<std::int64_t> Database::number(std::string_view sql) {
    auto statement = CMQ_TRY(Statement::prepare(*this, sql));
    if (!CMQ_TRY(statement.step())) return fail(Code::internal, std::string(sql) + ": no row");
    return statement.number(0);
}

Result<bool> Database::checkpoint(Checkpoint how) {
    const bool truncate = how == Checkpoint::truncate;
    auto statement = CMQ_TRY(Statement::prepare(
        *this, truncate ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(PASSIVE)"));
    if (!CMQ_TRY(statement.step())) return fail(Code::internal, "wal_checkpoint: no row");
    const bool blocked = statement.number(0) != 0;
    const auto in_wal = statement.number(1);
    const auto moved = statement.number(2);
    return !blocked && in_wal >= 0 && in_wal == moved;
}

Status Database::keep_wal_on_close() {
    const int result = sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (result != SQLITE_OK) return failure(handle(), result, "no checkpoint on close");
    return {};
}

Result<std::string> Database::read_blob(const char* table, const char* column, std::int64_t row,
                                        std::uint64_t offset, std::size_t count) {
    struct CloseBlob {
        void operator()(sqlite3_blob* open) const { sqlite3_blob_close(open); }
    };
    sqlite3_blob* opened = nullptr;
    const int result = sqlite3_blob_open(handle(), "main", table, column, row, 0, &opened);
    const std::unique_ptr<sqlite3_blob, CloseBlob> blob(opened);
    const auto what = "row " + std::to_string(row);
    if (result == SQLITE_ERROR) {  // no such row
        auto error = failure(handle(), result, what);
        error.value().code = Code::corrupt;
        return error;
    }
    if (result != SQLITE_OK) return failure(handle(), result, what);
    if (offset + count > static_cast<std::uint64_t>(sqlite3_blob_bytes(opened)))
        return failure(handle(), SQLITE_CORRUPT, what + " is too short");
    std::string bytes(count, '\0');
    const int read =
        sqlite3_blob_read(opened, bytes.data(), static_cast<int>(count), static_cast<int>(offset));
    if (read != SQLITE_OK) return failure(handle(), read, what);
    return bytes;
}

Result<std::string> Database::image() {
    struct Free {
        void operator()(unsigned char* bytes) const { sqlite3_free(bytes); }
    };
    sqlite3_int64 size = 0;
    const std::unique_ptr<unsigned char, Free> bytes(sqlite3_serialize(handle(), "main", &size, 0));
    if (!bytes) return fail(Code::internal, "no memory for a database image");
    return std::string(reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size));
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Result<Statement> Statement::prepare(Database& database, std::string_view sql) {
    sqlite3_stmt* handle = nullptr;
    const int result =
        sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (result != SQLITE_OK) return failure(database.handle(), result, sql);
    CMQ_CHECK(handle != nullptr);  // an empty statement is our own mistake
    return Statement(handle);
}

Statement& Statement::bind(int position, std::int64_t number) {
    CMQ_CHECK(sqlite3_bind_int64(handle_.get(), position, number) == SQLITE_OK);
    return *this;
}

Statement& Statement::bind_text(int position, std::string_view text) {
    CMQ_CHECK(sqlite3_bind_text64(handle_.get(), position, text.data(), text.size(),
                                  SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK);
    return *this;
}

/// A null pointer would bind NULL: an empty view may have one.
Statement& Statement::bind_bytes(int position, std::string_view bytes) {
    const char* data = bytes.data() ? bytes.data() : "";
    CMQ_CHECK(sqlite3_bind_blob64(handle_.get(), position, data, bytes.size(), SQLITE_STATIC) ==
              SQLITE_OK);
    return *this;
}

Result<bool> Statement::step() {
    const int result = sqlite3_step(handle_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    auto error = failure(sqlite3_db_handle(handle_.get()), result, sqlite3_sql(handle_.get()));
    sqlite3_reset(handle_.get());
    return error;
}

Status Statement::run() {
    while (CMQ_TRY(step())) continue;
    reset();
    return {};
}

/// Says again what the last step said; that was handled there.
void Statement::reset() { sqlite3_reset(handle_.get()); }

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::bytes(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return data ? std::string_view(data, size) : std::string_view();
}

/// A failed rollback leaves what SQLite has rolled back by itself already.
void Transaction::Rollback::operator()(sqlite3* handle) const {
    if (sqlite3_get_autocommit(handle) == 0)
        sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<Transaction> Transaction::begin(Database& database) {
    CMQ_TRY(database.run("BEGIN IMMEDIATE"));
    return Transaction(database.handle());
}

Status Transaction::commit() && {
    const int result = sqlite3_exec(handle_.get(), "COMMIT", nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return failure(handle_.get(), result, "COMMIT");
    handle_.reset();
    return {};
}

}  // namespace cmq::store
