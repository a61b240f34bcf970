#include "net/loops.h"

#include <sys/resource.h>

#include "net/loops_parts.h"

namespace cmq::net {
namespace {

/// A parked poll is a file descriptor: take as many as the system lets us have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;  // then the present limit stays
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Loops::Loops(unsigned count) : parts_(std::make_unique<Parts>()) {
    raise_descriptor_limit();
    for (unsigned at = 0; at < count; ++at) {
        auto& loop = *parts_->loops.emplace_back(std::make_unique<Loop>());
        loop.thread = std::jthread([&loop] { loop.io.run(); });
    }
}

Loops::~Loops() { stop(); }

void Loops::stop() {
    for (auto& loop : parts_->loops) loop->io.stop();
    for (auto& loop : parts_->loops)
        if (loop->thread.joinable()) loop->thread.join();
}

}  // namespace cmq::net
