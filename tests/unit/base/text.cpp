#include "base/text.h"

#include <doctest/doctest.h>

using namespace cmq;

TEST_SUITE("unit/base") {
    SCENARIO("UTF-8 is what RFC 3629 says") {
        for (const auto* good : {"", "plain", "caf\xc3\xa9", "中文", "\xf0\x9f\x98\x80",
                                 "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"})
            CHECK_MESSAGE(is_utf8(good), good);
        for (const auto* bad : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80",
                                "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff"})
            CHECK_FALSE(is_utf8(bad));
    }

    SCENARIO("one byte that is not ASCII is noticed, wherever it stands") {
        for (std::size_t size = 1; size < 40; ++size) {
            std::string text(size, '\x7f');
            CHECK(is_utf8(text));
            for (auto& c : text) {
                c = '\x80';
                CHECK_FALSE(is_utf8(text));
                c = '\x7f';
            }
        }
    }

    SCENARIO("what is not UTF-8 can be shown all the same") {
        CHECK(to_utf8_lossy("a\xffz") == "a\xef\xbf\xbdz");
        CHECK(to_utf8_lossy("中") == "中");
    }

    SCENARIO("base64 goes both ways, and refuses what is not") {
        const std::pair<const char*, const char*> pairs[] = {
            {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xff\xfe", "//4="}};
        for (const auto& [bytes, text] : pairs) {
            CHECK(base64_encode(bytes) == text);
            REQUIRE(base64_decode(text));
            CHECK(*base64_decode(text) == bytes);
        }
        for (const auto* bad : {"Z", "Zg=", "Zg", "Zh==", "Z g=", "Zm9v\n", "===="})
            CHECK_FALSE(base64_decode(bad));
    }

    SCENARIO("base64url is base64 without what a URL or a shell reads otherwise") {
        const std::pair<const char*, const char*> pairs[] = {
            {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"\xff\xfe\xfb\xff", "__77_w"}};
        for (const auto& [bytes, text] : pairs) {
            CHECK(base64url_encode(bytes) == text);
            REQUIRE(base64url_decode(text));
            CHECK(*base64url_decode(text) == bytes);
        }
        for (const auto* bad : {"Z", "Zg==", "Zh", "//4", "++8", "Z g", "Zm9vZ"})
            CHECK_FALSE(base64url_decode(bad));
    }

    SCENARIO("hex goes both ways, and refuses what is not") {
        CHECK(hex_encode("\x01\xab") == "01ab");
        REQUIRE(hex_decode("01ab"));
        CHECK(*hex_decode("01ab") == "\x01\xab");
        CHECK(hex_decode("")->empty());
        for (const auto* bad : {"0", "0g", "AB", " 1"}) CHECK_FALSE(hex_decode(bad));
    }

    SCENARIO("times are RFC 3339") {
        const auto stamp = stamp_of(1'795'000'000'123);
        CHECK(to_rfc3339(stamp) == "2026-11-18T11:06:40.123Z");
        REQUIRE(parse_rfc3339("2026-11-18T11:06:40.123Z"));
        CHECK(*parse_rfc3339("2026-11-18T11:06:40.123Z") == stamp);
        CHECK(*parse_rfc3339("2026-11-18T19:06:40.123456+08:00") == stamp);
        CHECK(*parse_rfc3339("1970-01-01T00:00:00Z") == stamp_of(0));
        for (const auto* bad :
             {"", "2026-11-18", "2026-13-18T11:06:40Z", "2026-02-30T11:06:40Z",
              "2026-11-18T24:06:40Z", "2026-11-18T11:06:40", "2026-11-18T11:06:40."})
            CHECK_FALSE(parse_rfc3339(bad));
    }

    SCENARIO("a number is digits and nothing else") {
        CHECK(parse_digits("18446744073709551615") == UINT64_MAX);
        CHECK(parse_digits("007") == 7);
        for (const auto* bad : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"})
            CHECK_FALSE(parse_digits(bad));
    }
}
