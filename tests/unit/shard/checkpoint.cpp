#include "shard/checkpoint.h"

#include <doctest/doctest.h>

#include "tests/support/disk.h"

using namespace cmq;
using namespace cmq::shard;

TEST_SUITE("unit/shard") {
    SCENARIO("a block that is not in the state any more is damage; another row may be missing") {
        support::Disk disk;
        const std::filesystem::path file = "state/0001.db";
        REQUIRE(disk.make_directory("state"));
        auto writer = CheckpointWriter::open(disk, file);
        REQUIRE(writer);
        FlushJob job;
        job.position = {raft::Index{1}, raft::Term{1}, 1};
        job.configuration.voters = {raft::NodeId{1}};
        job.rows.push_back({broker::Table::block, {7, 1}, "block"});
        REQUIRE(writer->write(job));

        std::optional<Error> stopped;
        auto reader =
            CheckpointReader::open(disk, file, [&](const Error& error) { stopped = error; });
        REQUIRE(reader);
        CHECK((*reader)->read(broker::Table::block, {7, 1}) == "block");
        CHECK_FALSE((*reader)->read(broker::Table::state, {}));
        CHECK_FALSE(stopped);
        CHECK_FALSE((*reader)->read(broker::Table::block, {7, 2}));
        REQUIRE(stopped);
        CHECK(stopped->code == Code::corrupt);
        CHECK(stopped->message.find("state/0001.db: the block 7/2 is missing") !=
              std::string::npos);
    }
}
