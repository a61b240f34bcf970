#include "shard/checkpoint.h"

#include <doctest/doctest.h>

#include "tests/support/disk.h"

using namespace cmq;
using namespace cmq::shard;

namespace {

constexpr broker::Key first{7, 1}, second{7, 2}, far{7, 64};

struct Checkpoint {
    Checkpoint() : disk(1) {
        REQUIRE(disk.make_directory("state"));
        auto opened = CheckpointWriter::open(disk, file);
        REQUIRE(opened);
        writer = std::make_unique<CheckpointWriter>(*std::move(opened));
        auto reads = CheckpointReader::open(disk, file, [&](const Error& error) {
            if (!stopped) stopped = error.message;
        });
        REQUIRE(reads);
        reader = *std::move(reads);
    }

    void put(broker::Key block, std::optional<std::string> value) {
        FlushJob job;
        job.position = {raft::Index{++flushes}, raft::Term{1}, 1};
        job.configuration.voters = {raft::NodeId{1}};
        job.rows.push_back({broker::Table::block, block, std::move(value)});
        REQUIRE(writer->write(job));
    }

    auto read(broker::Key block) { return reader->read(broker::Table::block, block); }

    std::string stored(broker::Key block) {
        auto database = open();
        auto find = store::Statement::prepare(database, "SELECT value FROM row WHERE minor = ?");
        REQUIRE(find);
        find->bind(1, static_cast<std::int64_t>(block.minor));
        REQUIRE(find->step() == true);
        return std::string(find->bytes(0));
    }

    /// As a disk does that lost the write of a page.
    void put_back(broker::Key block, const std::string& bytes) {
        auto database = open();
        auto update = store::Statement::prepare(
            database, "UPDATE row SET value = ? WHERE kind = 3 AND minor = ?");
        REQUIRE(update);
        update->bind_bytes(1, bytes).bind(2, static_cast<std::int64_t>(block.minor));
        REQUIRE(update->run());
    }

    bool verifies() { return reader->verify().has_value(); }

    store::Database open() {
        auto database = store::Database::open(file, disk.vfs(), store::Access::read_write);
        REQUIRE(database);
        return *std::move(database);
    }

    support::Disk disk;
    const std::filesystem::path file = "state/0001.db";
    std::unique_ptr<CheckpointWriter> writer;
    std::unique_ptr<CheckpointReader> reader;
    std::optional<std::string> stopped;
    std::uint64_t flushes = 0;
};

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("a block that is not in the state any more is damage; another row may be missing") {
        Checkpoint checkpoint;
        checkpoint.put(first, "block");
        CHECK(checkpoint.read(first) == "block");
        CHECK_FALSE(checkpoint.reader->read(broker::Table::state, {}));
        CHECK_FALSE(checkpoint.stopped);
        CHECK_FALSE(checkpoint.read(second));
        CHECK(checkpoint.stopped == "state/0001.db: the block 7/2 is missing");
    }

    SCENARIO("a block is read as the last flush left it") {
        Checkpoint checkpoint;
        checkpoint.put(first, "one");
        CHECK(checkpoint.read(first) == "one");
        checkpoint.put(first, "two");
        checkpoint.put(far, "beyond");
        CHECK(checkpoint.read(first) == "two");
        CHECK(checkpoint.read(far) == "beyond");
        CHECK_FALSE(checkpoint.stopped);
        CHECK(checkpoint.verifies());
    }

    SCENARIO("a block of an older flush is damage, for those beside it, too") {
        Checkpoint checkpoint;
        checkpoint.put(first, "old");
        const auto old = checkpoint.stored(first);
        checkpoint.put(first, "new");
        checkpoint.put(second, "sound");
        checkpoint.put(far, "sound");
        CHECK(checkpoint.verifies());
        checkpoint.put_back(first, old);
        CHECK_FALSE(checkpoint.verifies());
        CHECK(checkpoint.read(far) == "sound");
        REQUIRE_FALSE(checkpoint.stopped);
        CHECK_FALSE(checkpoint.read(second));
        CHECK(checkpoint.stopped ==
              "state/0001.db: of the blocks 7/0 to 7/63 there are 2, which are not the 2 that were "
              "written");
    }

    SCENARIO("damage of a block is not written away") {
        Checkpoint checkpoint;
        checkpoint.put(first, "old");
        const auto old = checkpoint.stored(first);
        checkpoint.put(first, "new");
        checkpoint.put_back(first, old);
        checkpoint.put(first, "newer");  // who wrote over it, and may have read it before
        CHECK_FALSE(checkpoint.read(first));
        CHECK(checkpoint.stopped);
    }

    SCENARIO("no sum is left of blocks that are gone") {
        Checkpoint checkpoint;
        checkpoint.put(first, "one");
        checkpoint.put(second, "two");
        CHECK(checkpoint.reader->verify() == 3);  // rows: the sum is one of them
        checkpoint.put(first, std::nullopt);
        CHECK(checkpoint.read(second) == "two");
        checkpoint.put(second, std::nullopt);
        CHECK(checkpoint.reader->verify() == 0);
    }
}
