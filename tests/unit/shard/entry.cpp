#include "shard/entry.h"

#include <doctest/doctest.h>

#include "broker/codec.h"

namespace cmq::shard {
namespace {

constexpr broker::FormatVersion one{1}, two{2};

std::string written(broker::FormatVersion format) {
    std::string send;
    broker::encode({broker::Namespace{1}, broker::Send{"q", 0, {}, {"body"}}}, send);
    EntryWriter writer(stamp_of(5), format);
    writer.add(send);
    return std::move(writer).take();
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("an entry of a newer version is not read, and not called damaged") {
        const auto newer = written(two);
        REQUIRE(read_entry(newer, two));
        CHECK(read_entry(newer, two)->stamp == stamp_of(5));
        CHECK(read_bodies(newer, two) == std::vector<std::string_view>{"body"});
        CHECK(read_entry(written(one), two));
        for (const auto& error : {read_entry(newer, one).error(), read_bodies(newer, one).error(),
                                  check_format(newer, one).error()}) {
            CHECK(error.code == Code::exists);
            CHECK(error.message ==
                  "this cluster uses format 2, this cmq knows 1: install the release that runs on "
                  "the other nodes");
        }
    }

    SCENARIO("what has no version is corrupt") {
        for (const auto& odd : {std::string(), std::string(1, '\0'), std::string(9, '\0')})
            CHECK(check_format(odd, one).error().code == Code::corrupt);
        CHECK(read_entry(written(one).substr(0, 8), one).error().code == Code::corrupt);
    }
}

}  // namespace cmq::shard
