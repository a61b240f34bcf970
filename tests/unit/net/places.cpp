// Places for connections, and what those cost that get none.
#include "net/places.h"

#include <doctest/doctest.h>

using namespace cmq::net;

TEST_SUITE("unit/net") {
    SCENARIO("an address has so many places, and all together so many") {
        const Places::Limits limits{3, 2};
        Places places;
        CHECK(places.take("a", limits));
        CHECK(places.take("a", limits));
        CHECK_FALSE(places.take("a", limits));
        CHECK(places.take("b", limits));
        CHECK_FALSE(places.take("b", limits));
        places.give_back("a");
        CHECK(places.take("b", limits));
        CHECK(places.taken() == 3);
    }

    SCENARIO("addresses that get no place are not remembered") {
        const Places::Limits limits{1, 1};
        Places places;
        REQUIRE(places.take("a", limits));
        for (int number = 0; number < 1'000; ++number)
            CHECK_FALSE(places.take(std::to_string(number), limits));
        CHECK(places.addresses() == 1);
        places.give_back("a");
        CHECK(places.addresses() == 0);
        for (int number = 0; number < 10; ++number)
            CHECK_FALSE(places.take(std::to_string(number), {9, 0}));
        CHECK(places.addresses() == 0);
    }
}
