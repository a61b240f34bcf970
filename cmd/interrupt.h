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
    /// output  a descriptor; `on_signal` is called, too, when whoever reads from it has gone. That
    ///         is no signal, though. -1: none.
    explicit Interrupt(std::function<void()> on_signal, int output = -1);
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();

    bool happened() const { return happened_; }
    /// Waits that long, or until a signal comes: then true. Ends early when the reader has gone.
    bool wait_for(std::chrono::milliseconds duration) const;

private:
    void watch();
    void take_signal();

    std::function<void()> on_signal_;
    int output_ = -1;
    int signals_ = -1;  // signalfd
    int noted_ = -1;    // eventfd, readable once it happened, or the reader has gone
    int ended_ = -1;    // eventfd, readable when this is to go
    std::atomic<bool> happened_ = false;
    std::thread watcher_;
};

}  // namespace cmq::cmd
