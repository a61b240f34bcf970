#include "tests/chaos/pulse.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "client/load_body.h"
#include "tests/chaos/load.h"

namespace cmq::chaos {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto* queue = "pulse";
constexpr std::size_t body_bytes = 200;
constexpr auto patience = 60s;
constexpr auto drain_patience = 2min;
constexpr auto poll_wait = 1s;
constexpr auto margin = 500ms;  // a lease is over a little later than it says
constexpr std::size_t errors_max = 1'000;
constexpr auto rewindable = 96h;   // as long as the queue keeps anything: clocks jump by two days
constexpr auto clocks_apart = 1s;  // at most, ours and the cluster's

client::Client connected(const client::Options& broker) {
    auto client = client::Client::open(broker);
    if (!client) throw std::runtime_error(client.error().message);
    return *std::move(client);
}

client::Client opened(const client::Options& broker) {
    make_queue(broker, queue, rewindable);
    return connected(broker);
}

check::Checker::Options checked() {
    check::Checker::Options options;
    options.clocks_apart = clocks_apart;
    return options;
}

/// Nothing was done, certainly.
bool is_refusal(Code code) {
    return code == Code::unreachable || code == Code::unavailable || code == Code::throttled ||
           code == Code::disk_full || code == Code::unauthenticated;
}

check::Name name_of(const client::LoadBody& body) { return {body.sender, body.sequence}; }

}  // namespace

Pulse::Pulse(const client::Options& broker)
    : start_(Clock::now()),
      run_(static_cast<std::uint32_t>(random_number())),
      client_(opened(broker)),
      checker_(checked()),
      last_answered_(Clock::now()),
      thread_([this](std::stop_token stop) { beat(std::move(stop)); }) {}

Pulse::~Pulse() = default;

check::Moment Pulse::moment() const {
    return std::chrono::duration_cast<check::Moment>(Clock::now() - start_);
}

void Pulse::beat(std::stop_token stop) {
    while (!stop.stop_requested()) send_one();
}

void Pulse::send_one() {
    const auto asked = Clock::now();
    const client::LoadBody written{run_, 0, sequence_++, moment()};
    const auto body = client::write_load_body(written, body_bytes);
    checker_.add(check::SendStarted{name_of(written), xxh3(body), moment(), {}});
    const auto sent = client_.send(queue, std::vector{body});
    settle(name_of(written), asked, sent ? Status{} : tl::unexpected(sent.error()));
}

void Pulse::settle(check::Name name, Time asked, const Status& sent) {
    if (sent) {
        checker_.add(check::SendAcknowledged{name, moment()});
    } else if (is_refusal(sent.error().code)) {
        checker_.add(check::SendRefused{name});
    } else {
        checker_.add(check::SendUnknown{name});
    }
    const std::lock_guard lock(mutex_);
    if (!sent) {
        if (errors_.size() < errors_max) errors_.push_back(sent.error().message);
        return;
    }
    const auto now = Clock::now();
    last_asked_ = asked;
    longest_gap_ = std::max(longest_gap_, std::chrono::duration_cast<std::chrono::microseconds>(
                                              now - std::exchange(last_answered_, now)));
    changed_.notify_all();
}

std::chrono::microseconds Pulse::next_after(Time since) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return last_asked_ >= since; }))
        throw std::runtime_error("no send was acknowledged for a minute; the last error: " +
                                 (errors_.empty() ? "none" : errors_.back()));
    return std::chrono::duration_cast<std::chrono::microseconds>(last_answered_ - since);
}

std::chrono::microseconds Pulse::take_longest_gap() {
    const std::lock_guard lock(mutex_);
    return std::exchange(longest_gap_, {});
}

std::vector<std::string> Pulse::take_errors() {
    const std::lock_guard lock(mutex_);
    return std::exchange(errors_, {});
}

void Pulse::stop() { thread_ = {}; }

void Pulse::reach(const client::Options& broker) { client_ = connected(broker); }

check::Verdict Pulse::finish() {
    stop();
    drain();
    rewind();
    drain();
    return checker_.verdict(check::Checker::Queue::drained, moment());
}

void Pulse::drain() {
    busy_ = Clock::now();
    const auto end = Clock::now() + drain_patience;
    while (Clock::now() < end) {
        const auto asked_at = Clock::now();
        const auto asked = moment();
        const auto got = client_.receive(queue, {.count = 16, .wait = poll_wait});
        if (got) {
            take(asked, *got);
        } else if (got.error().code == Code::empty) {
            checker_.add(check::ReceivedNothing{{asked, moment()}, poll_wait});
            if (asked_at > busy_ + lease + margin) return;
        } else {
            busy_ = Clock::now();
            checker_.add(check::ReceiveUnknown{{asked, moment()}});
        }
    }
    throw std::runtime_error("the queue of the pulse could not be drained");
}

/// To before the first send.
void Pulse::rewind() {
    const auto asked = moment();
    const auto from = check::Moment{-clocks_apart};
    const auto to =
        SystemClock{}.wall() - std::chrono::ceil<std::chrono::milliseconds>(asked - from);
    checker_.add(check::Rewound{{asked, asked + patience}, from});
    const auto rewound = client_.rewind_queue(queue, to);
    if (!rewound)
        throw std::runtime_error("the queue of the pulse could not be rewound: " +
                                 rewound.error().message);
    checker_.add(check::RewindAcknowledged{{asked, moment()}, from});
}

void Pulse::take(check::Moment asked, const std::vector<client::Message>& messages) {
    busy_ = Clock::now();
    ++answers_;
    for (const auto& message : messages) {
        const auto body = client::read_load_body(message.body);
        const check::Span span{asked, moment()};
        if (!body || body->run != run_) {
            checker_.add(check::ReceivedForeign{xxh3(message.body), span.answered});
        } else {
            checker_.add(check::Received{name_of(*body), xxh3(message.body), xxh3(message.handle),
                                         static_cast<std::uint32_t>(message.receives), answers_,
                                         span, lease});
        }
    }
    remove(messages);
}

void Pulse::remove(const std::vector<client::Message>& messages) {
    std::vector<std::string> handles;
    for (const auto& message : messages) handles.push_back(message.handle);
    const auto asked = moment();
    const auto refused = client_.delete_messages(queue, handles);
    for (const auto& message : messages) {
        const auto body = client::read_load_body(message.body);
        if (!body || body->run != run_) continue;
        const auto handle = xxh3(message.handle);
        const auto is_this = [&](const auto& each) { return each.handle == message.handle; };
        if (!refused) {
            checker_.add(check::DeleteUnknown{name_of(*body), handle});
        } else if (std::ranges::any_of(*refused, is_this)) {
            checker_.add(check::DeleteRefused{name_of(*body), handle});
        } else {
            checker_.add(check::DeleteAcknowledged{name_of(*body), handle, {asked, moment()}});
        }
    }
}

}  // namespace cmq::chaos
