#include "net/loops.h"

#include <pthread.h>
#include <signal.h>

#include "base/check.h"
#include "base/thread.h"
#include "net/descriptors.h"
#include "net/loops_parts.h"

namespace cmq::net {
namespace {

/// Threads that are made meanwhile get no signals: those are the main thread's, and a write to a
/// closed socket is a failure to return, not a reason to die (SIGPIPE).
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}  // namespace

Loops::Loops(unsigned count) : parts_(std::make_unique<Parts>()) {
    CMQ_CHECK(count > 0);
    raise_descriptor_limit();
    const SignalsBlocked blocked;
    for (unsigned at = 0; at < count; ++at) {
        auto& loop = *parts_->loops.emplace_back(std::make_unique<Loop>());
        loop.thread = std::jthread([&loop] {
            name_thread("loop");
            loop.io.run();
        });
    }
}

Loops::~Loops() { stop(); }

void Loops::stop() {
    for (auto& loop : parts_->loops) loop->io.stop();
    for (auto& loop : parts_->loops)
        if (loop->thread.joinable()) loop->thread.join();
}

}  // namespace cmq::net
