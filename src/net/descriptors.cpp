#include "net/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

#include "base/check.h"

namespace cmq::net {

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;  // then the present limit stays
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint64_t descriptor_limit() {
    rlimit limit{};
    CMQ_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

Limits fit_into(std::uint64_t descriptors, std::uint64_t doors, Limits limits) {
    CMQ_CHECK(doors > 0);
    const auto reserved = std::min(reserved_descriptors, descriptors / 2);
    const auto most = std::max<std::uint64_t>((descriptors - reserved) / doors, 1);
    if (limits.connections <= most) return limits;
    const double share = static_cast<double>(most) / static_cast<double>(limits.connections);
    const auto of_address = static_cast<double>(limits.connections_per_address) * share;
    limits.connections_per_address = std::max<std::size_t>(static_cast<std::size_t>(of_address), 1);
    limits.connections = most;
    return limits;
}

std::uint64_t descriptors_for(std::uint64_t doors, const Limits& limits) {
    return doors * limits.connections + reserved_descriptors;
}

}  // namespace cmq::net
