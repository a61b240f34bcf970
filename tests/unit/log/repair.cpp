// Verification and repair of a damaged log.

#include "log/repair.h"

#include "log/verify.h"
#include "tests/unit/log/written.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;
using support::Disk;

namespace {

constexpr std::uint64_t frame = 24 + 8192;

Report verified(Disk& disk) {
    const auto report = verify(disk, "data/log");
    REQUIRE(report);
    return *report;
}

RepairPlan planned(Disk& disk, const Options& options) {
    const auto plan = plan_repair(disk, options);
    REQUIRE(plan);
    return *plan;
}

/// After a repair: all that can be read is right. The number of entries that can be read.
std::size_t readable_entries(Written& written, Disk& disk) {
    Node node(disk, written.node.options);
    const auto opened = node.open();
    REQUIRE_MESSAGE(opened, text_of(opened));
    std::size_t readable = 0;
    for (const auto& [index, entry] : written.node.model.groups[one].entries) {
        const auto found = node.read(one, {index});
        if (!found) {
            CHECK(found.error().code == Code::not_found);
            continue;
        }
        CHECK(*found->payload == *entry.payload);
        ++readable;
    }
    return readable;
}

/// Damages a copy of the disk, repairs it and looks at what is left.
struct Repaired {
    std::unique_ptr<Disk> disk;
    RepairPlan plan;
    std::size_t readable = 0;
};
Repaired repair(Written& written, const std::function<void(Disk&)>& damage) {
    Repaired repaired{written.disk.copy(), {}, 0};
    damage(*repaired.disk);
    const auto& options = written.node.options;
    CHECK_FALSE(compare(*repaired.disk, options, written.node.model));
    CHECK_FALSE(verified(*repaired.disk).sound());
    repaired.plan = planned(*repaired.disk, options);
    const auto applied = apply_repair(*repaired.disk, repaired.plan);
    REQUIRE_MESSAGE(applied, text_of(applied));
    const auto report = verified(*repaired.disk);
    for (const auto& finding : report.findings)
        CHECK_MESSAGE(finding.severity == Severity::note, finding.file.string(), finding.what);
    CHECK(planned(*repaired.disk, options).steps.empty());
    repaired.readable = readable_entries(written, *repaired.disk);
    return repaired;
}

bool says(const RepairPlan& plan, const std::string& words) {
    return plan.text().find(words) != std::string::npos;
}

bool has_copy(Disk& disk, const std::filesystem::path& file) {
    return disk.exists("data/log/damaged/" + file.filename().string() + ".1").value();
}

}  // namespace

