#include "log/log.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/log/model.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;
using support::Disk;
using support::Survive;

namespace {

void append_some(Node& node, unsigned count, std::size_t size = 100) {
    for (unsigned done = 0; done < count; ++done)
        REQUIRE(node.append(next(node.model, one, std::string(size, 'x'))));
}

std::string problem_of(const Node& node) {
    return text_of(compare(node.files, node.options, node.model, node.in_doubt));
}

unsigned files_with(Disk& disk, const std::string& suffix) {
    unsigned count = 0;
    for (const auto& path : disk.paths())
        if (path.string().ends_with(suffix)) ++count;
    return count;
}

/// The file with the highest number of these, but `skip`.
std::filesystem::path newest(Disk& disk, const std::string& suffix, std::size_t skip = 0) {
    std::vector<std::uint64_t> numbers;
    for (const auto& path : disk.paths())
        if (path.string().ends_with(suffix)) numbers.push_back(std::stoull(path.stem().string()));
    std::sort(numbers.rbegin(), numbers.rend());
    REQUIRE(numbers.size() > skip);
    return "data/log/" + std::to_string(numbers[skip]) + suffix;
}

}  // namespace

TEST_SUITE("unit/log") {
    SCENARIO("what was appended is there after a restart") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        CHECK(node.log->recovered().groups.empty());
        append_some(node, 3);
        Commit commit = next(node.model, two, "of the second group");
        commit.hard.emplace_back(one, raft::HardState{{4}, {2}});
        const auto last = node.append(commit).value();
        node.close();
        CHECK(problem_of(node) == "");
        WHEN("the power is cut as well") {
            disk.power_cut(Survive::none);
            CHECK(problem_of(node) == "");
        }
        WHEN("the log is opened twice and appended to in between") {
            REQUIRE(node.open());
            CHECK(node.log->recovered().groups.at(one).hard == raft::HardState{{4}, {2}});
            CHECK(node.log->recovered().journal == last);
            CHECK(node.append(next(node.model, one, "more")).value() > last);
            node.close();
            CHECK(problem_of(node) == "");
        }
    }

    SCENARIO("an ordinary commit costs one sync") {
        Disk disk;
        auto options = small_segments();
        options.segment_bytes = 8 << 20;
        Node node(disk, options);
        REQUIRE(node.open());
        append_some(node, 1);
        const auto before = disk.counts();
        const auto cost_before = node.log->cost();
        append_some(node, 20, 1000);
        const auto after = disk.counts();
        CHECK(after.syncs - before.syncs == 20);
        CHECK(after.directory_syncs == before.directory_syncs);
        CHECK(node.log->cost().fsyncs - cost_before.fsyncs == 20);
        CHECK(node.log->cost().commits == 21);
        append_some(node, 1, 256 * 1024);
        const auto large = disk.counts();
        CHECK(large.syncs - after.syncs == 1);
        CHECK(large.bytes_written - after.bytes_written < 290'000);
    }

    SCENARIO("the log rolls over many segments") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 100);
        CHECK(node.log->cost().segments > 10);
        CHECK(node.archive->usage()->sealed_segments == node.log->cost().segments - 1);
        for (std::uint64_t index = 1; index <= 100; index += 9)
            CHECK(node.read(one, {index})->index == raft::Index{index});
        CHECK(node.read(one, {101}).error().code == Code::not_found);
        node.close();
        CHECK(problem_of(node) == "");
    }

    SCENARIO("a log that is open is busy for others") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 1);
        Node other(disk, small_segments());
        CHECK(other.open().error().code == Code::busy);
    }

    SCENARIO("a new term replaces entries, also those of an older segment") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 40);
        Commit replaced;
        replaced.entries.emplace_back(one, entry_after(node.model, one, {20}, {2}, "instead"));
        REQUIRE(node.append(replaced));
        append_some(node, 30);
        CHECK(*node.read(one, {20})->payload == "instead");
        node.close();
        CHECK(problem_of(node) == "");
        REQUIRE(node.open());
        const auto& tail = node.log->recovered().groups.at(one);
        CHECK(tail.last == raft::Index{50});
        CHECK(tail.terms ==
              std::vector<std::pair<raft::Index, raft::Term>>{{{1}, {1}}, {{20}, {2}}});
    }

    SCENARIO("a snapshot in place of the log begins it anew") {
        Disk disk;
        auto options = small_segments();
        options.segment_bytes = 1 << 20;
        Node node(disk, options);
        REQUIRE(node.open());
        append_some(node, 5);
        Commit snapshot;
        snapshot.bases.emplace_back(one, raft::Base{{100}, {7}, 12345, {{{1}, {2}, {3}}, {{4}}}});
        REQUIRE(node.append(snapshot));
        node.model.groups[one].durable_applied = {100};
        for (int i = 0; i < 3; ++i) {
            Commit commit;
            const auto index = node.model.groups[one].last.value + 1;
            commit.entries.emplace_back(one, entry_after(node.model, one, {index}, {7}, "after"));
            REQUIRE(node.append(commit));
        }
        node.close();
        REQUIRE(node.open());
        const auto& tail = node.log->recovered().groups.at(one);
        CHECK(tail.base.index == raft::Index{100});
        CHECK(tail.base.configuration == raft::Configuration{{{1}, {2}, {3}}, {{4}}});
        CHECK(tail.last == raft::Index{103});
        unsigned replayed = 0;
        REQUIRE(node.log->replay(one, {101}, [&](const raft::Entry& entry) {
            CHECK(*entry.payload == "after");
            ++replayed;
            return Status{};
        }));
        CHECK(replayed == 3);
    }

    SCENARIO("a commit that leaves a gap is refused and nothing is written") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 2);
        const auto before = disk.counts().calls;
        Commit gap;
        gap.entries.emplace_back(one,
                                 raft::Entry{{4}, {1}, raft::Kind::command, 0, make_blob("gap")});
        CHECK(node.append(gap).error().code == Code::invalid);
        CHECK(disk.counts().calls == before);
        append_some(node, 1);
    }

    SCENARIO("a commit larger than a segment gets one of its own") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 2);
        append_some(node, 2, 1 << 20);
        append_some(node, 2);
        node.close();
        CHECK(problem_of(node) == "");
    }

    SCENARIO("a full disk is met when a segment's file is taken, and service returns") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 3);
        disk.set_capacity(0);
        Status status;
        for (int i = 0; i < 100 && status; ++i) {
            const auto appended = node.append(next(node.model, one, std::string(100, 'x')));
            if (!appended) status = tl::unexpected(appended.error());
        }
        REQUIRE_FALSE(status);
        CHECK(status.error().code == Code::disk_full);
        node.in_doubt.reset();
        const auto refused = node.append(next(node.model, one, "again"));
        CHECK(refused.error().code == Code::disk_full);
        CHECK(node.archive->fill_pool().error().code == Code::disk_full);
        node.in_doubt.reset();
        disk.set_capacity(UINT64_MAX);
        append_some(node, 3);
        node.close();
        CHECK(problem_of(node) == "");
    }

    SCENARIO("settled segments leave what lives, and their files go round") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        for (int round = 0; round < 6; ++round) {
            append_some(node, 60);
            REQUIRE(node.tidy(one, node.model.groups[one].last));
            while (node.archive->fill_pool().value()) continue;
        }
        const auto usage = node.archive->usage().value();
        CHECK(usage.sealed_segments == 0);
        CHECK(usage.body_files > 0);
        CHECK(usage.pool_files == 2);
        CHECK(files_with(disk, ".seg") == 1);
        CHECK(files_with(disk, ".body") == usage.body_files);
        CHECK(files_with(disk, ".gone") > 0);
        node.close();
        CHECK(problem_of(node) == "");
        REQUIRE(node.open());
        CHECK(node.archive->usage()->body_files == usage.body_files);
        AND_WHEN("nothing lives any more") {
            REQUIRE(node.tidy(one, {node.model.groups[one].last.value + 10'000}));
            CHECK(node.archive->usage()->body_files == 0);
            CHECK(files_with(disk, ".body") == 0);
            append_some(node, 10);
            REQUIRE(node.tidy(one, {node.model.groups[one].last.value + 10'000}));
            append_some(node, 10);
            REQUIRE(node.tidy(one, {node.model.groups[one].last.value + 10'000}));
            CHECK(files_with(disk, ".gone") < 6);
        }
    }

    SCENARIO("a segment whose entries are not all in a checkpoint stays") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 30);
        const auto sealed = node.archive->usage()->sealed_segments;
        const auto dead = [](raft::Group, raft::Index, raft::Index) { return false; };
        const auto up_to = [](std::uint64_t last) {
            return Archive::Settled{raft::Index{last}, raft::Index{last}};
        };
        CHECK_FALSE(node.archive->tidy_up(one, up_to(0), dead).value());
        CHECK_FALSE(node.archive->tidy_up(one, up_to(1), dead).value());
        CHECK(node.archive->usage()->sealed_segments == sealed);
        CHECK(node.archive->tidy_up(one, up_to(30), dead).value());
        CHECK(node.archive->usage()->sealed_segments == sealed - 1);
    }

    SCENARIO("with --dev no file is filled beforehand") {
        Disk disk;
        auto options = small_segments();
        options.grow_first = true;
        options.segment_bytes = 1 << 20;
        options.grow_bytes = 64 << 10;
        Node node(disk, options);
        REQUIRE(node.open());
        CHECK_FALSE(node.archive->fill_pool().value());
        append_some(node, 1);
        CHECK(disk.size_of("data/log/1.seg-wal") < options.segment_bytes / 4);
        append_some(node, 300);
        CHECK(node.log->cost().segments > 1);
        node.close();
        CHECK(problem_of(node) == "");
        disk.power_cut(Survive::none);
        CHECK(problem_of(node) == "");
    }

    SCENARIO("the log of another incarnation is refused") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 1);
        node.options.incarnation = 2;
        CHECK(node.open().error().code == Code::invalid);
    }

    SCENARIO("a missing file is noticed") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append_some(node, 60);
        REQUIRE(node.tidy(one, {30}));
        node.close();
        const auto check_missing = [&](const std::filesystem::path& path) {
            REQUIRE(disk.remove(path));
            const auto opened = node.open();
            REQUIRE_FALSE(opened);
            CHECK(opened.error().code == Code::corrupt);
            CHECK(opened.error().message.find("data/log") != std::string::npos);
        };
        WHEN("it is the active segment") { check_missing(newest(disk, ".seg")); }
        WHEN("it is a sealed segment") { check_missing(newest(disk, ".seg", 1)); }
        WHEN("it is a sealed segment's WAL") { check_missing(newest(disk, ".seg-wal", 1)); }
        WHEN("it is a body file") { check_missing(newest(disk, ".body")); }
        WHEN("it is the mark") { check_missing("data/log/mark"); }
    }
}
