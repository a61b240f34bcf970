// log/rows.h: the one table of segments and body files.
//
//     CREATE TABLE row(number INTEGER PRIMARY KEY, kind, toc, body)
//
// toc stands before body, so that it can be read without it.
#pragma once

#include <functional>
#include <optional>

#include "log/format.h"
#include "store/database.h"
#include "store/files.h"

namespace cmq::log {

/// The views are valid during the call that they are given to.
struct Row {
    std::uint64_t number = 0;
    RowKind kind = RowKind::commit;
    std::string_view toc, body;
};

class Rows {
public:
    /// A segment whose WAL lies beside it; nobody else has it open. Each append is one transaction
    /// and durable when it returns. errors  busy.
    static Result<Rows> open_segment(store::Files& files, const std::filesystem::path& path);
    /// A finished body file.
    static Result<Rows> open_body(store::Files& files, const std::filesystem::path& path);
    /// A body file to be filled, in transactions. A failed one leaves a useless file.
    static Result<Rows> make_body(store::Files& files, const std::filesystem::path& path);
    /// A database that store::image_of gave.
    static Result<Rows> of_image(std::string_view image, std::string name);

    Status append(const Row& row);
    Result<store::Transaction> begin() { return store::Transaction::begin(database_); }

    /// Rows in order; body is empty unless it is asked for.
    enum class Want { toc, toc_and_body };
    Status each(Want want, const std::function<Status(const Row&)>& take);
    struct Head {
        std::uint64_t number = 0;
        RowKind kind = RowKind::commit;
        std::string toc;
    };
    Result<std::optional<Head>> first();
    Result<std::optional<Head>> last();
    Result<std::string> body(std::uint64_t row);
    Result<std::string> slice(const Located& entry);

    /// The entry, checked. errors  corrupt, with the file; io.
    Result<raft::Entry> entry(std::uint64_t segment, raft::Group group, const Located& located);
    /// Planted: whatever lies there.
    Result<raft::Entry> unchecked(const Located& located);

    std::uint64_t wal_frames() const { return database_.wal_frames(); }
    const std::string& name() const { return name_; }  // of the file, for messages

private:
    Rows(store::Database database, std::string name)
        : database_(std::move(database)), name_(std::move(name)) {}

    Result<store::Statement> prepare(std::string_view sql);
    Result<std::optional<Head>> head(std::string_view sql);

    store::Database database_;
    std::string name_;
    std::optional<store::Statement> insert_;
};

/// The bytes of a `N.seg`: the empty table, in WAL mode.
Result<std::string> blank_segment();

/// `error` with the name of the file in front.
Error in_file(const std::string& name, Error error);

}  // namespace cmq::log
