#include "tests/support/readiness.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace cmq::support {
namespace {

constexpr int patience = 60'000;  // ms

void close_end(int& descriptor) {
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

}  // namespace

Readiness::Readiness() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read_ = ends[0];
    write_ = ends[1];
}

Readiness::~Readiness() {
    close_end(read_);
    close_end(write_);
}

/// Without our end of it, so that its end is seen when the program ends.
bool Readiness::wait() {
    close_end(write_);
    pollfd watched{read_, POLLIN, 0};
    std::array<char, 16> word;
    return ::poll(&watched, 1, patience) > 0 && ::read(read_, word.data(), word.size()) > 0;
}

}  // namespace cmq::support
