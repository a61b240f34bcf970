// chaos/pulse.h: a plain client that sends one message after the other, to see what any client
// sees: how long nothing is acknowledged, and which errors come. Each message is accounted for, and
// comes a second time when the queue is rewound in the end.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "check/checker.h"
#include "client/client.h"

namespace cmq::chaos {

class Pulse {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Pulse(const client::Options& broker);
    Pulse(const Pulse&) = delete;
    Pulse& operator=(const Pulse&) = delete;
    ~Pulse();

    /// Waits for the first send that began at `since` or later and was acknowledged: how long after
    /// `since` that was. Throws when a minute was not enough.
    std::chrono::microseconds next_after(Time since);
    /// The longest time from one acknowledgement to the next, since this was asked last.
    std::chrono::microseconds take_longest_gap();
    /// What a client was told, since this was asked last.
    std::vector<std::string> take_errors();

    void stop();  // sends no more
    /// From now on the cluster is reached like this; once it has stopped.
    void reach(const client::Options& broker);
    /// Stops, drains the queue, rewinds it to the begin, drains it again, and judges.
    check::Verdict finish();

private:
    check::Moment moment() const;
    void beat(std::stop_token stop);
    void send_one();
    void settle(check::Name name, Time asked, const Status& sent);
    void drain();
    void rewind();
    void take(check::Moment asked, const std::vector<client::Message>& messages);
    void remove(const std::vector<client::Message>& messages);

    const Time start_;
    const std::uint32_t run_;
    client::Client client_;
    check::Checker checker_;
    std::uint64_t sequence_ = 0, answers_ = 0;
    Time busy_;  // while draining: something came, or was not certain

    std::mutex mutex_;
    std::condition_variable changed_;
    Time last_asked_, last_answered_;  // of the latest acknowledged send
    std::chrono::microseconds longest_gap_{};
    std::vector<std::string> errors_;
    std::jthread thread_;
};

}  // namespace cmq::chaos
