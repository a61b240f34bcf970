#include "base/clock.h"

#include <sys/random.h>

#include <cstring>

#include "base/check.h"

namespace cmq {

Stamp SystemClock::wall() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

Steady SystemClock::steady() const { return std::chrono::steady_clock::now(); }

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t have = 0; have < count;) {
        const auto got = getrandom(bytes.data() + have, count - have, 0);
        CMQ_CHECK(got > 0);
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::uint64_t random_number() {
    std::uint64_t number = 0;
    const auto bytes = random_bytes(sizeof number);
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

}  // namespace cmq
