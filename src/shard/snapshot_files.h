// shard/snapshot_files.h: whole states on their way between nodes, as files beside the checkpoint.
//
//     state/to-3.db          a copy of the checkpoint, while it is sent to node 3
//     state/incoming.part    what has come of one
//     state/incoming.db      all of it, checked and durable; waits until the log begins at its base
//
// Belongs to the thread that writes the checkpoint. What is lost here is asked for again, so only
// `incoming.db` is ever synced.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "shard/checkpoint.h"
#include "shard/jobs.h"
#include "store/files.h"

namespace cmq::shard {

struct SnapshotOptions {
    std::size_t chunk_bytes = snapshot_chunk_bytes;
    bool rows_unchecked = false;  // planted: what came is taken as it is
    bool whole_dropped = false;   // planted: what came whole is dropped for what is sent again
};

class SnapshotFiles {
public:
    /// States of versions up to `newest` are taken in.
    SnapshotFiles(store::Files& files, std::filesystem::path state_folder,
                  broker::FormatVersion newest = broker::newest_format(),
                  SnapshotOptions options = {})
        : files_(files), folder_(std::move(state_folder)), newest_(newest), options_(options) {}

    /// Does what `job` says; what the core hears of it, if anything. A copy that arrived damaged
    /// and a full disk are told to who asked. errors  those that end the process: io, corrupt;
    /// exists: a state came that is of a newer version.
    using Outcome = Result<std::optional<Event>>;
    Outcome run(SnapshotJob job, CheckpointWriter& checkpoint);

private:
    Outcome on(const CopyState& job, CheckpointWriter& checkpoint);
    Outcome on(const ReadCopy& job, CheckpointWriter&);
    Outcome on(const DropCopy& job, CheckpointWriter&);
    Outcome on(TakeChunk& job, CheckpointWriter&);
    Outcome on(const DropIncoming&, CheckpointWriter&);

    /// Copies the checkpoint. errors  disk_full: nothing is left behind; io.
    Result<SnapshotCopy> make(raft::NodeId to, CheckpointWriter& checkpoint);
    Result<std::string> read(raft::NodeId to, std::uint64_t offset);

    /// The offset that is wanted next: behind the chunk, or elsewhere when it was not its turn. At
    /// the chunk's size all of it is in `incoming.db`.
    /// errors  corrupt: what came is not what was sent; disk_full, io.
    Result<std::uint64_t> take(raft::NodeId from, const SnapshotChunk& chunk);
    Status drop_incoming();

    struct Incoming {
        raft::NodeId from;
        raft::Base base;
        std::uint64_t size = 0;
        std::uint64_t next = 0;
        std::unique_ptr<store::File> file;
    };
    bool goes_on(raft::NodeId from, const SnapshotChunk& chunk) const;
    Status begin(raft::NodeId from, const SnapshotChunk& chunk);
    Status finish();
    std::filesystem::path copy_for(raft::NodeId to) const;
    Status remove(const std::filesystem::path& file);

    store::Files& files_;
    const std::filesystem::path folder_;
    const broker::FormatVersion newest_;
    const SnapshotOptions options_;
    std::optional<Incoming> incoming_;
};

inline std::filesystem::path incoming_snapshot(const std::filesystem::path& state_folder) {
    return state_folder / "incoming.db";
}

/// Removes what an earlier process was busy with.
Status remove_snapshots(store::Files& files, const std::filesystem::path& state_folder);

}  // namespace cmq::shard