TEST_SUITE("unit/log") {
    SCENARIO("a sound log is verified without a change") {
        Written written;
        const auto before = written.disk.counts().calls;
        const auto report = verified(written.disk);
        CHECK(written.disk.counts().calls == before);
        CHECK(report.sound());
        CHECK(report.findings.empty());
        CHECK(report.segments > 1);
        CHECK(report.body_files > 1);
        CHECK(report.entries > 22);
        CHECK(report.states.at(one).last.index == written.node.model.groups[one].last);
        CHECK(planned(written.disk, written.node.options).steps.empty());
    }

    SCENARIO("whatever the log reports, verification reports") {
        Written written;
        for (const auto& path : written.disk.paths()) {
            if (path.string().find("pool") != std::string::npos) continue;
            for (std::uint64_t byte = 3; byte < written.disk.size_of(path); byte += 1733) {
                const auto disk = written.disk.copy();
                disk->flip_bit(path, byte, 2);
                const auto report = verified(*disk);
                const bool opens =
                    compare(*disk, written.node.options, written.node.model).has_value();
                INFO(path.string() << ", byte " << byte);
                CHECK((opens || !report.sound()));
            }
        }
    }

    SCENARIO("a damaged active segment ends before the damage") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        const auto whole = readable_entries(written, *written.disk.copy());
        const auto done = repair(written, [&](Disk& disk) {
            disk.flip_bit(wal, written.scan(wal).end - 2 * frame + 99, 1);
        });
        CHECK(says(done.plan, "cut off what follows the damage in " + wal.string()));
        CHECK(says(done.plan, "group 1: all entries above "));
        CHECK(has_copy(*done.disk, wal));
        CHECK(done.readable < whole);
        CHECK(done.readable >= whole - 3);
    }

    SCENARIO("an active segment with an unreadable header is set aside") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        const auto done = repair(written, [&](Disk& disk) { disk.flip_bit(wal, 17, 1); });
        CHECK(says(done.plan, "set aside " + wal.string()));
        CHECK(has_copy(*done.disk, wal));
        CHECK(done.readable > 10);
    }

    SCENARIO("what can be read of a damaged sealed segment becomes a body file") {
        Written written;
        const auto wal = written.newest(".seg-wal", 1);
        const auto done =
            repair(written, [&](Disk& disk) { disk.flip_bit(wal, 32 + 2 * frame + 99, 1); });
        CHECK(says(done.plan, "keep what can be read of " + wal.string()));
        CHECK(says(done.plan, "group 1: entries "));
        CHECK(has_copy(*done.disk, wal));
    }

    SCENARIO("what can be read of a damaged body file is kept") {
        Written written;
        const auto body = written.newest(".body");
        const auto payload = *written.node.model.groups[one].entries.at(25).payload;
        const auto at = written.disk.content_of(body).rfind(payload.substr(0, 400));
        REQUIRE(at != std::string::npos);
        const auto whole = readable_entries(written, *written.disk.copy());
        const auto done = repair(written, [&](Disk& disk) { disk.flip_bit(body, at + 10, 1); });
        CHECK(says(done.plan, "keep what can be read of " + body.string()));
        CHECK(has_copy(*done.disk, body));
        CHECK(done.readable == whole - 1);
    }

    SCENARIO("a database file that is damaged or missing is made anew, and nothing is given up") {
        Written written;
        const auto whole = readable_entries(written, *written.disk.copy());
        for (const std::size_t skip : {0, 1}) {
            const auto segment = written.newest(".seg", skip);
            const auto damaged = repair(written, [&](Disk& disk) { disk.flip_bit(segment, 0, 1); });
            CHECK(says(damaged.plan, "make anew " + segment.string()));
            CHECK_FALSE(says(damaged.plan, "gives up"));
            CHECK(damaged.readable == whole);
            const auto missing =
                repair(written, [&](Disk& disk) { REQUIRE(disk.remove(segment)); });
            CHECK_FALSE(says(missing.plan, "gives up"));
            CHECK(missing.readable == whole);
        }
    }

    SCENARIO("a log without its mark gets a new one") {
        Written written;
        const auto done =
            repair(written, [](Disk& disk) { REQUIRE(disk.remove("data/log/mark")); });
        CHECK(says(done.plan, "correct data/log/mark"));
        CHECK_FALSE(says(done.plan, "gives up"));
    }

    SCENARIO("a log that lost its end has its mark corrected") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        const auto done = repair(written, [&](Disk& disk) {
            auto file = disk.open(wal, store::Open::existing);
            REQUIRE((*file)->write(written.scan(wal).end - frame, std::string(frame, '\0')));
        });
        CHECK(says(done.plan, "correct data/log/mark"));
        CHECK(says(done.plan, "gives up group 1: all entries above"));
    }

    SCENARIO("a body file that is missing is done without") {
        Written written;
        const auto body = written.newest(".body");
        const auto done = repair(written, [&](Disk& disk) { REQUIRE(disk.remove(body)); });
        CHECK(says(done.plan, "do without "));
    }

    SCENARIO("a repaired log goes on") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        auto done = repair(written, [&](Disk& disk) {
            disk.flip_bit(wal, written.scan(wal).end - 2 * frame + 99, 1);
        });
        Node node(*done.disk, written.node.options);
        REQUIRE(node.open());
        const auto& tail = node.log->recovered().groups.at(one);
        const auto payload = std::string("after the repair");
        Commit commit;
        commit.entries.emplace_back(
            one, raft::Entry{{tail.last.value + 1},
                             {1},
                             raft::Kind::command,
                             raft::chain_of(raft::Kind::command, payload, tail.chain),
                             make_blob(payload)});
        REQUIRE(node.log->append(commit));
        REQUIRE(node.open());
        CHECK(*node.read(one, commit.entries[0].second.index)->payload == payload);
    }
}
