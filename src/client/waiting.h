// client/waiting.h: what another thread may end: a request that only waits, or a pause.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "client/connection.h"

namespace cmq::client {

/// One waits at a time; `cancel` may come from any thread, and does nothing while nobody waits:
/// a request that changes something is never cut off by one that was meant for its forerunner.
class Waiting {
public:
    template <class Ask>
    auto on(Connection& connection, Ask ask) {
        begin(connection);
        auto answer = ask();
        end();
        return answer;
    }
    /// False: it was cancelled before `duration` had passed.
    bool pause(std::chrono::milliseconds duration);

    void cancel();
    /// Whether that ended the last request or pause.
    bool was_cancelled() const;

private:
    void begin(Connection& connection);
    void end();

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Connection* connection_ = nullptr;  // whose request waits
    bool is_cancelled_ = false;         // the request or the pause
};

}  // namespace cmq::client
