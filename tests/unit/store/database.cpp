#include "store/database.h"

#include <doctest/doctest.h>

#include "tests/support/disk.h"

using namespace cmq;
using namespace cmq::store;
using support::Disk;
using support::Fault;
using support::Survive;

namespace {

Database open_state(Disk& disk) {
    auto database = Database::open("state.db", disk.vfs(), Access::create);
    REQUIRE(database);
    REQUIRE(
        database->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                      "PRAGMA wal_autocheckpoint=0; PRAGMA secure_delete=OFF;"
                      "CREATE TABLE IF NOT EXISTS word(id INTEGER PRIMARY KEY, text BLOB)"));
    return std::move(*database);
}

std::int64_t count_words(Database& database) {
    const auto count = database.number("SELECT count(*) FROM word");
    REQUIRE(count);
    return *count;
}

}  // namespace

TEST_SUITE("unit/store") {
    SCENARIO("a statement that does not fit the file's tables says that these were changed") {
        Disk disk;
        auto database = open_state(disk);
        const auto unknown = Statement::prepare(database, "SELECT missing FROM word");
        REQUIRE_FALSE(unknown);
        CHECK(unknown.error().code == Code::corrupt);
        CHECK(unknown.error().message.find("state.db: ") != std::string::npos);
        REQUIRE(database.run("INSERT INTO word(id) VALUES (1)"));
        const auto twice = database.run("INSERT INTO word(id) VALUES (1)");
        REQUIRE_FALSE(twice);
        CHECK(twice.error().code == Code::corrupt);
    }

    SCENARIO("two connections share a database in WAL mode") {
        GIVEN("a writer and a reader of one file") {
            Disk disk;
            auto writer = open_state(disk);
            auto reader = open_state(disk);
            REQUIRE(writer.run("INSERT INTO word(text) VALUES ('one')"));
            THEN("the reader sees what was committed") { CHECK(count_words(reader) == 1); }
            WHEN("the writer is in a transaction") {
                auto transaction = Transaction::begin(writer);
                REQUIRE(transaction);
                REQUIRE(writer.run("INSERT INTO word(text) VALUES ('two')"));
                THEN("the reader goes on reading the old rows") { CHECK(count_words(reader) == 1); }
                THEN("a second writer is told that the database is busy") {
                    const auto second = Transaction::begin(reader);
                    REQUIRE_FALSE(second);
                    CHECK(second.error().code == Code::busy);
                }
                THEN("the rows appear with the commit") {
                    REQUIRE(std::move(*transaction).commit());
                    CHECK(count_words(reader) == 2);
                }
            }
            WHEN("the writer's transaction goes out of scope") {
                {
                    auto transaction = Transaction::begin(writer);
                    REQUIRE(transaction);
                    REQUIRE(writer.run("INSERT INTO word(text) VALUES ('two')"));
                }
                THEN("its rows are gone") { CHECK(count_words(writer) == 1); }
            }
        }
    }

    SCENARIO("a complete checkpoint makes rows outlive a power cut") {
        GIVEN("a row that was committed without a sync") {
            Disk disk;
            auto writer = std::make_unique<Database>(open_state(disk));
            const auto first = writer->checkpoint(Checkpoint::truncate);
            REQUIRE(first);
            REQUIRE(*first);
            REQUIRE(writer->run("INSERT INTO word(text) VALUES ('one')"));
            WHEN("the power is cut") {
                disk.power_cut(Survive::none);
                writer.reset();
                THEN("it is gone") {
                    auto again = open_state(disk);
                    CHECK(count_words(again) == 0);
                }
            }
            WHEN("a checkpoint said that it is complete, and the power is cut") {
                const auto done = writer->checkpoint(Checkpoint::passive);
                REQUIRE(done);
                REQUIRE(*done);
                disk.power_cut(Survive::none);
                writer.reset();
                THEN("it is there") {
                    auto again = open_state(disk);
                    CHECK(count_words(again) == 1);
                }
            }
            WHEN("a reader holds an older view") {
                auto reader = open_state(disk);
                REQUIRE(reader.run("BEGIN"));
                CHECK(count_words(reader) == 1);
                REQUIRE(writer->run("INSERT INTO word(text) VALUES ('two')"));
                THEN("the checkpoint says that it is not complete") {
                    const auto done = writer->checkpoint(Checkpoint::passive);
                    REQUIRE(done);
                    CHECK_FALSE(*done);
                }
            }
        }
    }

    SCENARIO("a statement takes bytes and gives them back") {
        auto database = Database::in_memory();
        REQUIRE(database);
        REQUIRE(database->run("CREATE TABLE word(id INTEGER PRIMARY KEY, text BLOB NOT NULL)"));
        auto insert = Statement::prepare(*database, "INSERT INTO word VALUES (?, ?)");
        REQUIRE(insert);
        const std::string bytes("a\0b", 3);
        REQUIRE(insert->bind(1, 7).bind_bytes(2, bytes).run());
        REQUIRE(insert->bind(1, 8).bind_bytes(2, {}).run());
        auto select = Statement::prepare(*database, "SELECT id, text FROM word ORDER BY id");
        REQUIRE(select);
        REQUIRE(select->step().value());
        CHECK(select->number(0) == 7);
        CHECK(select->bytes(1) == bytes);
        REQUIRE(select->step().value());
        CHECK(select->bytes(1).empty());
        CHECK_FALSE(select->step().value());
        CHECK(database->read_blob("word", "text", 7, 1, 2).value() == std::string("\0b", 2));
        CHECK(database->read_blob("word", "text", 7, 2, 2).error().code == Code::corrupt);
        CHECK(database->read_blob("word", "text", 9, 0, 1).error().code == Code::corrupt);
        const auto twice = insert->bind(1, 7).bind_bytes(2, bytes).run();
        REQUIRE_FALSE(twice);
        CHECK(twice.error().message.find("UNIQUE") != std::string::npos);
    }

    SCENARIO("failures of the disk have the code of what happened") {
        Disk disk;
        auto database = open_state(disk);
        const std::string insert = "INSERT INTO word(text) VALUES (zeroblob(20000))";
        WHEN("a write fails") {
            disk.fail_after(0, Fault::io);
            CHECK(database.run(insert).error().code == Code::io);
        }
        WHEN("the disk is full") {
            disk.fail_after(0, Fault::disk_full);
            const auto failed = database.run(insert);
            CHECK(failed.error().code == Code::disk_full);
            CHECK(failed.error().message.find("state.db") != std::string::npos);
        }
        WHEN("the file is no database") {
            auto file = disk.open("noise.db", Open::create);
            REQUIRE(file);
            REQUIRE((*file)->write(0, std::string(4096, 'x')));
            auto noise = Database::open("noise.db", disk.vfs(), Access::read_write);
            REQUIRE(noise);
            CHECK(noise->number("SELECT count(*) FROM sqlite_schema").error().code ==
                  Code::corrupt);
        }
        WHEN("a turned bit in its header says that it may not be written") {
            REQUIRE(database.checkpoint(Checkpoint::truncate));
            { const auto closed = std::move(database); }
            constexpr std::uint64_t write_version = 18;  // in the file's header [SQLite]
            disk.flip_bit("state.db", write_version, 2);
            auto again = Database::open("state.db", disk.vfs(), Access::read_write);
            REQUIRE(again);
            CHECK(again->run(insert).error().code == Code::corrupt);
        }
        WHEN("the file is missing") {
            const auto none = Database::open("none.db", disk.vfs(), Access::read_write);
            REQUIRE_FALSE(none);
            CHECK(none.error().code == Code::io);
            CHECK(none.error().message.find("none.db") != std::string::npos);
        }
    }

    SCENARIO("an image of a database can be read without its file") {
        auto database = Database::in_memory();
        REQUIRE(database);
        REQUIRE(database->run("CREATE TABLE word(id); INSERT INTO word VALUES (1), (2)"));
        const auto image = database->image();
        REQUIRE(image);
        auto copy = Database::of_image(*image);
        REQUIRE(copy);
        CHECK(count_words(*copy) == 2);
        CHECK_FALSE(copy->run("DELETE FROM word"));
    }
}
