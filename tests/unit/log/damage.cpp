// A flipped bit anywhere: never a wrong answer, never a silent loss.

#include <doctest/doctest.h>

#include "tests/unit/log/written.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;
using support::Disk;
using support::Survive;

namespace {

/// Flips bits all over the file, one at a time. How many of them the log reported.
unsigned flip(Written& written, const std::filesystem::path& path, std::uint64_t from,
              std::uint64_t to, std::uint64_t stride) {
    unsigned reported = 0;
    for (auto byte = from; byte < to; byte += stride) {
        const auto copy = written.disk.copy();
        copy->flip_bit(path, byte, static_cast<unsigned>(byte % 8));
        const auto found = compare(*copy, written.node.options, written.node.model);
        if (found) continue;
        INFO(path.string() << ", byte " << byte << ": " << found.error().message);
        CHECK(found.error().code == Code::corrupt);
        CHECK(found.error().message.find("data/log/") != std::string::npos);
        ++reported;
    }
    return reported;
}

}  // namespace

TEST_SUITE("unit/log") {
    SCENARIO("a flipped bit in the active segment is reported") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        const auto end = written.scan(wal).end;
        CHECK(flip(written, wal, 0, store::wal_header_bytes, 1) == store::wal_header_bytes);
        THEN("each bit of each frame is guarded, the last transaction by the mark") {
            const std::uint64_t stride = 211;
            const auto flips = (end - store::wal_header_bytes + stride - 1) / stride;
            CHECK(flip(written, wal, store::wal_header_bytes, end, stride) == flips);
        }
        THEN("what lies behind the end does not matter") {
            CHECK(flip(written, wal, end, written.disk.size_of(wal), 1501) == 0);
        }
    }

    SCENARIO("damage is reported with file and position, copied aside, and not touched") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        const std::uint64_t frame = 24 + 8192;
        written.disk.flip_bit(wal, 32 + frame + 100, 0);
        const auto before = written.disk.content_of(wal);
        const auto files_before = written.disk.paths();
        const auto opened = written.node.open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().message.find(wal.string() + ": damaged at byte " +
                                          std::to_string(32 + frame)) == 0);
        CHECK(written.disk.content_of(wal) == before);
        const auto copy = "data/log/damaged/" + wal.filename().string() + ".1";
        CHECK(written.disk.content_of(copy) == before);
        CHECK(written.disk.paths().size() == files_before.size() + 1);
        CHECK_FALSE(written.node.open());
        CHECK(written.disk.paths().size() == files_before.size() + 1);
    }

    SCENARIO("a flipped bit in a sealed segment is reported") {
        Written written;
        const auto wal = written.newest(".seg-wal", 1);
        const auto end = written.scan(wal).end;
        const std::uint64_t stride = 467;
        CHECK(flip(written, wal, 0, end, stride) == (end + stride - 1) / stride);
    }

    SCENARIO("a flipped bit in a body file is reported, or was in nothing that matters") {
        Written written;
        const auto body = written.newest(".body");
        const auto size = written.disk.size_of(body);
        CHECK(flip(written, body, 0, size, 61) > 10);
    }

    SCENARIO("a flipped bit in a database file under a WAL changes nothing or is reported") {
        Written written;
        const auto segment = written.newest(".seg");
        flip(written, segment, 0, 200, 1);
        flip(written, segment, 200, written.disk.size_of(segment), 97);
    }

    SCENARIO("a flipped bit in the mark leaves the other slot") {
        Written written;
        const auto path = "data/log/mark";
        CHECK(flip(written, path, 0, written.disk.size_of(path), 31) == 0);
    }

    SCENARIO("a log that ends before the mark has lost something") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        auto file = written.disk.open(wal, store::Open::existing);
        const auto end = written.scan(wal).end;
        const std::uint64_t frame = 24 + 8192;
        REQUIRE((*file)->write(end - frame, std::string(frame, '\0')));
        const auto opened = written.node.open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == Code::corrupt);
        CHECK(opened.error().message.find("mark") != std::string::npos);
    }

    SCENARIO("the mark outlives a power cut once it was synced") {
        Written written;
        REQUIRE(written.node.open());
        written.append(1);
        REQUIRE(written.node.archive->sync_mark());
        written.node.close();
        const auto wal = written.newest(".seg-wal");
        const auto end = written.scan(wal).end;
        written.disk.power_cut(Survive::none);
        written.disk.flip_bit(wal, end - 10, 0);
        CHECK(compare(written.disk, written.node.options, written.node.model).error().code ==
              Code::corrupt);
    }
}
