// cmd/interrupt.h: SIGINT and SIGTERM as values, for commands that finish cleanly.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace cmq::cmd {

/// While it lives, the first signal is noted and `on_signal` is called until it is gone (what it
/// wants to end may just be beginning); the second one ends the process at once with 130.
/// One at a time; made before other threads are.
class Interrupt {
public:
    /// `on_signal` runs on another thread.
    explicit Interrupt(std::function<void()> on_signal);
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();

    bool happened() const { return happened_; }
    /// Waits that long, or until a signal comes: then true.
    bool wait_for(std::chrono::milliseconds duration) const;

private:
    void watch();

    std::function<void()> on_signal_;
    int signals_ = -1;  // signalfd
    int noted_ = -1;    // eventfd, readable once it happened
    int ended_ = -1;    // eventfd, readable when this is to go
    std::atomic<bool> happened_ = false;
    std::thread watcher_;
};

}  // namespace cmq::cmd
