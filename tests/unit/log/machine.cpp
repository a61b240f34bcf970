// The log on the machine's own disk.

#include <doctest/doctest.h>

#include "base/clock.h"
#include "base/text.h"
#include "log/verify.h"
#include "tests/unit/log/model.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;

namespace {

struct Scratch {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("cmq log " + hex_encode(random_bytes(8)));
    ~Scratch() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_SUITE("unit/log") {
    SCENARIO("a script runs on the machine's disk as it does on the simulated one") {
        const Scratch scratch;
        const auto files = store::system_files();
        auto options = small_segments();
        options.directory = scratch.path / "log";
        Node node(*files, options);
        REQUIRE(node.open());
        Script script(21);
        for (unsigned step = 0; step < 120; ++step) {
            const auto done = script.step(node);
            REQUIRE_MESSAGE(done, text_of(done));
            if (step % 40 != 39) continue;
            node.close();
            CHECK(text_of(compare(*files, options, node.model)) == "");
            REQUIRE(node.open());
        }
        node.close();
        const auto report = verify(*files, options.directory);
        REQUIRE(report);
        CHECK(report->findings.empty());
    }

    SCENARIO("the log begins small, and its pool is filled piece by piece, but not with --dev") {
        const Scratch scratch;
        const auto files = store::system_files();
        for (const bool grows : {true, false}) {
            auto options = small_segments();
            options.directory = scratch.path / (grows ? "grows" : "fills");
            options.segment_bytes = 4 << 20;
            options.grow_first = grows;
            options.grow_bytes = 256 << 10;
            Node node(*files, options);
            REQUIRE(node.open());
            REQUIRE(node.append(next(node.model, one, "first")));
            const auto size = std::filesystem::file_size(options.directory / "1.seg-wal");
            CHECK(size < (512 << 10));
            unsigned pieces = 0;
            while (node.archive->fill_pool().value()) ++pieces;
            CHECK((pieces > 16) == !grows);
            CHECK(node.archive->usage()->pool_files == (grows ? 0 : options.pool_files));
            CHECK(node.archive->usage()->room.free_bytes > 0);
            node.close();
            CHECK(text_of(compare(*files, options, node.model)) == "");
        }
    }
}
