#include "shard/write_batch.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::shard;

namespace {

WriteJob entry(std::uint64_t index, std::size_t bytes = 10) {
    WriteJob job;
    job.commit.entries.emplace_back(
        raft::Group{1}, raft::Entry{raft::Index{index}, raft::Term{1}, raft::Kind::command, 0,
                                    make_blob(std::string(bytes, 'x'))});
    return job;
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("what waits is written together, in order") {
        std::vector<WriteJob> jobs;
        for (const auto index : {7, 8, 5}) jobs.push_back(entry(static_cast<std::uint64_t>(index)));
        jobs[1].commit.hard.emplace_back(raft::Group{1}, raft::HardState{raft::Term{2}, {}});
        REQUIRE(fit_together(jobs) == 3);
        const auto commit = together(jobs);
        REQUIRE(commit.entries.size() == 3);
        CHECK(commit.entries[0].second.index == raft::Index{7});
        CHECK(commit.entries[2].second.index == raft::Index{5});
        CHECK(commit.hard.size() == 1);
    }

    SCENARIO("a base comes after what was written before it") {
        std::vector<WriteJob> jobs{entry(7), entry(8), entry(9)};
        jobs[1].commit.bases.emplace_back(raft::Group{1}, raft::Base{});
        CHECK(fit_together(jobs) == 1);
        CHECK(fit_together(std::span(jobs).subspan(1)) == 2);
    }

    SCENARIO("a commit has a bounded size, but for a single job") {
        std::vector<WriteJob> jobs{entry(1, 2 * write_batch_bytes), entry(2), entry(3)};
        CHECK(fit_together(jobs) == 1);
        jobs = {entry(1, write_batch_bytes / 2), entry(2, write_batch_bytes / 2), entry(3)};
        CHECK(fit_together(jobs) == 2);
    }
}
