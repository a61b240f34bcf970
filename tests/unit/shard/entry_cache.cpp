#include "shard/entry_cache.h"

#include <doctest/doctest.h>

#include "broker/codec.h"
#include "shard/entry.h"

namespace cmq::shard {
namespace {

/// An entry that carries `bodies`, each sent by a command of its own, behind a receive.
raft::Entry entry(std::uint64_t index, std::initializer_list<std::string_view> bodies) {
    EntryWriter writer(stamp_of(5), broker::newest_format());
    std::string receive;
    broker::encode({broker::Namespace{1}, broker::Receive{"q", 1}}, receive);
    writer.add(receive);
    for (const auto body : bodies) {
        std::string send;
        broker::encode({broker::Namespace{1}, broker::Send{"q", 0, {}, {body}}}, send);
        writer.add(send);
    }
    raft::Entry made;
    made.index = raft::Index{index};
    made.kind = raft::Kind::command;
    made.payload = make_blob(std::move(writer).take());
    return made;
}

std::string text(EntryCache& cache, std::uint64_t index, std::uint32_t slot) {
    const auto body = cache.find({raft::Index{index}, slot});
    REQUIRE(body);
    return *body ? std::string((*body)->text) : "(not here)";
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("bodies are found by entry and slot") {
        EntryCache cache(1'000);
        cache.add_active(entry(1, {"a", "b"}));
        cache.add_active(entry(2, {"c"}));
        CHECK(text(cache, 1, 0) == "a");
        CHECK(text(cache, 1, 1) == "b");
        CHECK(text(cache, 2, 0) == "c");
        CHECK(text(cache, 3, 0) == "(not here)");
        CHECK_FALSE(cache.find({raft::Index{2}, 1}));  // no such slot: damage, not absence
    }

    SCENARIO("entries of the active segment stay, sealed ones go when others are used more") {
        const std::string big(400, 'x');
        EntryCache cache(1'000);
        for (std::uint64_t index = 1; index <= 4; ++index) cache.add_active(entry(index, {big}));
        CHECK(cache.bytes() > 1'600);
        CHECK(text(cache, 1, 0) == big);
        cache.sealed(raft::Index{3});
        CHECK(text(cache, 1, 0) == "(not here)");
        CHECK(text(cache, 3, 0) == big);
        CHECK(text(cache, 4, 0) == big);
        REQUIRE(cache.add_cold(entry(1, {big})));
        CHECK(text(cache, 1, 0) == big);
        CHECK(text(cache, 2, 0) == "(not here)");
    }

    SCENARIO("what is not an entry is refused, not cached") {
        EntryCache cache(1'000);
        auto damaged = entry(1, {"a"});
        damaged.payload = make_blob("\x07 not an entry");
        CHECK_FALSE(cache.add_cold(damaged));
        CHECK(text(cache, 1, 0) == "(not here)");
    }
}

}  // namespace cmq::shard
