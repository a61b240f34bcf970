// store/database.h: SQLite, owned: a database connection, its statements, a transaction.
//
// Values, not exceptions. A connection and its statements belong to one thread at a time and may be
// moved to another. Codes: corrupt (SQLITE_CORRUPT, NOTADB, ERROR, CONSTRAINT, MISMATCH, READONLY
// of a file that may be written), disk_full (FULL, IOERR_SHMSIZE, CANTOPEN for lack of room), busy
// (BUSY, LOCKED), io (IOERR, CANTOPEN, READONLY), internal (all else); the message names the file.
// A sync that fails is io, whatever the reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cmq::store {

enum class Access {
    read_write,  // the file is there
    create,      // made when it is missing
    read_only,
    immutable,  // nobody changes it: no locks, no journal is looked for. Never beside a live WAL:
                // it would show the rows of the file alone, without an error
};

/// How far a checkpoint goes: what it can without waiting; or all, then the WAL is emptied.
enum class Checkpoint { passive, truncate };

class Database {
public:
    /// `vfs` as in Files::vfs(). Nothing is read yet, so a damaged file is noticed later.
    static Result<Database> open(const std::filesystem::path& path, const char* vfs, Access access);
    static Result<Database> in_memory();
    /// A read-only database of the bytes of a file (rollback mode: bytes 18 and 19 are 1).
    static Result<Database> of_image(std::string_view image);

    /// Runs statements; rows they give are dropped.
    Status run(const std::string& sql);
    /// The first column of the first row. errors  internal: there is no row.
    Result<std::int64_t> number(std::string_view sql);

    /// Moves the WAL into the file. True: all of it, and nobody was in the way; all that was
    /// committed before is durable in the file.
    Result<bool> checkpoint(Checkpoint how);
    /// Closing neither checkpoints nor deletes the WAL.
    Status keep_wal_on_close();

    /// `count` bytes of a blob from `offset`. errors  corrupt: the row or these bytes are missing.
    Result<std::string> read_blob(const char* table, const char* column, std::int64_t row,
                                  std::uint64_t offset, std::size_t count);
    /// The bytes that a file with this content has.
    Result<std::string> image();

    /// Frames in the WAL after the latest commit of this connection; 0 before the first one.
    std::uint64_t wal_frames() const { return *wal_frames_; }

    sqlite3* handle() const { return handle_.get(); }

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Database(sqlite3* handle);
    static Result<Database> open_name(const std::string& name, int flags, const char* vfs);

    std::unique_ptr<std::uint64_t> wal_frames_;  // its address is known to SQLite
    std::unique_ptr<sqlite3, Close> handle_;
};

/// One prepared statement; finalised when it goes out of scope. Must not outlive its database.
class Statement {
public:
    static Result<Statement> prepare(Database& database, std::string_view sql);

    Statement& bind(int position, std::int64_t number);           // positions count from 1
    Statement& bind_text(int position, std::string_view text);    // copies
    Statement& bind_bytes(int position, std::string_view bytes);  // kept by the caller until reset

    Result<bool> step();  // true: a row is ready
    Status run();         // steps to the end, and resets: for what gives no rows
    void reset();         // ready to be bound and stepped again

    std::int64_t number(int column) const;     // columns count from 0
    std::string_view bytes(int column) const;  // of a blob or text; valid until step or reset

private:
    struct Finalize {
        void operator()(sqlite3_stmt* handle) const;
    };
    explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Rolled back when it goes out of scope without commit. Must not outlive its database.
class Transaction {
public:
    /// Takes the write lock at once. errors  busy.
    static Result<Transaction> begin(Database& database);
    Status commit() &&;

private:
    struct Rollback {
        void operator()(sqlite3* handle) const;
    };
    explicit Transaction(sqlite3* handle) : handle_(handle) {}

    std::unique_ptr<sqlite3, Rollback> handle_;
};

}  // namespace cmq::store
