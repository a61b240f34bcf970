#include "broker/audit.h"

#include <doctest/doctest.h>

#include "broker_in_memory.h"

namespace cmq::broker::test {
namespace {

constexpr std::uint64_t delayed = 160;  // its sequence

/// Puts messages of every kind on disk, in three blocks. Returns an entry that carried some.
LogIndex fill(Broker& broker) {
    broker.create({.rewind = 100});
    for (int batch = 0; batch < 10; ++batch) broker.send_many(16);
    const LogIndex sent{broker.index};
    broker.send("later", 50);
    broker.consume(20);
    const auto taken = broker.take(3);
    broker.change(taken.front().handle.value, 0);
    broker.flush();
    return sent;
}

Result<Audit> audited(Broker& broker) {
    return audit(7, broker.rows, broker.options, [](LogIndex) { return true; });
}

}  // namespace

TEST_SUITE("unit/broker") {
    TEST_CASE("an audit counts what can be received, now or after a rewind") {
        Broker broker;
        fill(broker);
        const auto found = audited(broker);
        REQUIRE_MESSAGE(found, found.error().message);
        CHECK(found->blocks == 3);
        CHECK(found->messages == 161);
        CHECK(found->applied.value == broker.index);
    }

    // A delayed one is held where the cursor has not been: only its own row says so.
    TEST_CASE("an audit notices when a row is gone that others speak of") {
        for (const auto table : {Table::queue, Table::block, Table::held, Table::stripe}) {
            Broker broker;
            fill(broker);
            const auto rows = broker.rows.scan(table);
            CHECK(!rows.empty());
            for (const auto& row : rows) {
                if (table == Table::held && row.key.minor == delayed) continue;
                CAPTURE(static_cast<int>(table));
                CAPTURE(row.key.minor);
                broker.rows.write({{table, row.key, std::nullopt}});
                const auto found = audited(broker);
                REQUIRE_FALSE(found);
                CHECK(found.error().code == Code::corrupt);
                broker.rows.write({row});
            }
            CHECK(audited(broker));
        }
    }

    TEST_CASE("an audit finds rows that are of another flush than the rest") {
        for (const auto table : {Table::queue, Table::block, Table::held, Table::stripe}) {
            Broker broker;
            fill(broker);
            const auto before = broker.rows.scan(table);
            broker.now += 31s;  // leases end: every message that was taken is ready again
            broker.settle();
            broker.consume(30);
            broker.send_many(16);
            broker.flush();
            REQUIRE(audited(broker));
            broker.rows.write(before);
            CAPTURE(static_cast<int>(table));
            CHECK_FALSE(audited(broker));
        }
    }

    TEST_CASE("an audit asks the log for each body") {
        Broker broker;
        const auto missing = fill(broker);
        const auto found =
            audit(7, broker.rows, broker.options, [&](LogIndex index) { return index != missing; });
        REQUIRE_FALSE(found);
        CHECK_MESSAGE(found.error().message.find("entry " + std::to_string(missing.value)) !=
                          std::string::npos,
                      found.error().message);
    }
}

}  // namespace cmq::broker::test
