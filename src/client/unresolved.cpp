#include "client/unresolved.h"

#include <netdb.h>

#include <memory>

namespace cmq::client {

std::string unresolved(const std::string& host) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    if (failed == 0) return {};
    return ": the name " + host + " cannot be resolved (" + ::gai_strerror(failed) + ')';
}

}  // namespace cmq::client
