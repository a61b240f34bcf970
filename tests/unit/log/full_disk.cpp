// A disk that is full at every single call, and has room again later; nothing is opened anew.

#include <doctest/doctest.h>

#include "tests/unit/log/model.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;
using support::Disk;
using support::Survive;

namespace {

using Problem = std::optional<std::string>;

bool is_full(const Status& status) { return status.error().code == Code::disk_full; }

Options growing(bool grows) {
    auto options = small_segments();
    options.grow_first = grows;
    options.grow_bytes = 32 << 10;
    return options;
}

/// The disk is full from call `call` on, until something is refused for it; what was refused is
/// done again.
Problem run_full_once(std::uint64_t call, Options options, bool& refused) {
    Disk disk;
    Script script(11);
    Node node(disk, std::move(options));
    if (!node.open()) return "cannot be opened";
    disk.on_call([&] {
        if (disk.counts().calls == call) disk.fill();
    });
    refused = false;
    for (unsigned step = 0; step < 60; ++step) {
        const auto done = script.step(node);
        if (done) continue;
        const auto name = "full at call " + std::to_string(call) + ": ";
        if (!is_full(done)) return name + done.error().message;
        refused = true;
        disk.set_capacity(UINT64_MAX);
        if (node.in_doubt && !node.append(*node.in_doubt)) return name + "not taken later";
    }
    disk.on_call({});
    disk.set_capacity(UINT64_MAX);
    for (auto& [group, state] : node.model.groups)
        if (const auto tidied = node.tidy(group, state.durable_applied); !tidied)
            return tidied.error().message;
    node.close();
    if (const auto found = compare(disk, node.options, node.model); !found) return text_of(found);
    disk.power_cut(Survive::none);
    const auto found = compare(disk, node.options, node.model);
    return found ? Problem() : "power cut: " + text_of(found);
}

unsigned refusals_of_all_calls(bool grows) {
    unsigned refusals = 0;
    for (std::uint64_t call = 12; call < 400; ++call) {
        bool refused = false;
        const auto problem = run_full_once(call, growing(grows), refused);
        CHECK_MESSAGE(!problem, "call " << call << ": " << problem.value_or(""));
        if (refused) ++refusals;
    }
    return refusals;
}

void append(Node& node, unsigned count, std::size_t bytes = 700) {
    for (unsigned done = 0; done < count; ++done)
        REQUIRE(node.append(next(node.model, one, std::string(bytes, 'x'))));
}

std::string problem_of(const Node& node) {
    return text_of(compare(node.files, node.options, node.model));
}

}  // namespace

TEST_SUITE("unit/log") {
    TEST_CASE("a disk that is full from any call on is waited for, and nothing is lost") {
        CHECK(refusals_of_all_calls(false) > 100);
        CHECK(refusals_of_all_calls(true) > 100);
    }

    SCENARIO("a body file that a full disk cut short does not take the place of its segment") {
        bool is_cut = true;
        unsigned cuts = 0;
        auto options = small_segments();
        options.segment_bytes = 4 << 20;  // what lives in it fills several rows
        for (std::uint64_t room = 0; is_cut; room += 50'000) {
            Disk disk;
            Node node(disk, options);
            REQUIRE(node.open());
            append(node, 70, 60'000);
            disk.fill(room);
            const auto tidied = node.tidy(one, node.model.groups[one].last);
            is_cut = !tidied;
            if (is_cut) {
                ++cuts;
                CHECK(is_full(tidied));
                for (const auto& path : disk.paths()) CHECK(path.extension() != ".body-new");
            }
            disk.set_capacity(UINT64_MAX);
            REQUIRE(node.tidy(one, node.model.groups[one].last));
            node.close();
            CHECK(problem_of(node) == "");
        }
        CHECK(cuts > 3);
    }

    SCENARIO("with files in the pool the log goes on though the disk is full to the last byte") {
        Disk disk;
        auto options = small_segments();
        options.pool_files = 2;
        Node node(disk, options);
        REQUIRE(node.open());
        append(node, 1);
        while (node.archive->fill_pool().value()) continue;
        CHECK_FALSE(node.archive->usage()->room.scarce);
        disk.fill();
        CHECK_FALSE(node.archive->usage()->room.scarce);
        const auto before = node.log->cost().segments;
        Result<Journal> appended = Journal{};
        while (appended) appended = node.append(next(node.model, one, "deleted"));
        CHECK(appended.error().code == Code::disk_full);
        CHECK(node.log->cost().segments == before + 2);
        CHECK(node.archive->usage()->room.scarce);
        AND_WHEN("a segment was settled") {
            node.in_doubt.reset();
            REQUIRE(node.tidy(one, {node.model.groups[one].last.value + 10'000}));
            THEN("its file is taken, without more room") {
                append(node, 1);
                node.close();
                CHECK(problem_of(node) == "");
            }
        }
    }

    SCENARIO("a segment that grows has its room before it is needed") {
        Disk disk;
        auto options = growing(true);
        options.segment_bytes = 1 << 20;
        options.grow_bytes = 256 << 10;
        Node node(disk, options);
        REQUIRE(node.open());
        append(node, 1);
        const auto size = disk.size_of("data/log/1.seg-wal");
        CHECK(size >= options.grow_bytes);
        CHECK(size < 2 * options.grow_bytes);
        disk.fill();
        unsigned taken = 0;
        Result<Journal> appended = Journal{};
        while (appended) {
            appended = node.append(next(node.model, one, "deleted"));
            if (appended) ++taken;
        }
        CHECK(appended.error().code == Code::disk_full);
        CHECK(taken > 3);
        CHECK(disk.size_of("data/log/1.seg-wal") == size);
        disk.set_capacity(UINT64_MAX);
        REQUIRE(node.append(*node.in_doubt));
        CHECK(disk.size_of("data/log/1.seg-wal") > size);
        node.close();
        CHECK(problem_of(node) == "");
    }

    SCENARIO("whoever takes room says how much is left") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        const auto first = node.log->append(next(node.model, one, "first"));
        REQUIRE(first);
        REQUIRE(first->room);
        CHECK_FALSE(first->room->scarce);
        node.model.apply(next(node.model, one, "first"));
        const auto second = node.log->append(next(node.model, one, "second"));
        REQUIRE(second);
        CHECK_FALSE(second->room);
        node.model.apply(next(node.model, one, "second"));
        disk.fill(2 * node.options.segment_bytes + (128 << 10));
        Result<Appended> appended = Appended{};
        while (appended && !appended->room) {
            const auto commit = next(node.model, one, std::string(5'000, 'x'));
            appended = node.log->append(commit);
            node.model.apply(commit);
        }
        REQUIRE(appended);
        CHECK(appended->room->free_bytes < 2 * node.options.segment_bytes);
        CHECK(appended->room->scarce);
    }

    SCENARIO("a database file in the pool that another version made is not used") {
        Disk disk;
        Node node(disk, small_segments());
        REQUIRE(node.open());
        append(node, 1);
        REQUIRE(node.archive->fill_pool().value());
        REQUIRE(disk.size_of("data/log/pool/1.blank") > 0);
        auto blank = disk.open("data/log/pool/1.blank", store::Open::existing);
        REQUIRE(blank);
        REQUIRE((*blank)->write(100, "something else"));
        append(node, 40);
        node.close();
        CHECK(problem_of(node) == "");
    }
}
