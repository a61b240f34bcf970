// shard/checkpoint.h: the state of a group on disk: rows as of one position in the log (D5).
//
// One transaction a flush, then a complete WAL checkpoint; only then may the log be cut. What the
// disk changed is reported, never served (shard/row_seal.h).
//
// A full disk is met while the WAL, its index or the file grows. A transaction that met it is
// rolled back, its frames in the WAL have no commit and are written over; a checkpoint that met it
// has changed pages that the WAL still holds, and is done again from its beginning. So the disk
// has either the earlier rows or the new ones, and the log is not cut before the call succeeds.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "broker/state.h"
#include "shard/checked_blocks.h"
#include "shard/jobs.h"
#include "shard/row_seal.h"
#include "store/database.h"
#include "store/files.h"

namespace cmq::shard {

/// Where the rows stand, and the sum of those in summed tables.
struct CheckpointHead {
    Position position;
    raft::Configuration configuration;  // in force there
    raft::Index bodies_lack;  // of entries up to here bodies may be missing; 0: none is (D2)
    RowSum sum;
};

/// The reading end. One thread; never blocks on the writing end.
class CheckpointReader final : public broker::Rows {
public:
    static Result<std::unique_ptr<CheckpointReader>> open(store::Files& files,
                                                          const std::filesystem::path& file,
                                                          std::function<void(const Error&)> fatal);

    std::optional<std::string> read(broker::Table table, broker::Key key) override;
    std::vector<broker::Row> scan(broker::Table table) override;

    Result<CheckpointHead> head();

    /// Once `state` was loaded from these rows: it is all that was written, of one flush.
    /// errors  corrupt.
    Status check_whole(const broker::State& state);

    /// Reads everything; gives the number of rows.
    /// errors  corrupt: SQLite's own check fails, or a value is not what was written.
    Result<std::uint64_t> verify();

private:
    CheckpointReader(store::Database database, store::Statement read, store::Statement scan,
                     CheckedBlocks blocks, std::filesystem::path file,
                     std::function<void(const Error&)> fatal);

    Result<std::optional<std::string>> find(RowName name);
    Result<RowSum> sum();

    store::Database database_;
    store::Statement read_;
    store::Statement scan_;
    CheckedBlocks blocks_;
    std::filesystem::path file_;
    std::function<void(const Error&)> fatal_;
};

/// The writing end. One thread.
class CheckpointWriter {
public:
    /// Makes the file when it is missing.
    static Result<CheckpointWriter> open(store::Files& files, const std::filesystem::path& file);

    /// All rows and the position, or nothing; durable when it returns.
    /// errors  disk_full: nothing may rely on it; the same job may be given again. io, corrupt.
    Status write(const FlushJob& job);

    Result<CheckpointHead> head();
    /// A copy of it all as it is now, in a file that is not there yet; not durable.
    Status copy_to(const std::filesystem::path& file);
    /// From now on the head says that bodies of entries up to `index` may be missing.
    Status lack_bodies(raft::Index index);
    /// Everything is in the file itself; durable. Its WAL goes when it is closed.
    Status settle();

private:
    struct Statements {
        store::Statement find, put, drop, move;
    };
    CheckpointWriter(store::Database database, Statements statements, std::filesystem::path file,
                     RowSum sum)
        : database_(std::move(database)),
          statements_(std::move(statements)),
          file_(std::move(file)),
          sum_(sum) {}

    Status commit(const FlushJob& job);
    Result<RowSum> write_rows(const FlushJob& job);
    Result<RowSum> sum_on_disk(RowName name);
    Status replace(const broker::Row& row, RowSum& sum);
    Status forget(RowName name, RowSum& sum);
    Status write_head(const CheckpointHead& head);

    store::Database database_;
    Statements statements_;
    std::filesystem::path file_;
    RowSum sum_;              // of what is on disk
    bool unsettled_ = false;  // the last job is committed, but not in the file itself
};

}  // namespace cmq::shard
