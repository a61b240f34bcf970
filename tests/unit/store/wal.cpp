#include "store/wal.h"

#include <doctest/doctest.h>

#include "store/database.h"
#include "tests/support/disk.h"

using namespace cmq;
using namespace cmq::store;
using support::Disk;

namespace {

/// A database of 1 KiB pages with `rows` rows in its WAL, one transaction each, and closed.
void write_rows(Disk& disk, int rows) {
    auto database = Database::open("x", disk.vfs(), Access::create);
    REQUIRE(database);
    REQUIRE(database->keep_wal_on_close());
    REQUIRE(
        database->run("PRAGMA page_size=1024; PRAGMA locking_mode=EXCLUSIVE;"
                      "PRAGMA journal_mode=WAL; CREATE TABLE row(id INTEGER PRIMARY KEY, b)"));
    for (int row = 0; row < rows; ++row)
        REQUIRE(database->run("INSERT INTO row(b) VALUES (zeroblob(3000))"));
}

WalScan scan(Disk& disk) {
    auto file = disk.open("x-wal", Open::existing);
    REQUIRE(file);
    const auto result = scan_wal(**file);
    REQUIRE(result);
    return *result;
}

constexpr std::uint64_t frame_bytes = 24 + 1024;
constexpr std::uint64_t frame(std::uint64_t number) { return 32 + number * frame_bytes; }

std::int64_t rows_of_image(Disk& disk) {
    auto file = disk.open("x-wal", Open::existing);
    const auto found = scan_wal(**file);
    REQUIRE(found);
    const auto image = image_of(**file, *found, disk.content_of("x"));
    REQUIRE(image);
    auto database = Database::of_image(*image);
    REQUIRE(database);
    const auto count = database->number("SELECT count(*) FROM row");
    REQUIRE(count);
    return *count;
}

}  // namespace

TEST_SUITE("unit/store") {
    SCENARIO("a WAL is read without SQLite") {
        Disk disk;
        write_rows(disk, 5);
        const auto whole = scan(disk);
        CHECK(whole.header == WalScan::Header::valid);
        CHECK(whole.page_bytes == 1024);
        CHECK(whole.transactions == 6);
        CHECK(whole.end == disk.size_of("x-wal"));
        CHECK(whole.tail_end == whole.end);
        CHECK_FALSE(whole.rot);
        CHECK(rows_of_image(disk) == 5);
    }

    SCENARIO("a torn tail is not rot") {
        Disk disk;
        write_rows(disk, 5);
        const auto whole = scan(disk);
        const auto last = whole.end - frame_bytes;
        WHEN("the last frame of the last transaction is damaged") {
            disk.flip_bit("x-wal", last + 500, 3);
            const auto torn = scan(disk);
            CHECK_FALSE(torn.rot);
            CHECK(torn.transactions == 5);
            CHECK(torn.tail_end == whole.end);
            CHECK(rows_of_image(disk) == 4);
        }
        WHEN("an earlier frame of the last transaction is damaged") {
            disk.flip_bit("x-wal", last - frame_bytes + 500, 3);
            const auto torn = scan(disk);
            CHECK_FALSE(torn.rot);
            CHECK(torn.transactions == 5);
            CHECK(torn.tail_end == whole.end);
        }
    }

    SCENARIO("every bit of every transaction but the last is guarded") {
        Disk disk;
        write_rows(disk, 3);
        const auto whole = scan(disk);
        disk.flip_bit("x-wal", whole.end - 1, 0);
        const auto before_last = scan(disk).end;
        disk.flip_bit("x-wal", whole.end - 1, 0);
        for (std::uint64_t byte = 0; byte < before_last; byte += 5) {
            const auto bit = static_cast<unsigned>(byte % 8);
            disk.flip_bit("x-wal", byte, bit);
            const auto found = scan(disk);
            if (byte < 32) {
                CHECK(found.header == WalScan::Header::damaged);
            } else {
                const auto bad = frame((byte - 32) / frame_bytes);
                INFO("byte " << byte);
                CHECK((found.rot && *found.rot == bad));
            }
            disk.flip_bit("x-wal", byte, bit);
        }
    }

    SCENARIO("a WAL that was never written is empty") {
        Disk disk;
        auto file = disk.open("x-wal", Open::create);
        CHECK(scan(disk).header == WalScan::Header::empty);
        REQUIRE((*file)->write(0, std::string(5000, '\0')));
        CHECK(scan(disk).header == WalScan::Header::empty);
    }
}
