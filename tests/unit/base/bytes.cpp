#include "base/bytes.h"

#include <doctest/doctest.h>

#include "base/hash.h"

using namespace cmq;

TEST_SUITE("unit/base") {
    SCENARIO("what is encoded decodes to the same") {
        std::string bytes;
        Encoder(bytes).u8(200).u32(1u << 31).u64(UINT64_MAX).i64(-5).varint(300).zigzag(-1);
        Encoder(bytes).text("text").raw("raw");
        Decoder in(bytes);
        CHECK(in.u8() == 200);
        CHECK(in.u32() == 1u << 31);
        CHECK(in.u64() == UINT64_MAX);
        CHECK(in.i64() == -5);
        CHECK(in.varint() == 300);
        CHECK(in.zigzag() == -1);
        CHECK(in.text() == "text");
        CHECK(in.raw(3) == "raw");
        CHECK(in.done());
    }

    SCENARIO("varints hold every size of number") {
        for (unsigned bits = 0; bits < 64; ++bits) {
            for (const auto value : {(1ull << bits) - 1, 1ull << bits}) {
                std::string bytes;
                Encoder(bytes).varint(value).zigzag(static_cast<std::int64_t>(value));
                Decoder in(bytes);
                CHECK(in.varint() == value);
                CHECK(in.zigzag() == static_cast<std::int64_t>(value));
                CHECK(in.done());
            }
        }
    }

    SCENARIO("bytes that end too early give nothing, and failure sticks") {
        std::string bytes;
        Encoder(bytes).text("long enough").u64(7);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            Decoder in(std::string_view(bytes).substr(0, size));
            in.text();
            CHECK(in.u64() == 0);
            CHECK_FALSE(in.ok());
            CHECK_FALSE(in.done());
            CHECK(in.u8() == 0);
        }
    }

    SCENARIO("a varint that is too long is refused") {
        Decoder in("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
        CHECK(in.varint() == 0);
        CHECK_FALSE(in.ok());
    }

    SCENARIO("CRC32C is Castagnoli's") {
        CHECK(crc32c("123456789") == 0xe3069283u);
        CHECK(crc32c("6789", crc32c("12345")) == 0xe3069283u);
        CHECK(crc32c("") == 0);
    }
}
