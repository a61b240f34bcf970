// Bodies that were fetched for a snapshot's state.

#include <doctest/doctest.h>

#include "log/format.h"
#include "log/verify.h"
#include "tests/unit/log/model.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;
using support::Disk;
using support::Survive;

namespace {

raft::Entry body_at(std::uint64_t index) {
    return {raft::Index{index}, raft::Term{3}, raft::Kind::command, index * 7,
            make_blob("body " + std::to_string(index) + std::string(500, '.'))};
}

Commit bodies(std::initializer_list<std::uint64_t> indexes) {
    Commit commit;
    for (const auto index : indexes) commit.bodies.emplace_back(one, body_at(index));
    return commit;
}

/// What a log begins with whose state came from another node.
Commit snapshot_at_1000() {
    Commit commit;
    commit.bases.emplace_back(
        one, raft::Base{raft::Index{1'000}, raft::Term{3}, 77, {{raft::NodeId{1}}, {}}});
    return commit;
}

std::string read(Node& node, std::uint64_t index) {
    const auto entry = node.read(one, raft::Index{index});
    return entry ? *entry->payload : "";
}

std::vector<std::uint64_t> active_bodies(Node& node) {
    std::vector<std::uint64_t> indexes;
    REQUIRE(node.log->replay_active(
        bodies_of(one), [&](const raft::Entry& entry) { indexes.push_back(entry.index.value); }));
    return indexes;
}

}  // namespace

TEST_SUITE("unit/log") {
    SCENARIO("fetched bodies are kept like entries, and the log goes on without them") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        REQUIRE(node.append(snapshot_at_1000()));
        REQUIRE(node.append(bodies({40, 700, 12})));
        REQUIRE(node.append(bodies({999, 40})));
        REQUIRE(node.append(next(node.model, one, "the entry behind the base")));
        node.close();
        WHEN("the power is cut") { disk.power_cut(Survive::none); }
        WHEN("it is not") {}
        REQUIRE(node.open());
        CHECK(active_bodies(node) == std::vector<std::uint64_t>{12, 40, 700, 999});
        CHECK(node.log->recovered().groups.at(one).last == raft::Index{1'001});
        while (node.archive->usage()->sealed_segments == 0)
            REQUIRE(node.append(next(node.model, one, std::string(3'000, 'x'))));
        CHECK(read(node, 40) == *body_at(40).payload);
        CHECK(read(node, 999) == *body_at(999).payload);
        CHECK(read(node, 41).empty());
        THEN("they are settled while they live, and found sound") {
            const auto live = [](raft::Group group, raft::Index from, raft::Index to) {
                return group == one && from <= raft::Index{700} && raft::Index{700} <= to;
            };
            const auto last = node.model.groups.at(one).last;
            while (*node.archive->tidy_up(one, {last, last}, live)) continue;
            CHECK(node.archive->usage()->body_files == 1);
            CHECK(read(node, 700) == *body_at(700).payload);
            CHECK(read(node, 999).empty());
            node.close();
            const auto report = verify(disk, node.options.directory);
            REQUIRE(report);
            CHECK(report->sound());
        }
    }

    SCENARIO("fetched bodies are settled also while the log is kept for followers") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        REQUIRE(node.append(snapshot_at_1000()));
        for (std::uint64_t index = 1; node.archive->usage()->sealed_segments < 4; ++index)
            REQUIRE(node.append(bodies({index})));
        const auto alive = [](raft::Group, raft::Index, raft::Index) { return true; };
        while (*node.archive->tidy_up(one, {{}, raft::Index{1'000}}, alive)) continue;
        CHECK(node.archive->usage()->sealed_segments <= 1);  // that of the base
        CHECK(node.archive->usage()->body_files >= 3);
        CHECK(read(node, 1) == *body_at(1).payload);
    }
}
