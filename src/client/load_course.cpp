#include "client/load_course.h"

#include <algorithm>

namespace cmq::client {
namespace {

using namespace std::chrono_literals;

// A lease is over a little later than it says: the broker's clock ticks, requests take time.
constexpr auto lease_margin = 500ms;
// So much longer than any message stays away from a healthy queue, also on a busy machine.
constexpr auto fresh_leases = 4;
constexpr auto fresh_margin = 10s;
// Long polls are answered sooner: a broker that served no receive for so long was away.
constexpr auto away_min = 5s;

std::string seconds_of(std::chrono::seconds time) { return std::to_string(time.count()) + " s"; }

/// Gives what it was before; not below `to` when another thread was faster.
template <class Number>
Number raise(std::atomic<Number>& value, Number to) {
    auto seen = value.load(std::memory_order_relaxed);
    while (seen < to && !value.compare_exchange_weak(seen, to)) {
    }
    return seen;
}

check::Checker::Options checked(const LoadOptions& options) {
    using Sends = check::Checker::Options::Sends;
    check::Checker::Options checked;
    const bool is_cluster = options.broker.endpoints.find(',') != std::string::npos;
    if (is_cluster) checked.sends = Sends::may_overtake;
    return checked;
}

}  // namespace

LoadCourse::LoadCourse(const LoadOptions& options, std::uint32_t run, std::chrono::seconds lease)
    : run_(run),
      lease_(lease),
      verify_(options.verify == Verify::yes),
      patience_(options.patience),
      end_(options.duration),
      counted_(options.count.has_value()),
      tickets_(static_cast<std::int64_t>(options.count.value_or(0))),
      checker_(checked(options)) {}

check::Moment LoadCourse::now() const {
    return std::chrono::duration_cast<check::Moment>(std::chrono::steady_clock::now() - start_);
}

std::uint64_t LoadCourse::take(std::uint64_t wanted) {
    if (senders_stop_.load(std::memory_order_relaxed) || (end_ && now() >= *end_)) return 0;
    if (!counted_) return wanted;
    const auto asked = static_cast<std::int64_t>(wanted);
    const auto left = tickets_.fetch_sub(asked);
    return static_cast<std::uint64_t>(std::clamp(left, std::int64_t{0}, asked));
}

/// Without a verdict a run of some seconds ends when they are over, whatever is left.
bool LoadCourse::receiving() const {
    if (receivers_stop_.load(std::memory_order_relaxed)) return false;
    return verify_ || !end_ || now() < *end_;
}

void LoadCourse::acknowledged(std::uint64_t messages) {
    acknowledged_ += messages;
    const auto at = now().count();
    const auto last = raise(acknowledged_at_, at);
    if (last > 0) raise(longest_gap_, at - last);
}

void LoadCourse::deleted(std::uint64_t messages) {
    deleted_ += messages;
    raise(deleted_at_, now().count());
}

void LoadCourse::received(const check::Received& event) {
    if (!verify_) return;
    const std::lock_guard lock(checker_mutex_);
    if (checker_.add(event)) raise(fresh_at_, now().count());
}

void LoadCourse::raise_busy() { raise(busy_at_, now().count()); }

void LoadCourse::received_some() {
    raise_busy();
    served();
}

/// A message whose delete has no effect comes back as often as its lease is over: no queue of such
/// messages is ever quiet, and just they must be told of.
void LoadCourse::served() {
    const auto at = now();
    const check::Moment last{raise(served_at_, at.count())};
    if (at - last > away_min) raise(fresh_at_, at.count());
    if (!draining_ || !verify_) return;
    if (at - check::Moment{fresh_at_.load()} < fresh_leases * lease_ + fresh_margin) return;
    restless_ = true;
    receivers_stop_ = true;
}

void LoadCourse::received_nothing(check::Moment asked) {
    served();
    if (!draining_ || (!verify_ && !counted_)) return;
    const check::Moment busy{busy_at_.load()};
    const auto quiet = verify_ ? lease_ + lease_margin : 0ms;
    if (asked >= busy + quiet) receivers_stop_ = true;
}

void LoadCourse::unanswered(const Error& error) {
    raise_busy();
    if (now() - check::Moment{heard_at_.load()} <= patience_) return;
    give_up({Code::unreachable,
             "the broker has not answered for " + seconds_of(patience_) + ": " + error.message});
}

void LoadCourse::receive_failed(const Error& error) {
    if (now() - check::Moment{served_at_.load()} <= patience_) return;
    give_up(
        {error.code, "no receive has worked for " + seconds_of(patience_) + ": " + error.message});
}

void LoadCourse::end() {
    senders_stop_ = true;
    if (!verify_) receivers_stop_ = true;
}

void LoadCourse::give_up(Error error) {
    {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::move(error);
    }
    senders_stop_ = true;
    receivers_stop_ = true;
}

void LoadCourse::join(Party party) {
    const std::lock_guard lock(mutex_);
    ++present_[static_cast<std::size_t>(party)];
}

void LoadCourse::leave(Party party) {
    {
        const std::lock_guard lock(mutex_);
        --present_[static_cast<std::size_t>(party)];
    }
    left_.notify_all();
}

void LoadCourse::wait_for(Party party, const std::function<void()>& each_second) {
    std::unique_lock lock(mutex_);
    const auto gone = [&] { return present_[static_cast<std::size_t>(party)] == 0; };
    while (!left_.wait_for(lock, 1s, gone)) {
        lock.unlock();
        each_second();
        lock.lock();
    }
}

void LoadCourse::sent_all() {
    const auto end = end_ ? std::min(now(), *end_) : now();
    const auto last = acknowledged_at_.load();
    raise(longest_gap_, end.count() - last);
    sent_until_ = std::max(last, end.count());
}

void LoadCourse::drain() {
    raise_busy();
    raise(fresh_at_, now().count());
    raise(served_at_, now().count());  // its receivers have not asked before
    draining_ = true;
}

Status LoadCourse::failure() const {
    const std::lock_guard lock(mutex_);
    if (failure_) return tl::unexpected(*failure_);
    return {};
}

check::Verdict LoadCourse::verdict() {
    const std::lock_guard lock(checker_mutex_);
    using Queue = check::Checker::Queue;
    return checker_.verdict(drained() ? Queue::drained : Queue::restless, now());
}

LoadProgress LoadCourse::progress() const { return {now(), acknowledged_, deleted_, draining_}; }

}  // namespace cmq::client
