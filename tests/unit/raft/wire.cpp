#include "raft/wire.h"

#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

std::string bytes_of(const Message& message) {
    std::string bytes;
    for (const auto& piece : encode(message)) bytes += *piece;
    return bytes;
}

template <class Body>
Body there_and_back(Body body) {
    const Message message{one, two, Term{300}, std::move(body)};
    const auto again = decode_message(bytes_of(message));
    REQUIRE(again);
    CHECK(again->from == one);
    CHECK(again->to == two);
    CHECK(again->term == Term{300});
    return std::get<Body>(again->body);
}

const Message append_message{
    one, two, Term{3}, Append{Index{2}, Term{1}, part(log_of({1, 1, 1, 3, 3}), 3, 5), Index{4}, 9}};

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("messages survive the way") {
        const auto request = there_and_back(VoteRequest{Index{1'000}, Term{7}, true, false});
        CHECK(request.last == Index{1'000});
        CHECK(request.last_term == Term{7});
        CHECK(request.pre);
        CHECK_FALSE(request.transfer);
        CHECK(there_and_back(VoteRequest{{}, {}, false, true}).transfer);

        CHECK(there_and_back(VoteReply{true, false}).pre);
        CHECK(there_and_back(VoteReply{false, true}).granted);

        AppendReply reply{true, Index{1}, Index{2}, Index{3}, Index{4}, Term{5}, 6, false};
        reply = there_and_back(reply);
        CHECK(reply.accepted);
        CHECK(reply.match == Index{1});
        CHECK(reply.verified == Index{2});
        CHECK(reply.refused == Index{3});
        CHECK(reply.hint == Index{4});
        CHECK(reply.hint_term == Term{5});
        CHECK(reply.round == 6);
        CHECK_FALSE(reply.complete);
        CHECK_FALSE(reply.stands_back);
        reply.stands_back = true;
        CHECK(there_and_back(reply).stands_back);
        there_and_back(TimeoutNow{});
    }

    SCENARIO("entries survive the way, and their payloads are not copied to leave") {
        const auto& sent_append = std::get<Append>(append_message.body);
        const auto pieces = encode(append_message);
        REQUIRE(pieces.size() == 4);
        CHECK(pieces[1] == sent_append.entries[0].payload);
        const auto again = decode_message(bytes_of(append_message));
        REQUIRE(again);
        const auto& append = std::get<Append>(again->body);
        CHECK(append.previous == Index{2});
        CHECK(append.previous_term == Term{1});
        CHECK(append.commit == Index{4});
        CHECK(append.round == 9);
        REQUIRE(append.entries.size() == 3);
        for (std::size_t at = 0; at < 3; ++at) {
            CHECK(append.entries[at].index == sent_append.entries[at].index);
            CHECK(append.entries[at].term == sent_append.entries[at].term);
            CHECK(append.entries[at].kind == sent_append.entries[at].kind);
            CHECK(append.entries[at].chain == sent_append.entries[at].chain);
            CHECK(*append.entries[at].payload == *sent_append.entries[at].payload);
        }
    }

    SCENARIO("a message that is cut short, or goes on, is refused") {
        const auto bytes = bytes_of(append_message);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            CHECK(decode_message(bytes.substr(0, size)).error().code == Code::corrupt);
        CHECK_FALSE(decode_message(bytes + "x"));
    }

    SCENARIO("a message with any byte changed is refused or read, and never more") {
        const auto bytes = bytes_of(append_message);
        for (std::size_t at = 0; at < bytes.size(); ++at)
            for (const int change : {1, 0x80, 0xff}) {
                auto changed = bytes;
                changed[at] = static_cast<char>(changed[at] ^ change);
                if (const auto message = decode_message(changed)) CHECK(!encode(*message).empty());
            }
    }

    SCENARIO("numbers that would wrap are refused") {
        auto message = append_message;
        message.term = Term{1ull << 63};
        CHECK_FALSE(decode_message(bytes_of(message)));
        message = append_message;
        std::get<Append>(message.body).previous = Index{1ull << 63};
        CHECK_FALSE(decode_message(bytes_of(message)));
    }
}

}  // namespace cmq::raft::test
