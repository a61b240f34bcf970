#include "auth/join_token.h"

#include <doctest/doctest.h>

#include <chrono>

namespace cmq::auth {
namespace {

using namespace std::chrono_literals;

constexpr auto now = stamp_of(1'700'000'000'000);
const std::string secret(32, 's');

JoinToken some_token() { return {"0123456789abcdef", now + 1h, std::string(64, 'a')}; }

}  // namespace

TEST_SUITE("unit/auth") {
    SCENARIO("a join token tells its parts to anyone, and its worth to who has the secret") {
        const auto text = make_token(secret, some_token());
        CHECK(text.starts_with("cmq-join-"));
        CHECK(text.size() == 9 + 119);
        CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_") == text.npos);
        for (const auto& token : {read_token(text), check_token(secret, text, now)}) {
            REQUIRE(token);
            CHECK(token->id == some_token().id);
            CHECK(token->expires == some_token().expires);
            CHECK(token->fingerprint == some_token().fingerprint);
        }
    }

    SCENARIO("a token is what it always was") {
        // Computed by another program from the layout in join_token.h.
        CHECK(make_token(secret, some_token()) ==
              "cmq-join-ATAxMjM0NTY3ODlhYmNkZWaAVhzQiwEAAKqqqqqqqqqqqqqqqqqqqqqqqqqqq"
              "qqqqqqqqqqqqqqqRWzAAJUcWey7NZuEqD_EsYUk93gF0J_pF68TTE-k-uw");
    }

    SCENARIO("a token ends at its time, and says what to do then") {
        const auto text = make_token(secret, some_token());
        CHECK(check_token(secret, text, now + 1h - 1ms));
        const auto late = check_token(secret, text, now + 1h);
        REQUIRE_FALSE(late);
        CHECK(late.error().code == Code::unauthenticated);
        CHECK(late.error().message ==
              "the join token expired at 2023-11-14T23:13:20.000Z; ask for a new one with: cmq "
              "cluster token");
    }

    SCENARIO("a token of another cluster is refused, and one with any letter changed") {
        const auto text = make_token(secret, some_token());
        const auto foreign = check_token(std::string(32, 't'), text, now);
        REQUIRE_FALSE(foreign);
        CHECK(foreign.error().code == Code::unauthenticated);
        for (std::size_t at = 0; at < text.size(); ++at) {
            auto altered = text;
            altered[at] = altered[at] == 'A' ? 'B' : 'A';
            CHECK_FALSE(check_token(secret, altered, now));
        }
        for (std::size_t size = 0; size < text.size(); ++size)
            CHECK_FALSE(read_token(text.substr(0, size)));
        CHECK_FALSE(read_token(text + "A"));
        CHECK_FALSE(read_token(" " + text));
        CHECK_FALSE(read_token("cmq-join-" + std::string(1'000'000, 'A')));
    }

    SCENARIO("what is no token is told what it should be") {
        const auto wrong = read_token("hello");
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == Code::invalid);
        CHECK(wrong.error().message.find("`cmq cluster token`") != std::string::npos);
        auto newer = make_token(secret, some_token());
        newer[10] = 'g';  // its version byte becomes 2
        newer[9] = 'A';
        CHECK(read_token(newer).error().message.find("version") != std::string::npos);
    }
}

}  // namespace cmq::auth
