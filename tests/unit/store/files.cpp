#include "store/files.h"

#include <doctest/doctest.h>

#include "base/clock.h"
#include "base/text.h"
#include "tests/support/disk.h"

using namespace cmq;
using namespace cmq::store;
using support::Disk;
using support::Fault;
using support::Survive;

namespace {

/// A directory of the machine that is gone afterwards.
struct Scratch {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("cmq-" + hex_encode(random_bytes(8)));
    ~Scratch() { std::filesystem::remove_all(path); }
};

std::string read_all(Files& files, const std::filesystem::path& path) {
    auto file = files.open(path, Open::existing);
    REQUIRE(file);
    const auto size = (*file)->size();
    REQUIRE(size);
    const auto bytes = (*file)->read(0, static_cast<std::size_t>(*size));
    REQUIRE(bytes);
    return *bytes;
}

/// What every disk does, the machine's and the simulated one.
void check_files(Files& files, const std::filesystem::path& root) {
    const auto folder = root / "a" / "b";
    REQUIRE(files.make_directory(folder));
    REQUIRE(files.make_directory(folder));
    CHECK(files.open(folder / "x", Open::existing).error().code == Code::not_found);
    {
        auto file = files.open(folder / "x", Open::create);
        REQUIRE(file);
        REQUIRE((*file)->write(4, "tail"));
        REQUIRE((*file)->write(0, "head"));
        REQUIRE((*file)->sync());
        REQUIRE((*file)->drop_cache());
        CHECK((*file)->read(2, 4).value() == "adta");
        CHECK((*file)->read(6, 100).value() == "il");
        CHECK((*file)->read(60, 1).value().empty());
        REQUIRE((*file)->truncate(6));
        CHECK((*file)->size().value() == 6);
    }
    REQUIRE(files.rename(folder / "x", folder / "y"));
    REQUIRE(files.sync_directory(folder));
    CHECK_FALSE(files.exists(folder / "x").value());
    CHECK(files.exists(folder / "y").value());
    CHECK(files.list(folder).value() == std::vector<std::string>{"y"});
    CHECK(files.list(root / "a").value() == std::vector<std::string>{"b"});
    CHECK(read_all(files, folder / "y") == "headta");
    REQUIRE(files.remove(folder / "y"));
    CHECK(files.remove(folder / "y").error().code == Code::not_found);
    CHECK(files.free_bytes(folder).value() > 0);
    auto first = files.open(folder / "lock", Open::create);
    auto second = files.open(folder / "lock", Open::create);
    REQUIRE((*first)->lock());
    CHECK((*second)->lock().error().code == Code::busy);
    first->reset();
    CHECK((*second)->lock());
}

}  // namespace

TEST_SUITE("unit/store") {
    TEST_CASE("the machine's disk does what its interface says") {
        const Scratch scratch;
        const auto files = system_files();
        check_files(*files, scratch.path);
    }

    TEST_CASE("the simulated disk does what its interface says") {
        Disk disk;
        check_files(disk, "root");
    }

    TEST_CASE("errors of the machine's disk name the file and the reason") {
        const auto files = system_files();
        const auto missing = files->open("/no/such/file", Open::create);
        REQUIRE_FALSE(missing);
        CHECK(missing.error().message == "/no/such/file: open: No such file or directory");
    }

    SCENARIO("the simulated disk forgets what was not synced") {
        GIVEN("a synced file with a write behind that is not synced") {
            Disk disk;
            auto file = disk.open("x", Open::create);
            REQUIRE((*file)->write(0, "synced"));
            REQUIRE((*file)->sync());
            REQUIRE(disk.sync_directory(""));
            REQUIRE((*file)->write(0, "newer!"));
            WHEN("the process is killed") {
                disk.kill();
                THEN("the write is there and the open file is dead") {
                    CHECK(read_all(disk, "x") == "newer!");
                    CHECK((*file)->read(0, 1).error().code == Code::io);
                }
                THEN("a power cut still loses it") {
                    disk.power_cut(Survive::none);
                    CHECK(read_all(disk, "x") == "synced");
                }
            }
            WHEN("the power is cut and everything survives") {
                disk.power_cut(Survive::all);
                CHECK(read_all(disk, "x") == "newer!");
            }
            WHEN("a sync fails, and the next one succeeds") {
                disk.fail_after(0, Fault::io);
                CHECK((*file)->sync().error().code == Code::io);
                CHECK((*file)->sync());
                disk.power_cut(Survive::none);
                THEN("the second one has saved nothing") { CHECK(read_all(disk, "x") == "synced"); }
            }
        }
    }

    SCENARIO("names outlive a power cut only with their directory") {
        Disk disk;
        REQUIRE(disk.open("x", Open::create).value()->write(0, "1"));
        WHEN("nothing was synced") {
            disk.power_cut(Survive::none);
            CHECK_FALSE(disk.exists("x").value());
        }
        WHEN("the directory was synced, and the file renamed after that") {
            REQUIRE(disk.sync_directory(""));
            REQUIRE(disk.rename("x", "y"));
            disk.power_cut(Survive::none);
            CHECK(disk.exists("x").value());
            CHECK_FALSE(disk.exists("y").value());
        }
    }

    SCENARIO("a torn write is kept sector by sector") {
        Disk disk;
        auto file = disk.open("x", Open::create);
        REQUIRE((*file)->write(0, std::string(64 * 512, 'a')));
        REQUIRE((*file)->sync());
        REQUIRE(disk.sync_directory(""));
        REQUIRE((*file)->write(100, std::string(60 * 512, 'b')));
        disk.power_cut(Survive::torn, 7);
        const auto bytes = read_all(disk, "x");
        REQUIRE(bytes.size() == 64 * 512);
        std::size_t changes = 0;
        for (std::size_t at = 1; at < bytes.size(); ++at) {
            if (bytes[at] == bytes[at - 1]) continue;
            ++changes;
            CHECK((at % 512 == 0 || at == 100 || at == 100 + 60 * 512));
        }
        CHECK(changes > 2);
    }

    SCENARIO("faults come at the call that was asked for") {
        Disk disk;
        auto file = disk.open("x", Open::create);
        disk.fail_after(1, Fault::short_write);
        CHECK((*file)->write(0, "1234"));
        CHECK_FALSE(disk.failed_a_call());
        CHECK((*file)->write(4, "5678").error().code == Code::io);
        CHECK(disk.failed_a_call());
        CHECK(disk.content_of("x") == "123456");
        CHECK((*file)->write(4, "5678"));
        disk.stop_after(1);
        CHECK((*file)->write(0, "last"));
        CHECK((*file)->write(0, "none").error().code == Code::io);
        CHECK(disk.exists("x").error().code == Code::io);
        disk.power_cut(Survive::all);
        CHECK(read_all(disk, "x") == "last5678");
        disk.set_capacity(10);
        auto again = disk.open("x", Open::existing);
        CHECK((*again)->write(8, "90"));
        CHECK_FALSE(disk.failed_a_call());
        CHECK((*again)->write(10, "1").error().code == Code::disk_full);
        CHECK(disk.failed_a_call());
    }
}
