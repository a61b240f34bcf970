#include "auth/signature.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "auth/hmac_key.h"
#include "base/text.h"
#include "tests/unit/auth/examples.h"

namespace cmq::auth {

TEST_SUITE("unit/auth") {
    SCENARIO("the worked examples of the contract sign as it says") {
        for (const auto& example : examples()) {
            CAPTURE(example.what);
            const auto text =
                text_to_sign(example.method, example.host, example.path, example.parameters);
            CHECK(sign(example.secret_key, example.digest, text) == example.signature);
        }
    }

    SCENARIO("the order in which parameters come does not matter") {
        auto backwards = eleven_bodies();
        std::ranges::reverse(backwards);
        CHECK(text_to_sign("POST", "h", "/", backwards) ==
              text_to_sign("POST", "h", "/", eleven_bodies()));
    }

    SCENARIO("names are sorted as they came, and only then lose their underscores") {
        CHECK(query_to_sign({{"a_b", "1"}, {"a.c", "2"}, {"B", "3"}, {"aZ", "4"}}) ==
              "?B=3&a.c=2&aZ=4&a.b=1");
    }

    SCENARIO("empty values and stray blanks are signed as they came") {
        CHECK(query_to_sign({{"routingKey", ""}, {"offset ", "0"}}) == "?offset =0&routingKey=");
    }

    SCENARIO("a signature is no part of what is signed") {
        CHECK(query_to_sign({{"Signature", "x"}, {"a", "1"}, {"SignatureMethod", "m"}}) ==
              "?SignatureMethod=m&a=1");
    }

    SCENARIO("values that begin with '@' are left out on request") {
        CHECK(query_to_sign(at_home()).find("msgBody=@home") != std::string::npos);
        CHECK(query_to_sign(at_home(), AtValues::left_out).find("msgBody") == std::string::npos);
    }

    SCENARIO("HMAC agrees with the published test cases of RFC 2202 and RFC 4231") {
        const auto hex = [](const std::string& base64) {
            const auto bytes = base64_decode(base64);
            REQUIRE(bytes);
            return hex_encode(*bytes);
        };
        const std::string_view key = "Jefe";
        const std::string_view text = "what do ya want for nothing?";
        CHECK(hex(sign(key, Digest::sha1, text)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        CHECK(hex(sign(key, Digest::sha256, text)) ==
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        CHECK(hex(sign(std::string(131, '\xaa'), Digest::sha256,
                       "Test Using Larger Than Block-Size Key - Hash Key First")) ==
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        CHECK(hex(sign("", Digest::sha1, "")) == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
    }

    SCENARIO("one key signs many texts, whole or in pieces") {
        const HmacKey key(example_key, Digest::sha256);
        const auto whole = key.sign({"abc"});
        CHECK(key.sign({"a", "", "bc"}) == whole);
        CHECK(key.sign({"abd"}) != whole);
        CHECK(key.sign({"abc"}) == whole);
    }
}

}  // namespace cmq::auth
