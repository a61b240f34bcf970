// Random commands against the model, with flushes cut in the middle and restarts.
#include <doctest/doctest.h>

#include "comparison.h"

namespace cmq::broker::test {

TEST_SUITE("unit/broker") {
    TEST_CASE("random commands give what the model gives, across flushes and restarts") {
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            CAPTURE(seed);
            CHECK(Comparison(seed, Planted::none).differs(2'500) == "");
        }
    }

    TEST_CASE("remembering only the last rewind would be noticed") {
        // Messages that a first rewind, further back, brought back are lost at the second.
        CHECK(Comparison(1, Planted::none).differs_after_two_rewinds() == "");
        CHECK(Comparison(1, Planted::single_rewind).differs_after_two_rewinds() != "");
    }
}

}  // namespace cmq::broker::test
