#include "shard/bulk.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::shard;

namespace {

SnapshotChunk chunk() {
    const raft::Configuration all{{raft::NodeId{1}, raft::NodeId{2}}, {raft::NodeId{3}}};
    return {raft::Term{4}, {raft::Index{900}, raft::Term{3}, 77, all}, 5'000, 4'096, "the bytes"};
}

raft::Entry entry(std::uint64_t index) {
    return {raft::Index{index}, raft::Term{2}, raft::Kind::command, index * 3,
            make_blob("body " + std::to_string(index))};
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("a chunk of a snapshot survives the wire") {
        const auto read = decode_bulk_request(encode(BulkRequest{chunk()}));
        REQUIRE(read);
        const auto& got = std::get<SnapshotChunk>(*read);
        CHECK(got.term == raft::Term{4});
        CHECK(got.base == chunk().base);
        CHECK(got.size == 5'000);
        CHECK(got.offset == 4'096);
        CHECK(got.bytes == "the bytes");
    }

    SCENARIO("bodies survive the wire") {
        const BodiesWanted wanted{{raft::Index{5}, raft::Index{700}}};
        const auto asked = decode_bulk_request(encode(BulkRequest{wanted}));
        REQUIRE(asked);
        CHECK(std::get<BodiesWanted>(*asked).indexes == wanted.indexes);
        const auto told = decode_bulk_answer(
            encode(BulkAnswer{BodiesFound{raft::Index{800}, 2, {entry(5), entry(700)}}}));
        REQUIRE(told);
        const auto& found = std::get<BodiesFound>(*told);
        CHECK(found.applied == raft::Index{800});
        CHECK(found.looked_at == 2);
        REQUIRE(found.entries.size() == 2);
        CHECK(*found.entries[1].payload == "body 700");
        CHECK(found.entries[1].chain == 2'100);
        CHECK(found.entries[1].term == raft::Term{2});
    }

    SCENARIO("whatever is cut short or goes on too long is refused") {
        const auto request = encode(BulkRequest{chunk()});
        for (std::size_t length = 0; length < request.size(); ++length)
            CHECK_FALSE(decode_bulk_request(request.substr(0, length)));
        CHECK_FALSE(decode_bulk_request(request + '.'));
        const auto answer = encode(BulkAnswer{BodiesFound{raft::Index{8}, 1, {entry(5)}}});
        for (std::size_t length = 0; length < answer.size(); ++length)
            CHECK_FALSE(decode_bulk_answer(answer.substr(0, length)));
        CHECK_FALSE(decode_bulk_answer(answer + '.'));
    }
}
