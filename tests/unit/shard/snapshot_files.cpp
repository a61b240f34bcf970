#include "shard/snapshot_files.h"

#include <doctest/doctest.h>

#include "broker/state.h"
#include "tests/support/disk.h"

using namespace cmq;
using namespace cmq::shard;

namespace {

constexpr raft::NodeId leader{2};
const std::filesystem::path folder = "state";

/// A node's state folder, and what the flusher does with it.
struct Flusher {
    explicit Flusher(support::Disk& disk) : files(disk, folder) {
        REQUIRE(disk.make_directory(folder));
        auto opened = CheckpointWriter::open(disk, folder / "0001.db");
        REQUIRE(opened);
        checkpoint = std::make_unique<CheckpointWriter>(*std::move(opened));
    }

    std::optional<Event> run(SnapshotJob job) {
        auto news = files.run(std::move(job), *checkpoint);
        REQUIRE(news);
        return *std::move(news);
    }

    /// What the core hears; what the sender does stands in `answer`.
    std::optional<Event> take(const SnapshotChunk& chunk) {
        answer.reset();
        return run(TakeChunk{leader, chunk,
                             [this](const Result<BulkAnswer>& said) { answer.emplace(said); }});
    }

    SnapshotFiles files;
    std::unique_ptr<CheckpointWriter> checkpoint;
    std::optional<Result<BulkAnswer>> answer;
};

/// A whole state in one chunk, as a leader sends it.
SnapshotChunk state_of_a_leader() {
    support::Disk disk;
    Flusher flusher(disk);
    FlushJob job;
    job.position = {raft::Index{9}, raft::Term{3}, 77};
    job.configuration.voters = {raft::NodeId{1}, leader};
    job.rows.push_back({broker::Table::block, {7, 1}, "block"});
    REQUIRE(flusher.checkpoint->write(job));
    const auto copied = flusher.run(CopyState{raft::NodeId{1}});
    REQUIRE(copied);
    const auto& copy = std::get<Copied>(*copied).copy;
    REQUIRE(copy);
    const auto read = flusher.run(ReadCopy{raft::NodeId{1}, 0});
    REQUIRE(read);
    SnapshotChunk chunk{raft::Term{3}, copy->base, copy->size, 0, std::get<CopyRead>(*read).bytes};
    REQUIRE(chunk.bytes.size() == chunk.size);
    return chunk;
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("a snapshot that came whole is not touched until the core has decided on it") {
        const auto chunk = state_of_a_leader();
        support::Disk disk;
        Flusher flusher(disk);
        const auto came = flusher.take(chunk);
        REQUIRE(came);
        CHECK(std::get<SnapshotCame>(*came).base == chunk.base);
        CHECK_FALSE(flusher.answer);  // the core does, later
        REQUIRE(*disk.exists(incoming_snapshot(folder)));

        // The sender did not wait, and begins anew.
        CHECK_FALSE(flusher.take(chunk));
        REQUIRE(flusher.answer);
        REQUIRE_FALSE(*flusher.answer);
        CHECK(flusher.answer->error().code == Code::unavailable);
        CHECK(*disk.exists(incoming_snapshot(folder)));

        CHECK_FALSE(flusher.run(DropIncoming{}));
        CHECK_FALSE(*disk.exists(incoming_snapshot(folder)));
        CHECK(flusher.take(chunk));
    }

    SCENARIO("whatever became of a snapshot under way, its receiver goes on") {
        const auto chunk = state_of_a_leader();
        std::size_t refused = 0;
        for (std::size_t at = 0; at < chunk.size; at += at < 4096 ? 1 : 16) {
            auto changed = chunk;
            changed.bytes[at] = static_cast<char>(changed.bytes[at] ^ (1 << at % 8));
            support::Disk disk;
            Flusher flusher(disk);
            if (flusher.take(changed)) continue;  // where nothing is written
            ++refused;
            REQUIRE(flusher.answer);
            REQUIRE_FALSE(*flusher.answer);
            CHECK(flusher.answer->error().code == Code::corrupt);
            CHECK_FALSE(*disk.exists(incoming_snapshot(folder)));
            CHECK(flusher.take(chunk));
        }
        CHECK(refused > 200);  // the definitions of the tables, if nothing else
    }
}
