#include "net/descriptors.h"

#include <doctest/doctest.h>

using namespace cmq::net;

TEST_SUITE("unit/net") {
    TEST_CASE("connections leave descriptors to others") {
        Limits asked;
        asked.connections = 1'000;
        asked.connections_per_address = 500;
        SUBCASE("where there are enough, all are let in") {
            CHECK(descriptors_for(2, asked) == 2'512);
            CHECK(fit_into(UINT64_MAX, 2, asked).connections == 1'000);
            CHECK(fit_into(2'512, 2, asked).connections == 1'000);
            CHECK(fit_into(2'512, 2, asked).connections_per_address == 500);
        }
        SUBCASE("else as many as fit, and of one address the same share of them") {
            CHECK(fit_into(2'510, 2, asked).connections == 999);
            CHECK(fit_into(1'512, 2, asked).connections == 500);
            CHECK(fit_into(1'512, 2, asked).connections_per_address == 250);
        }
        SUBCASE("of few descriptors half are kept") {
            CHECK(fit_into(200, 2, asked).connections == 50);
            CHECK(fit_into(200, 1, asked).connections == 100);
            CHECK(fit_into(2, 2, asked).connections == 1);
            CHECK(fit_into(2, 2, asked).connections_per_address == 1);
        }
    }
}
