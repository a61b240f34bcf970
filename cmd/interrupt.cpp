#include "cmd/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

#include <cstdint>

#include "base/check.h"
#include "cmd/exit_codes.h"

namespace cmq::cmd {
namespace {

constexpr std::chrono::milliseconds repeat_after{50};

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void raise_flag(int event) {
    const std::uint64_t one = 1;
    CMQ_CHECK(::write(event, &one, sizeof one) == sizeof one);
}

}  // namespace

Interrupt::Interrupt(std::function<void()> on_signal, int output)
    : on_signal_(std::move(on_signal)), output_(output) {
    const auto set = watched_signals();
    CMQ_CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
    signals_ = signalfd(-1, &set, SFD_CLOEXEC);
    noted_ = eventfd(0, EFD_CLOEXEC);
    ended_ = eventfd(0, EFD_CLOEXEC);
    CMQ_CHECK(signals_ >= 0 && noted_ >= 0 && ended_ >= 0);
    watcher_ = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
    raise_flag(ended_);
    watcher_.join();
    for (const int descriptor : {signals_, noted_, ended_}) ::close(descriptor);
    const auto set = watched_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interrupt::watch() {
    // An error is told without being asked for, and nothing else is of interest.
    std::array<pollfd, 3> watched{pollfd{ended_, POLLIN, 0}, pollfd{signals_, POLLIN, 0},
                                  pollfd{output_, 0, 0}};
    auto& output = watched[2];
    bool is_reader_gone = false;
    while (true) {
        const bool repeats = happened_ || is_reader_gone;
        ::poll(watched.data(), watched.size(),
               repeats ? static_cast<int>(repeat_after.count()) : -1);
        if (watched[0].revents != 0) return;
        if (watched[1].revents != 0) take_signal();
        if (output.revents != 0) {
            is_reader_gone = (output.revents & POLLERR) != 0;
            output.fd = -1;  // it stays as it is, and poll would not wait any more
            if (is_reader_gone) raise_flag(noted_);
        }
        if (happened_ || is_reader_gone) on_signal_();
    }
}

void Interrupt::take_signal() {
    signalfd_siginfo signal;
    CMQ_CHECK(::read(signals_, &signal, sizeof signal) == sizeof signal);
    if (happened_) ::_exit(exit_code::interrupted);
    happened_ = true;
    raise_flag(noted_);
}

bool Interrupt::wait_for(std::chrono::milliseconds duration) const {
    pollfd watched{noted_, POLLIN, 0};
    ::poll(&watched, 1, static_cast<int>(duration.count()));
    return happened_;
}

}  // namespace cmq::cmd
