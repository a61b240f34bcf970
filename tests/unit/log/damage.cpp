// A flipped bit anywhere: never a wrong answer, never a silent loss.

#include <doctest/doctest.h>

#include <algorithm>

#include "store/wal.h"
#include "tests/unit/log/model.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;
using support::Disk;
using support::Survive;

namespace {

/// A log with sealed segments, body files, and some commits in the active segment; closed.
struct Written {
    Disk disk;
    Node node{disk, small_segments()};

    Written() {
        REQUIRE(node.open());
        append(40);
        REQUIRE(node.tidy(one, {25}));
        append(7);
        node.close();
    }
    void append(unsigned count) {
        for (unsigned done = 0; done < count; ++done)
            REQUIRE(node.append(next(node.model, one, std::string(700 + done, 'p'))));
    }

    std::filesystem::path newest(const std::string& suffix, std::size_t skip = 0) const {
        std::vector<std::uint64_t> numbers;
        for (const auto& path : disk.paths())
            if (path.string().ends_with(suffix))
                numbers.push_back(std::stoull(path.stem().string()));
        std::sort(numbers.rbegin(), numbers.rend());
        REQUIRE(numbers.size() > skip);
        return "data/log/" + std::to_string(numbers[skip]) + suffix;
    }

    /// Flips bits all over the file, one at a time. How many of them the log reported.
    unsigned flip(const std::filesystem::path& path, std::uint64_t from, std::uint64_t to,
                  std::uint64_t stride) {
        unsigned reported = 0;
        for (auto byte = from; byte < to; byte += stride) {
            const auto copy = disk.copy();
            copy->flip_bit(path, byte, static_cast<unsigned>(byte % 8));
            const auto found = compare(*copy, node.options, node.model);
            if (found) continue;
            INFO(path.string() << ", byte " << byte << ": " << found.error().message);
            CHECK(found.error().code == Code::corrupt);
            CHECK(found.error().message.find("data/log/") != std::string::npos);
            ++reported;
        }
        return reported;
    }

    store::WalScan scan(const std::filesystem::path& path) {
        auto file = disk.open(path, store::Open::existing);
        REQUIRE(file);
        const auto scan = store::scan_wal(**file);
        REQUIRE(scan);
        return *scan;
    }
};

}  // namespace

TEST_SUITE("unit/log") {
    SCENARIO("a flipped bit in the active segment is reported") {
        Written written;
        const auto wal = written.newest(".seg-wal");
        const auto end = written.scan(wal).end;
        CHECK(written.flip(wal, 0, store::wal_header_bytes, 1) == store::wal_header_bytes);
        THEN("each bit of each frame is guarded, the last transaction by the mark") {
            const std::uint64_t stride = 211;
            const auto flips = (end - store::wal_header_bytes + stride - 1) / stride;
            CHECK(written.flip(wal, store::wal_header_bytes, end, stride) == flips);
        }
        THEN("what lies behind the end does not matter") {
            CHECK(written.flip(wal, end, written.disk.size_of(wal), 1501) == 0);
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
        CHECK(written.flip(wal, 0, end, stride) == (end + stride - 1) / stride);
    }

    SCENARIO("a flipped bit in a body file is reported, or was in nothing that matters") {
        Written written;
        const auto body = written.newest(".body");
        const auto size = written.disk.size_of(body);
        CHECK(written.flip(body, 0, size, 61) > 10);
    }

    SCENARIO("a flipped bit in a database file under a WAL changes nothing or is reported") {
        Written written;
        const auto segment = written.newest(".seg");
        written.flip(segment, 0, 200, 1);
        written.flip(segment, 200, written.disk.size_of(segment), 97);
    }

    SCENARIO("a flipped bit in the mark leaves the other slot") {
        Written written;
        const auto path = "data/log/mark";
        CHECK(written.flip(path, 0, written.disk.size_of(path), 3) == 0);
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
