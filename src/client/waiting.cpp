#include "client/waiting.h"

namespace cmq::client {

bool Waiting::pause(std::chrono::milliseconds duration) {
    std::unique_lock lock(mutex_);
    is_cancelled_ = false;
    return !changed_.wait_for(lock, duration, [this] { return is_cancelled_; });
}

/// With the lock held throughout, so that the request cannot end and another begin meanwhile.
void Waiting::cancel() {
    const std::lock_guard lock(mutex_);
    if (connection_) connection_->cancel();
    is_cancelled_ = true;
    changed_.notify_all();
}

bool Waiting::was_cancelled() const {
    const std::lock_guard lock(mutex_);
    return is_cancelled_;
}

void Waiting::begin(Connection& connection) {
    const std::lock_guard lock(mutex_);
    connection_ = &connection;
    is_cancelled_ = false;
}

void Waiting::end() {
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
}

}  // namespace cmq::client
