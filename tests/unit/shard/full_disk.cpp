// The state's checkpoint on a disk without room.

#include <doctest/doctest.h>

#include "shard/checkpoint.h"
#include "tests/support/disk.h"

using namespace cmq;
using namespace cmq::shard;

namespace {

const std::filesystem::path file = "state/0001.db";

/// `rows` rows as of entry `index`.
FlushJob flush_at(std::uint64_t index, std::uint64_t rows) {
    FlushJob job;
    job.position = {raft::Index{index}, raft::Term{1}, index};
    job.configuration.voters = {raft::NodeId{1}};
    for (std::uint64_t row = 1; row <= rows; ++row)
        job.rows.push_back(
            {broker::Table{1}, {row, 0}, std::string(3'000, static_cast<char>('a' + index))});
    return job;
}

/// What another process would find: whole, and as of which entry.
std::uint64_t found_on(const support::Disk& disk) {
    const auto copy = disk.copy();
    copy->kill();
    auto reader = CheckpointReader::open(*copy, file, {});
    REQUIRE(reader);
    const auto verified = (*reader)->verify();
    CHECK_MESSAGE(verified, (verified ? "" : verified.error().message));
    return (*reader)->head()->position.index.value;
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("a state that finds no room is written later, whatever the disk could still take") {
        bool is_cut = true;
        unsigned cuts = 0, kept = 0;
        for (std::uint64_t room = 0; is_cut; room += 20'000) {
            support::Disk disk;
            REQUIRE(disk.make_directory("state"));
            auto writer = CheckpointWriter::open(disk, file);
            REQUIRE(writer);
            REQUIRE(writer->write(flush_at(1, 20)));
            disk.fill(room);
            const auto job = flush_at(2, 400);
            const auto written = writer->write(job);
            is_cut = !written;
            if (!is_cut) continue;
            ++cuts;
            CHECK(written.error().code == Code::disk_full);
            const auto found = found_on(disk);
            CHECK((found == 1 || found == 2));
            if (found == 1) ++kept;
            CHECK(writer->write(job).error().code == Code::disk_full);
            disk.set_capacity(UINT64_MAX);
            REQUIRE(writer->write(job));
            CHECK(found_on(disk) == 2);
            REQUIRE(writer->write(flush_at(3, 500)));
            disk.power_cut(support::Survive::none);
            CHECK(found_on(disk) == 3);
        }
        CHECK(cuts > 50);
        CHECK(kept > 10);
        CHECK(kept < cuts);  // the others were in the WAL, and not yet in the file
    }
}
