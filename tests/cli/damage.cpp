// Damage on disk, as a person meets it: the broker refuses to start and says where; verify finds
// it; repair says what it would give up, and does it only when told to.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "shard/checkpoint.h"
#include "tests/support/broker.h"
#include "tests/support/process.h"

using namespace cmq;
using namespace cmq::support;
namespace fs = std::filesystem;

namespace {

std::string lines(int count) {
    std::string text;
    for (int at = 0; at < count; ++at) text += "message " + std::to_string(at) + '\n';
    return text;
}

void flip_bit(const fs::path& file, std::streamoff at) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    REQUIRE(bytes.good());
    bytes.seekg(at);
    const char byte = static_cast<char>(bytes.get() ^ 1);
    bytes.seekp(at);
    bytes.put(byte);
}

/// What is behind it was never written to.
std::streamoff middle_of_content(const fs::path& file) {
    return static_cast<std::streamoff>(read_file(file).find_last_not_of('\0') / 2);
}

}  // namespace

TEST_SUITE("cli") {
    SCENARIO("a flipped bit is reported with its place, and nothing is served or changed") {
        Broker broker;
        REQUIRE(broker.cmq({"queue", "create", "orders"}).status == 0);
        for (int at = 0; at < 4; ++at)
            REQUIRE(broker.cmq({"send", "orders", "--lines"}, lines(64)).status == 0);
        broker.kill();
        const auto data = broker.directory() / "data";
        const auto wal = data / "log" / "1.seg-wal";
        flip_bit(wal, middle_of_content(wal));

        const auto refused = run({cmq_binary(), "serve", "--dev", "--data", data.string(), "--port",
                                  "0", "--port-file", (broker.directory() / "p").string()},
                                 broker.options());
        CHECK(refused.status == 1);
        CHECK_MESSAGE(refused.err.find("1.seg-wal") != std::string::npos, refused.err);

        const auto verified = broker.cmq({"verify", data.string()});
        CHECK(verified.status == 1);
        CHECK_MESSAGE(verified.out.find("damage: ") != std::string::npos, verified.out);

        const auto planned = broker.cmq({"repair", data.string()});
        CHECK(planned.status == 1);
        CHECK_MESSAGE(planned.err.find("nothing was changed") != std::string::npos, planned.err);
        CHECK(broker.cmq({"verify", data.string()}).status == 1);

        const auto told = broker.cmq({"repair", data.string(), "-o", "json"});
        CHECK(told.status == 1);
        CHECK_MESSAGE(told.out.find("1.seg-wal") != std::string::npos, told.out);

        const auto repaired = broker.cmq({"repair", data.string(), "--apply"});
        CHECK_MESSAGE(repaired.status == 0, repaired.out << repaired.err);
        broker.restart();
        const auto shown = broker.cmq({"queue", "list"});
        CHECK_MESSAGE(shown.status == 0, shown.err);
    }

    SCENARIO("a state that does not belong to the log beside it is damage") {
        Broker broker;
        REQUIRE(broker.cmq({"queue", "create", "orders"}).status == 0);
        broker.kill();
        const auto data = broker.directory() / "data";
        REQUIRE(broker.cmq({"verify", data.string()}).status == 0);
        {
            const auto files = store::system_files();
            auto state = shard::CheckpointWriter::open(*files, data / "state" / "0001.db");
            REQUIRE(state);
            REQUIRE(state->write(
                {{raft::Index{4321}, raft::Term{1}, 1}, {{raft::NodeId{1}}, {}}, {}, {}}));
        }
        const auto verified = broker.cmq({"verify", data.string()});
        CHECK(verified.status == 1);
        const auto state = (data / "state" / "0001.db").string();
        CHECK_MESSAGE(verified.out.find("damage: " + state) != std::string::npos, verified.out);
        CHECK_MESSAGE(verified.out.find("written at entry 4321") != std::string::npos,
                      verified.out);
    }

    SCENARIO("a second broker on the same directory says who holds it") {
        Broker broker;
        const auto second =
            run({cmq_binary(), "serve", "--dev", "--data", (broker.directory() / "data").string(),
                 "--port", "0", "--port-file", (broker.directory() / "p").string()},
                broker.options());
        CHECK(second.status == 9);
        CHECK_MESSAGE(second.err.find("held by process") != std::string::npos, second.err);
    }
}
