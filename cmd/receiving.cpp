#include "cmd/receiving.h"

#include <algorithm>

#include "broker/limits.h"
#include "cmd/print.h"
#include "cmd/queue_errors.h"
#include "config/values.h"

namespace cmq::cmd {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds poll_max = std::chrono::seconds{broker::polling_wait.most};
constexpr milliseconds pause_first{100}, pause_most{3'000};

Receiving::Time now() { return std::chrono::steady_clock::now(); }

milliseconds left_until(Receiving::Time end) {
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(end - now()));
}

}  // namespace

Status Receiving::run(Sink& sink) {
    auto idle_since = now();
    while (!is_enough(sink) && !interrupt_.happened()) {
        if (options_.is_reader_gone())
            return fail(Code::io, "standard output is closed; nothing more is received");
        CMQ_TRY(check_time(sink));
        const auto messages =
            client_.receive(options_.queue, {wanted(sink), next_wait(idle_since)});
        if (messages || messages.error().code == Code::empty) note_answer();
        if (messages) {
            CMQ_TRY(sink.take(*messages));
            show(sink);
            idle_since = now();
        } else if (interrupt_.happened()) {
            return {};
        } else if (messages.error().code != Code::empty) {
            CMQ_TRY(failed(messages.error(), sink));
        } else if (is_wait_over(idle_since)) {
            return {};
        }
    }
    return {};
}

Status Receiving::check_time(const Sink& sink) const {
    if (!options_.deadline || now() < *options_.deadline) return {};
    return tl::unexpected(out_of_time(sink));
}

Error Receiving::out_of_time(const Sink& sink) const {
    return {Code::timed_out, "--timeout " + config::format_duration(*options_.timeout) +
                                 " passed after " + counted(sink.taken(), "message")};
}

/// No error: the next round finds that the reader has gone, or asks again.
Status Receiving::failed(const Error& error, const Sink& sink) {
    if (options_.is_reader_gone()) return {};
    if (error.code == Code::timed_out && options_.deadline && now() >= *options_.deadline)
        return fail(Code::timed_out, out_of_time(sink).message + ": " + error.message);
    if (!is_awaited(error))
        return explained(client_, "receive from", options_.queue, error, Advice::create);
    await_broker(error);
    return {};
}

/// A broker that never answered may be a wrong address: that is told at once.
bool Receiving::is_awaited(const Error& error) const {
    if (options_.until != Until::interrupted || broker_ == Broker::unknown) return false;
    return error.code == Code::unreachable || error.code == Code::unavailable ||
           error.code == Code::unknown_outcome || error.code == Code::timed_out;
}

void Receiving::await_broker(const Error& error) {
    if (broker_ == Broker::there) {
        progress_.clear() << "cmq: the broker is gone; trying again: " << error.message << '\n';
        pause_ = pause_first;
    }
    broker_ = Broker::gone;
    interrupt_.wait_for(options_.deadline ? std::min(pause_, left_until(*options_.deadline))
                                          : pause_);
    pause_ = std::min(2 * pause_, pause_most);
}

void Receiving::note_answer() {
    if (broker_ == Broker::gone) progress_.clear() << "cmq: the broker is back\n";
    broker_ = Broker::there;
}

bool Receiving::is_enough(const Sink& sink) const {
    return options_.until != Until::interrupted && sink.taken() >= options_.target;
}

std::uint32_t Receiving::wanted(const Sink& sink) const {
    const auto most = std::min(static_cast<std::uint32_t>(broker::batch.most), sink.most());
    if (options_.until == Until::interrupted) return most;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(most, options_.target - sink.taken()));
}

/// How long the broker may hold the next request; nothing: as long as the queue says.
std::optional<milliseconds> Receiving::next_wait(Time idle_since) const {
    if (options_.until == Until::drained) return milliseconds{0};
    // Whether the broker is there is to be known at once, not when it has held a request.
    if (options_.until == Until::interrupted && broker_ != Broker::there) return milliseconds{0};
    auto longest = poll_max;
    if (options_.deadline) longest = std::min(longest, left_until(*options_.deadline));
    if (options_.until == Until::interrupted) return longest;
    if (options_.wait) longest = std::min(longest, left_until(idle_since + *options_.wait));
    if (!options_.wait && !options_.deadline) return {};
    return longest;
}

bool Receiving::is_wait_over(Time idle_since) const {
    if (options_.until == Until::drained) return true;
    if (options_.until == Until::interrupted) return false;
    if (options_.wait) return now() >= idle_since + *options_.wait;
    return !options_.deadline;  // the queue's own wait is over, or the deadline decides
}

void Receiving::show(const Sink& sink) {
    if (!progress_.is_due()) return;
    std::optional<double> share;
    if (options_.until != Until::interrupted)
        share = static_cast<double>(sink.taken()) / static_cast<double>(options_.target);
    progress_.show(sink.taken(), share);
}

}  // namespace cmq::cmd
