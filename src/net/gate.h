// net/gate.h: who is destroyed waits for those of its callbacks that are running.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace cmq::net {

/// Callbacks go through it; the owner closes it before what they use is gone. Any thread.
class Gate {
public:
    /// Runs `callback` unless the gate is closed.
    template <class Callback>
    void pass(const Callback& callback) {
        if (!enter()) return;
        callback();
        leave();
    }

    /// Afterwards none runs any more, but for the one that this is called from, if it is.
    void close() {
        std::unique_lock lock(mutex_);
        closed_ = true;
        left_.wait(lock, [this] {
            return std::ranges::all_of(inside_,
                                       [](auto one) { return one == std::this_thread::get_id(); });
        });
    }

private:
    bool enter() {
        const std::lock_guard lock(mutex_);
        if (!closed_) inside_.push_back(std::this_thread::get_id());
        return !closed_;
    }
    void leave() {
        const std::lock_guard lock(mutex_);
        inside_.erase(std::ranges::find(inside_, std::this_thread::get_id()));
        if (closed_) left_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable left_;
    std::vector<std::thread::id> inside_;
    bool closed_ = false;
};

}  // namespace cmq::net
