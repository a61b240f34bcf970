#include <doctest/doctest.h>

#include <set>

#include "broker/handle.h"
#include "broker_in_memory.h"

namespace cmq::broker::test {

TEST_SUITE("unit/broker") {
    TEST_CASE("a handle is a positive 63-bit number that gives its lease back") {
        const HandleKey key(secret, QueueId{1});
        std::set<Handle> seen;
        for (std::uint64_t lease = 1; lease <= 10'000; ++lease) {
            const auto handle = key.handle(lease);
            CHECK(handle.value >= 1);
            CHECK(handle.value < (1ULL << 63));
            CHECK(key.lease(handle.value) == lease);
            CHECK(seen.insert(handle).second);
        }
        const auto last = (1ULL << 63) - 1;
        CHECK(key.lease(key.handle(last).value) == last);
        CHECK_FALSE(key.lease(0));
        CHECK_FALSE(key.lease(1ULL << 63));
    }

    TEST_CASE("each queue and each secret has handles of its own") {
        const HandleKey key(secret, QueueId{1});
        const HandleKey other_queue(secret, QueueId{2});
        const HandleKey other_secret(std::string(32, 't'), QueueId{1});
        for (std::uint64_t lease = 1; lease <= 1'000; ++lease) {
            const auto handle = key.handle(lease).value;
            CHECK(*other_queue.lease(handle) > 1'000'000);
            CHECK(*other_secret.lease(handle) > 1'000'000);
        }
    }
}

}  // namespace cmq::broker::test
