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

void Waiting::set(Connection* connection) {
    const std::lock_guard lock(mutex_);
    connection_ = connection;
}

}  // namespace cmq::client
