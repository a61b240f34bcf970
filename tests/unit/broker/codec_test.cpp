#include <doctest/doctest.h>

#include "broker_in_memory.h"

namespace cmq::broker::test {
namespace {

std::string encoded(const Command& command) {
    std::string bytes;
    encode(command, bytes);
    return bytes;
}

std::vector<Command> one_of_each() {
    const AttributeChanges all{1, -2, 3, 4, 5, 0, false};
    return {
        {Namespace{1}, Found{secret}},
        {Namespace{2}, CreateQueue{"queue", {}}},
        {Namespace{300}, CreateQueue{"queue", all}},
        {Namespace{1}, SetQueueAttributes{"queue", {.rewind = 60, .trace = true}}},
        {Namespace{1}, DeleteQueue{"queue"}},
        {Namespace{1}, ClearQueue{"queue"}},
        {Namespace{1}, RewindQueue{"queue", stamp_of(-5)}},
        {Namespace{1}, Send{"queue", -1, "dedup", {"one", "", std::string_view("\0x", 2)}}},
        {Namespace{1}, Send{"queue", 3600, {}, {}}},
        {Namespace{1}, Receive{"queue", 0xFFFFFFFF}},
        {Namespace{1}, DeleteMessages{"queue", {1, 0, ~0ULL}}},
        {Namespace{1}, ChangeVisibility{"queue", 77, 43'200}},
        {Namespace{1}, Unreceive{"queue", {5}}},
        {Namespace{1}, Tick{}},
        {{},
         AddNode{"0123456789abcdef",
                 stamp_of(5),
                 "a:1",
                 "https://a:2",
                 "z",
                 NodeId{65'537},
                 {2},
                 "0123456789abcdef0123456789abcdef"}},
        {{}, AddNode{}},
        {{}, SetNode{NodeId{~0ULL}, "a:1", "https://a:2", ""}},
        {{}, DropNode{NodeId{131'073}}},
        {{}, RaiseFormat{{2}, {}}},
        {{}, RaiseFormat{{300}, {NodeId{65'537}, NodeId{131'073}}}},
    };
}

}  // namespace

TEST_SUITE("unit/broker") {
    TEST_CASE("each command reads back as it was written") {
        for (const auto& command : one_of_each()) {
            const auto bytes = encoded(command);
            CAPTURE(command.action.index());
            const auto back = decode(bytes);
            REQUIRE(back);
            CHECK(back->space == command.space);
            CHECK(back->action.index() == command.action.index());
            CHECK(encoded(*back) == bytes);
        }
        const auto bytes = encoded({Namespace{9}, Send{"queue", -7, "d", {"one", "two"}}});
        const auto back = decode(bytes);
        REQUIRE(back);
        const auto& send = std::get<Send>(back->action);
        CHECK(send.queue == "queue");
        CHECK(send.delay == -7);
        CHECK(send.dedup_id == "d");
        CHECK(send.bodies == std::vector<std::string_view>{"one", "two"});
    }

    TEST_CASE("a layout is for ever") {
        CHECK(encoded({Namespace{1}, Send{"q", 5, "", {"ab"}}}) ==
              std::string("\x01\x01\x07\x01q\x0a\x00\x01\x02"
                          "ab",
                          11));
        CHECK(encoded({Namespace{2}, Receive{"q", 16}}) == "\x01\x02\x08\x01q\x10");
        CHECK(encoded({{}, AddNode{"t", stamp_of(1), "a", "b", "c", NodeId{2}, {3}, "k"}}) ==
              std::string("\x01\0\x0d\x01t\x02\x01\x61\x01\x62\x01\x63\x02\x03\x01k", 16));
        CHECK(encoded({{}, SetNode{NodeId{2}, "a", "b", ""}}) ==
              std::string("\x01\0\x0e\x02\x01\x61\x01\x62\0", 9));
        CHECK(encoded({{}, DropNode{NodeId{3}}}) == std::string("\x01\0\x0f\x03", 4));
        CHECK(encoded({{}, RaiseFormat{{2}, {NodeId{1}, NodeId{3}}}}) ==
              std::string("\x01\0\x10\x02\x02\x01\x03", 7));
    }

    TEST_CASE("what was cut short, continued, or is of another kind is corrupt") {
        for (const auto& command : one_of_each()) {
            const auto bytes = encoded(command);
            CAPTURE(command.action.index());
            for (std::size_t size = 0; size < bytes.size(); ++size) {
                const auto short_one = decode(std::string_view(bytes).substr(0, size));
                REQUIRE_FALSE(short_one);
                CHECK(short_one.error().code == Code::corrupt);
            }
            CHECK_FALSE(decode(bytes + '\0'));
        }
        for (const std::string_view bytes : {"\x02\x01\x0c", "\x01\x01\x11", "\x01\x01\x63"}) {
            CHECK(decode(bytes).error().code == Code::corrupt);
        }
        // A count that promises more than there is must not be believed.
        CHECK_FALSE(decode("\x01\x01\x07\x01q\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
        CHECK_FALSE(decode("\x01\x01\x10\x02\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
        CHECK_FALSE(decode("\x01\x01\x09\x01q\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
    }
}

}  // namespace cmq::broker::test
