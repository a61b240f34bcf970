// client/load_course.h: what the senders and receivers of one load run share: when to stop, what
// was seen. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "check/checker.h"
#include "client/load.h"
#include "client/load_wire.h"

namespace cmq::client {

class LoadCourse {
public:
    LoadCourse(const LoadOptions& options, std::uint32_t run, std::chrono::seconds lease);

    /// The run begins now; before anybody sends or receives.
    void begin() { start_ = std::chrono::steady_clock::now(); }
    check::Moment now() const;  // since the run began
    std::uint32_t run() const { return run_; }
    std::chrono::milliseconds lease() const { return lease_; }

    /// How many messages may be sent now, up to `wanted`; 0: sending is over.
    std::uint64_t take(std::uint64_t wanted);
    /// May receivers go on asking?
    bool receiving() const;

    /// Adds to the history, when there is one; deliveries go to `received`.
    template <class Event>
    void record(const Event& event) {
        if (!verify_) return;
        const std::lock_guard lock(checker_mutex_);
        checker_.add(event);
    }

    void acknowledged(std::uint64_t messages);
    void deleted(std::uint64_t messages);
    void received(const check::Received& event);
    /// A receive brought messages, each of which was told of; may be the end.
    void received_some();
    /// A receive that was asked at `asked` found nothing: may be the end.
    void received_nothing(check::Moment asked);
    /// A receive was answered, but not with what it did: it may hold a lease all the same.
    void received_unknown() { raise_busy(); }
    /// A receive brought an error. Ends the run when no other did better for too long.
    void receive_failed(const Error& error);
    /// No answer. Ends the run when that is all there was for too long.
    void unanswered(const Error& error);
    void answered() { heard_at_ = now().count(); }
    /// No more sends; receivers go on only where a verdict needs it.
    void end();
    /// Ends the run.
    void give_up(Error error);

    enum class Party { sender, receiver };
    void join(Party party);
    void leave(Party party);
    /// Waits until all of them have left; calls `each_second` meanwhile.
    void wait_for(Party party, const std::function<void()>& each_second);

    /// The senders have left. What was silent at the end counts, up to when sending was to end.
    void sent_all();
    /// Sending is over, receivers end by themselves: when the queue stays empty for longer than a
    /// lease, or gives for so long nothing but what it gave before that this will not end.
    void drain();
    bool drained() const { return !restless_; }

    Status failure() const;
    check::Verdict verdict();
    LoadProgress progress() const;
    check::Moment send_time() const { return check::Moment{sent_until_.load()}; }
    check::Moment longest_gap() const { return check::Moment{longest_gap_.load()}; }
    check::Moment last_deleted() const { return check::Moment{deleted_at_.load()}; }

private:
    void raise_busy();
    void served();

    using Moment64 = std::atomic<std::int64_t>;  // microseconds since the run began

    std::chrono::steady_clock::time_point start_;
    const std::uint32_t run_;
    const std::chrono::milliseconds lease_;
    const bool verify_;
    const std::chrono::seconds patience_;
    const std::optional<check::Moment> end_;
    const bool counted_;
    std::atomic<std::int64_t> tickets_;

    std::atomic<bool> senders_stop_ = false, receivers_stop_ = false, draining_ = false;
    std::atomic<bool> restless_ = false;
    std::atomic<std::uint64_t> acknowledged_ = 0, deleted_ = 0;
    Moment64 acknowledged_at_ = 0, sent_until_ = 0, longest_gap_ = 0, deleted_at_ = 0,
             heard_at_ = 0;
    // The latest receive that did something; the latest message that came for the first time, or
    // begin of draining, or return of a broker that was away.
    Moment64 served_at_ = 0, fresh_at_ = 0;
    Moment64 busy_at_ = 0;  // the latest message or unanswered receive, or the begin of draining

    std::mutex checker_mutex_;
    check::Checker checker_;

    mutable std::mutex mutex_;
    std::condition_variable left_;
    std::array<unsigned, 2> present_{};
    std::optional<Error> failure_;
};

}  // namespace cmq::client
