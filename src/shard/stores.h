// shard/stores.h: what a shard finds on disk when it starts: the state's checkpoint, and the log
// beyond it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "broker/state.h"
#include "log/archive.h"
#include "log/log.h"
#include "raft/core.h"
#include "shard/checkpoint.h"
#include "shard/core.h"
#include "store/files.h"

namespace cmq::shard {

struct Stores {
    std::unique_ptr<CheckpointReader> reader;
    std::unique_ptr<CheckpointWriter> checkpoint;
    std::unique_ptr<broker::State> state;  // as of the checkpoint
    std::unique_ptr<log::Archive> archive;
    std::unique_ptr<log::Log> log;
    Core::Found found;
    raft::Start start;  // with the entries beyond the checkpoint

    /// Gives `core` the entries that it cannot read back because their segment is being written.
    Status remember_active(Core& core);
};

/// `directory` holds log/ and state/; `log_options.directory` is set here. `first` is in force
/// until the log says otherwise: who founds a cluster votes alone, who joins waits to be told.
/// `fatal` is for reads that fail later. errors  corrupt: damage, or a state that is ahead of its
/// log; exists: of a version above `options.newest`; busy, io, disk_full.
Result<Stores> open_stores(store::Files& files, const std::filesystem::path& directory,
                           raft::NodeId self, raft::Configuration first, log::Options log_options,
                           std::function<void(const Error&)> fatal, broker::Options options = {});

/// A checkpoint is written only after its entries were on disk: behind the log's end it is damage.
/// `log_end`: nothing, when there is no log. errors  corrupt: so it is.
Status check_order(const Position& position, std::optional<raft::Index> log_end,
                   const std::filesystem::path& log);

// What the keeper does for the core, in sealed files.

/// One bounded piece of tidying; as log::Archive::tidy_up.
Result<bool> tidy_up(log::Archive& archive, const Tidy& tidy);
/// Entries for a follower, as far as they are not in the segment that is being written.
Result<raft::Loaded> read_range(log::Archive& archive, const ReadRange& range);
/// Which entries are in none of them.
Result<MissingFound> find_missing(log::Archive& archive, const FindMissing& wanted);
/// What another node wants, as far as bodies_bytes_max. errors  corrupt: ours is damaged; io.
Result<BodiesFound> read_bodies(log::Archive& archive, const ReadBodies& wanted);
/// Sends it. What is damaged here, if it was that.
std::optional<Damaged> answer(log::Archive& archive, const ReadBodies& wanted);

}  // namespace cmq::shard
