#include "shard/snapshot_files.h"

namespace cmq::shard {
namespace {

std::filesystem::path incoming_part(const std::filesystem::path& folder) {
    return folder / "incoming.part";
}

bool is_snapshot(std::string_view name) {
    return name.starts_with("incoming.") || name.starts_with("to-");
}

/// Room is made by others; a state that arrived damaged is sent again.
bool ends_process(const Error& error, bool of_others = false) {
    const bool passes = error.code == Code::disk_full;
    return !passes && !(of_others && error.code == Code::corrupt);
}

tl::unexpected<Error> damaged(const std::filesystem::path& file, const std::string& what) {
    return fail(Code::corrupt, file.string() + ": " + what);
}

}  // namespace

SnapshotFiles::Outcome SnapshotFiles::run(SnapshotJob job, CheckpointWriter& checkpoint) {
    const auto run = [&](auto& kind) { return on(kind, checkpoint); };
    return std::visit(run, job);
}

SnapshotFiles::Outcome SnapshotFiles::on(const CopyState& job, CheckpointWriter& checkpoint) {
    auto copy = make(job.to, checkpoint);
    if (!copy && ends_process(copy.error())) return tl::unexpected(copy.error());
    return Copied{job.to, std::move(copy)};
}

SnapshotFiles::Outcome SnapshotFiles::on(const ReadCopy& job, CheckpointWriter&) {
    auto bytes = read(job.to, job.offset);
    if (bytes) return CopyRead{job.to, job.offset, *std::move(bytes)};
    if (ends_process(bytes.error())) return tl::unexpected(bytes.error());
    return Copied{job.to, tl::unexpected(bytes.error())};  // sent later, from its beginning
}

SnapshotFiles::Outcome SnapshotFiles::on(const DropCopy& job, CheckpointWriter&) {
    CMQ_TRY(remove(copy_for(job.to)));
    return std::nullopt;
}

SnapshotFiles::Outcome SnapshotFiles::on(TakeChunk& job, CheckpointWriter&) {
    if (!options_.whole_dropped && CMQ_TRY(files_.exists(incoming_snapshot(folder_)))) {
        job.reply(fail(Code::unavailable, "a snapshot is being taken in already"));
        return std::nullopt;
    }
    const auto next = take(job.from, job.chunk);
    if (!next && ends_process(next.error(), true)) return tl::unexpected(next.error());
    if (!next && next.error().code == Code::disk_full) CMQ_TRY(drop_incoming());  // in the way
    if (next && *next == job.chunk.size)
        return SnapshotCame{job.from, job.chunk.term, job.chunk.base, std::move(job.reply)};
    if (next) {
        job.reply(ChunkTaken{*next});
    } else {
        job.reply(tl::unexpected(next.error()));
    }
    return std::nullopt;
}

SnapshotFiles::Outcome SnapshotFiles::on(const DropIncoming&, CheckpointWriter&) {
    CMQ_TRY(drop_incoming());
    return std::nullopt;
}

std::filesystem::path SnapshotFiles::copy_for(raft::NodeId to) const {
    return folder_ / ("to-" + std::to_string(to.value) + ".db");
}

Status SnapshotFiles::remove(const std::filesystem::path& file) {
    if (!CMQ_TRY(files_.exists(file))) return {};
    return files_.remove(file);
}

Result<SnapshotCopy> SnapshotFiles::make(raft::NodeId to, CheckpointWriter& checkpoint) {
    const auto file = copy_for(to);
    CMQ_TRY(remove(file));
    if (const auto copied = checkpoint.copy_to(file); !copied) {
        CMQ_TRY(remove(file));
        return tl::unexpected(copied.error());
    }
    const auto head = CMQ_TRY(checkpoint.head());
    const auto& [index, term, chain] = head.position;
    const auto copy = CMQ_TRY(files_.open(file, store::Open::existing));
    const auto size = CMQ_TRY(copy->size());
    return SnapshotCopy{raft::Base{index, term, chain, head.configuration}, size};
}

Result<std::string> SnapshotFiles::read(raft::NodeId to, std::uint64_t offset) {
    const auto file = CMQ_TRY(files_.open(copy_for(to), store::Open::existing));
    return file->read(offset, options_.chunk_bytes);
}

bool SnapshotFiles::goes_on(raft::NodeId from, const SnapshotChunk& chunk) const {
    return incoming_ && incoming_->from == from && incoming_->base == chunk.base &&
           incoming_->size == chunk.size;
}

Status SnapshotFiles::begin(raft::NodeId from, const SnapshotChunk& chunk) {
    CMQ_TRY(drop_incoming());
    auto file = CMQ_TRY(files_.open(incoming_part(folder_), store::Open::create));
    incoming_ = Incoming{from, chunk.base, chunk.size, 0, std::move(file)};
    return {};
}

Result<std::uint64_t> SnapshotFiles::take(raft::NodeId from, const SnapshotChunk& chunk) {
    if (chunk.offset == 0) CMQ_TRY(begin(from, chunk));
    if (!goes_on(from, chunk)) return 0;
    if (incoming_->next != chunk.offset) return incoming_->next;
    if (chunk.bytes.empty() || chunk.bytes.size() > chunk.size - chunk.offset) {
        CMQ_TRY(drop_incoming());
        return fail(Code::corrupt, "a snapshot's chunk does not fit its size");
    }
    CMQ_TRY(incoming_->file->write(chunk.offset, chunk.bytes));
    incoming_->next += chunk.bytes.size();
    if (incoming_->next < chunk.size) return incoming_->next;
    if (const auto finished = finish(); !finished) {
        CMQ_TRY(drop_incoming());
        return tl::unexpected(finished.error());
    }
    return chunk.size;
}

/// Every row is checked before the name says that it may be used. It points at bodies that are not
/// here (D2).
Status SnapshotFiles::finish() {
    const auto base = incoming_->base;
    incoming_.reset();
    const auto part = incoming_part(folder_);
    {
        auto checkpoint = CMQ_TRY(CheckpointWriter::open(files_, part));
        const auto reader = CMQ_TRY(CheckpointReader::open(files_, part, {}));
        if (!options_.rows_unchecked) (void)CMQ_TRY(reader->verify());
        CMQ_TRY(broker::check_format(*reader, newest_));
        const auto head = CMQ_TRY(reader->head());
        const auto& [index, term, chain] = head.position;
        if (raft::Base{index, term, chain, head.configuration} != base)
            return damaged(part, "stands elsewhere than its sender said");
        CMQ_TRY(checkpoint.lack_bodies(index));
    }
    if (CMQ_TRY(files_.exists(part.string() + "-wal")))
        return damaged(part, "its WAL did not go into the file");
    const auto file = CMQ_TRY(files_.open(part, store::Open::existing));
    CMQ_TRY(file->sync());
    CMQ_TRY(files_.rename(part, incoming_snapshot(folder_)));
    return files_.sync_directory(folder_);
}

Status SnapshotFiles::drop_incoming() {
    incoming_.reset();
    for (const auto* tail : {"", "-wal", "-shm", "-journal"})
        CMQ_TRY(remove(incoming_part(folder_).string() + tail));
    return remove(incoming_snapshot(folder_));
}

Status remove_snapshots(store::Files& files, const std::filesystem::path& state_folder) {
    for (const auto& name : CMQ_TRY(files.list(state_folder)))
        if (is_snapshot(name)) CMQ_TRY(files.remove(state_folder / name));
    return {};
}

}  // namespace cmq::shard
