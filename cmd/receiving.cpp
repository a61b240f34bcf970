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
        if (messages) {
            CMQ_TRY(sink.take(*messages));
            show(sink);
            idle_since = now();
        } else if (interrupt_.happened()) {
            return {};
        } else if (messages.error().code != Code::empty) {
            return explained(client_, "receive from", options_.queue, messages.error(),
                             Advice::create);
        } else if (is_wait_over(idle_since)) {
            return {};
        }
    }
    return {};
}

Status Receiving::check_time(const Sink& sink) const {
    if (!options_.deadline || now() < *options_.deadline) return {};
    return fail(Code::timed_out, "--timeout " + config::format_duration(*options_.timeout) +
                                     " passed after " + counted(sink.taken(), "message"));
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
