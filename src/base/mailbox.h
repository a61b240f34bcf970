// base/mailbox.h: how threads meet. Many push, one takes all; the owner's state needs no lock.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

namespace cmq {

/// A queue of values for one thread. Bounded by its users (bytes in flight), not by itself.
/// While work keeps coming the owner spins for a moment before it sleeps: a wake-up costs more
/// than the wait for the next message does.
template <class T>
class Mailbox {
public:
    void push(T value) {
        {
            const std::lock_guard lock(mutex_);
            inbox_.push_back(std::move(value));
            waiting_.store(true, std::memory_order_release);
            if (!asleep_) return;
        }
        wake_.notify_one();
    }

    /// Moves all that is there to `out` (cleared first). Waits for it until `deadline`, or without
    /// end when there is none. False: nothing came.
    bool take(std::vector<T>& out, std::optional<std::chrono::steady_clock::time_point> deadline,
              std::chrono::microseconds spin = {}) {
        out.clear();
        spin_for(spin);
        std::unique_lock lock(mutex_);
        if (inbox_.empty()) wait(lock, deadline);
        out.swap(inbox_);
        waiting_.store(false, std::memory_order_relaxed);
        return !out.empty();
    }

private:
    void spin_for(std::chrono::microseconds spin) const {
        if (spin.count() == 0) return;
        const auto end = std::chrono::steady_clock::now() + spin;
        while (!waiting_.load(std::memory_order_acquire)) {
            if (std::chrono::steady_clock::now() > end) return;
        }
    }

    void wait(std::unique_lock<std::mutex>& lock,
              std::optional<std::chrono::steady_clock::time_point> deadline) {
        asleep_ = true;
        const auto something = [this] { return !inbox_.empty(); };
        if (deadline) {
            wake_.wait_until(lock, *deadline, something);
        } else {
            wake_.wait(lock, something);
        }
        asleep_ = false;
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<T> inbox_;
    std::atomic<bool> waiting_ = false;
    bool asleep_ = false;
};

}  // namespace cmq
