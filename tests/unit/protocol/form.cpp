#include "protocol/form.h"

#include <doctest/doctest.h>

namespace cmq::protocol {
namespace {

std::string decoded(std::string_view text) { return form_decode(text).value_or("<error>"); }

auth::Parameters parsed(std::string_view text) {
    auto parameters = parse_form(text);
    REQUIRE(parameters);
    return *std::move(parameters);
}

}  // namespace

TEST_SUITE("unit/protocol") {
    SCENARIO("any bytes survive the form, there and back") {
        std::string bytes;
        for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
        const auto encoded = form_encode(bytes);
        CHECK(encoded.find_first_of("+& =?#") == std::string::npos);
        CHECK(decoded(encoded) == bytes);
        const auth::Parameters parameters{{"a&b", "c=d"}, {"", "x"}, {"empty", ""}, {bytes, bytes}};
        CHECK(parsed(to_form(parameters)) == parameters);
    }

    SCENARIO("only letters, digits and -._~ stay as they are") {
        CHECK(form_encode("aZ09-._~") == "aZ09-._~");
        CHECK(form_encode(" +/中") == "%20%2B%2F%E4%B8%AD");
    }

    SCENARIO("'+' is a blank, and escapes are of either case") {
        CHECK(decoded("a+b%20c%2B%2b") == "a b c++");
        CHECK(decoded("") == "");
        CHECK(decoded("%41%") == "<error>");
        CHECK(decoded("%4") == "<error>");
        CHECK(decoded("%4x") == "<error>");
        CHECK(decoded("%x4") == "<error>");
        CHECK(decoded("%%41") == "<error>");
    }

    SCENARIO("parameters keep raw names, decoded values and their order") {
        CHECK(parsed("b=2&a+=1&c&d=&e=x=y&&f=%26") ==
              auth::Parameters{
                  {"b", "2"}, {"a ", "1"}, {"c", ""}, {"d", ""}, {"e", "x=y"}, {"f", "&"}});
        CHECK(parsed("").empty());
        CHECK(parsed("&").empty());
    }

    SCENARIO("what cannot be parsed is named") {
        const auto bad = parse_form("fine=1&msgBody=%zz");
        REQUIRE_FALSE(bad);
        CHECK(bad.error().code == 4000);
        CHECK(bad.error().message() ==
              "(10420)cannot parse msgBody, or request size is more than 1MB");
    }

    SCENARIO("fields are found by their trimmed names, and empty ones are not given") {
        const auto parameters = parsed("limit+=20&offset=&%09x=1&y+z=2");
        const Fields fields(parameters);
        CHECK(fields.find("limit") == "20");
        CHECK_FALSE(fields.find("offset"));
        CHECK(fields.names("offset"));
        CHECK_FALSE(fields.names("Limit"));
        CHECK(fields.find("x") == "1");
        CHECK(fields.find("y z") == "2");
        CHECK(fields.required("offset").error().message() ==
              "(10390)lacked of required parameter offset");
    }

    SCENARIO("numbers are decimal digits") {
        const auto module_of = [](const std::string& value) {
            const auth::Parameters parameters{{"n", value}};
            const auto number = Fields(parameters).number("n");
            return number ? 0 : number.error().module;
        };
        for (const auto* good : {"0", "00", "007", "9223372036854775807"})
            CHECK(module_of(good) == 0);
        for (const auto* far : {"-1", "-0", "9223372036854775808", "99999999999999999999999"})
            CHECK(module_of(far) == 10350);
        for (const auto* odd : {"a", "1a", "+1", " 1", "1 ", "-", "1.0", "0x1", "-a", "1-"})
            CHECK(module_of(odd) == 10360);
    }

    SCENARIO("lists are in numeric order, whatever the order on the wire") {
        const auto parameters =
            parsed("m.10=j&m.2=b&m.1=a&m.9=i&m.3=c&m.4=d&m.5=e&m.6=f&m.7=g&m.8=h");
        const auto values = Fields(parameters).list("m");
        REQUIRE(values);
        std::string joined;
        for (const auto value : *values) joined += value;
        CHECK(joined == "abcdefghij");
        CHECK(Fields(parameters).list("n")->empty());
    }
}

}  // namespace cmq::protocol
