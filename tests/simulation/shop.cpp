#include "tests/simulation/shop.h"

#include <algorithm>

#include "base/hash.h"

namespace cmq::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t producers = 6;
constexpr std::chrono::seconds hide{30}, hide_longer{45}, delay_max{27};
/// The stamps of a cluster lag behind by what messages are late, and run at half speed while the
/// median of its clocks is behind (D8).
constexpr std::chrono::seconds stamps_lag{14};
/// So long a dedupId may be relied on; a broker keeps it for five minutes.
constexpr std::chrono::seconds remembered{100};
/// When the client of a call gives up.
constexpr std::chrono::seconds patience{20};

check::Checker::Options checker_options() {
    check::Checker::Options options;
    options.retention = std::chrono::hours{96};
    options.clocks_apart = stamps_lag;
    return options;
}

std::string body_of(Name name, std::size_t padding) {
    return std::to_string(name.producer) + '-' + std::to_string(name.sequence) + '-' +
           std::string(padding, '.');
}

std::optional<Name> name_in(std::string_view body) {
    char* end = nullptr;
    const std::string text(body.substr(0, 40));
    const auto producer = std::strtoull(text.c_str(), &end, 10);
    if (*end != '-') return {};
    const auto sequence = std::strtoull(end + 1, &end, 10);
    if (*end != '-') return {};
    return Name{static_cast<std::uint32_t>(producer), sequence};
}

}  // namespace

struct Shop::Parcel {
    std::size_t producer = 0;
    std::vector<Name> names;
    std::vector<std::string> bodies;
    std::int64_t delay = 0;
    std::string dedup_id;
    Operation operation = Operation::send;
    Moment first_tried{};
    bool unsure = false;  // an earlier try of it may have done it
};

bool is_unknown(const broker::Answer& answer) {
    return !answer.outcome && answer.outcome.error().reason == broker::Reason::unknown_outcome;
}

shard::Request request_of(const broker::Action& action, std::optional<std::chrono::seconds> wait) {
    return shard::request_of({broker::Namespace{1}, action}, wait);
}

Shop::Shop(Kind kind, std::uint64_t seed, Counter& counter)
    : kind_(std::move(kind)),
      chance_(seed),
      counter_(counter),
      checker_(checker_options()),
      producers_(producers) {}

void Shop::open() {
    broker::CreateQueue create{kind_.queue, {}};
    create.attributes.visibility_timeout = hide.count();
    if (kind_.rewinds) create.attributes.rewind = 3600;
    counter_.call(
        Operation::create_queue, request_of(create),
        [this](const broker::Answer& answer) {
            const bool there =
                !answer.outcome && answer.outcome.error().reason == broker::Reason::queue_exists;
            open_ = open_ || answer.outcome || there;
        },
        [] {});
}

void Shop::send(Operation operation) {
    auto parcel = std::make_shared<Parcel>();
    parcel->producer = draw(producers_.size());
    auto& producer = producers_[parcel->producer];
    if (producer.busy) return;
    producer.busy = true;
    parcel->operation = operation;
    parcel->first_tried = counter_.now();
    if (operation == Operation::send_delayed)
        parcel->delay = stamps_lag.count() + 1 + static_cast<std::int64_t>(draw(12));
    if (operation == Operation::send_once) parcel->dedup_id = std::to_string(++parcels_);
    const auto count = operation == Operation::send_batch ? 2 + draw(15) : 1;
    for (std::uint64_t at = 0; at < count; ++at) {
        const Name name{static_cast<std::uint32_t>(parcel->producer), producer.sent++};
        parcel->names.push_back(name);
        parcel->bodies.push_back(body_of(name, draw(8) == 0 ? draw(4'000) : draw(200)));
        const auto least = std::max(parcel->delay - stamps_lag.count(), std::int64_t{0});
        checker_.add(check::SendStarted{name, xxh3(parcel->bodies.back()), counter_.now(),
                                        std::chrono::seconds{least}});
    }
    post(parcel);
}

void Shop::post(const std::shared_ptr<Parcel>& parcel) {
    broker::Send send{kind_.queue, parcel->delay, parcel->dedup_id, {}};
    for (const auto& body : parcel->bodies) send.bodies.push_back(body);
    counter_.call(
        parcel->operation, request_of(send),
        [this, parcel](const broker::Answer& answer) {
            is_unknown(answer) ? send_lost(parcel) : sent(*parcel, answer);
        },
        [this, parcel] { send_lost(parcel); });
}

void Shop::sent(Parcel& parcel, const broker::Answer& answer) {
    const bool refused = !answer.outcome;
    if (refused && parcel.unsure) return give_up(parcel);
    for (const auto name : parcel.names) {
        if (refused) {
            checker_.add(check::SendRefused{name});
            continue;
        }
        checker_.add(check::SendAcknowledged{name, counter_.now()});
        if (kind_.purges) acknowledged_[name] = counter_.now();
    }
    producers_[parcel.producer].busy = false;
}

/// With a dedupId it may be sent again: it takes effect once.
void Shop::send_lost(const std::shared_ptr<Parcel>& parcel) {
    parcel->unsure = true;
    const bool late = counter_.now() - parcel->first_tried > remembered;
    if (parcel->dedup_id.empty() || late) return give_up(*parcel);
    post(parcel);
}

void Shop::give_up(Parcel& parcel) {
    for (const auto name : parcel.names) checker_.add(check::SendUnknown{name});
    producers_[parcel.producer].busy = false;
}

void Shop::receive() {
    const auto count = static_cast<std::uint32_t>(1 + draw(16));
    const std::chrono::seconds wait{draw(3)};
    const auto asked = counter_.now();
    counter_.call(
        Operation::receive, request_of(broker::Receive{kind_.queue, count}, wait),
        [this, asked, wait](const broker::Answer& answer) {
            received(answer, {asked, counter_.now()}, wait);
        },
        [this, asked] {
            checker_.add(check::ReceiveUnknown{{asked, counter_.now()}});
            asking_ = false;
        });
}

void Shop::received(const broker::Answer& answer, check::Span span, std::chrono::seconds wait) {
    asking_ = false;
    if (answer.outcome) {
        const auto& all = std::get<broker::Received>(*answer.outcome);
        ++answers_;
        for (std::size_t at = 0; at < all.deliveries.size(); ++at)
            take(all.deliveries[at], answer.bodies[at].text, span);
        empty_since_.reset();
        return;
    }
    if (answer.outcome.error().reason != broker::Reason::no_message)
        return checker_.add(check::ReceiveUnknown{span});
    if (!empty_since_) empty_since_ = span.asked;
    // What is due, or was purged, is ready by the cluster's clock, not by ours.
    if (!kind_.delays && !kind_.rewinds && !kind_.purges)
        checker_.add(check::ReceivedNothing{span, wait});
}

void Shop::take(const broker::Delivery& delivery, std::string_view body, check::Span span) {
    const auto name = name_in(body);
    if (!name) return checker_.add(check::ReceivedForeign{xxh3(body), span.answered});
    const auto handle = delivery.handle.value;
    checker_.add(check::Received{*name, xxh3(body), handle, delivery.receives, answers_, span,
                                 hide - stamps_lag});
    if (kind_.purges) judge_purged(*name, span);
    leases_.push_back({*name, handle});
}

/// What was there when a purge was asked for is gone when it is answered.
void Shop::judge_purged(Name name, check::Span span) {
    const auto acknowledged = acknowledged_.find(name);
    if (acknowledged == acknowledged_.end()) return;
    for (const auto& purge : purges_)
        if (acknowledged->second < purge.asked && purge.answered < span.asked && !problem_)
            problem_ = "purged, yet there: message " + std::to_string(name.sequence);
}

std::optional<Shop::Lease> Shop::draw_lease() {
    if (leases_.empty()) return {};
    const auto chosen = leases_.begin() + static_cast<std::ptrdiff_t>(draw(leases_.size()));
    const auto lease = *chosen;
    *chosen = leases_.back();
    leases_.pop_back();
    return lease;
}

void Shop::remove() {
    std::vector<Lease> chosen;
    std::vector<std::uint64_t> handles;
    for (auto left = 1 + draw(16); left > 0; --left)
        if (const auto lease = draw_lease()) {
            chosen.push_back(*lease);
            handles.push_back(lease->handle);
        }
    if (chosen.empty()) return;
    const auto asked = counter_.now();
    const auto unknown = [this, chosen] {
        for (const auto& [name, handle] : chosen) checker_.add(check::DeleteUnknown{name, handle});
    };
    if (kind_.rewinds)
        for (const auto& [name, handle] : chosen) checker_.add(check::DeleteStarted{name, handle});
    counter_.call(
        Operation::remove, request_of(broker::DeleteMessages{kind_.queue, handles}),
        [this, chosen, asked, unknown](const broker::Answer& answer) {
            if (is_unknown(answer)) return unknown();
            for (const auto& [name, handle] : chosen) {
                const bool failed =
                    !answer.outcome ||
                    std::ranges::count(std::get<broker::Deleted>(*answer.outcome).failed, handle);
                if (failed) {
                    checker_.add(check::DeleteRefused{name, handle});
                } else {
                    checker_.add(check::DeleteAcknowledged{name, handle, {asked, counter_.now()}});
                }
            }
        },
        unknown);
}

void Shop::extend() {
    const auto lease = draw_lease();
    if (!lease) return;
    leases_.push_back(*lease);
    counter_.call(
        Operation::extend,
        request_of(broker::ChangeVisibility{kind_.queue, lease->handle, hide_longer.count()}),
        [this, lease = *lease, asked = counter_.now()](const broker::Answer& answer) {
            if (!answer.outcome) return;
            checker_.add(check::Extended{
                lease.name, lease.handle, {asked, counter_.now()}, hide_longer - stamps_lag});
        },
        [] {});
}

void Shop::release() {
    const auto lease = draw_lease();
    if (!lease) return;
    checker_.add(check::Released{lease->name, lease->handle, counter_.now()});
    counter_.call(
        Operation::release, request_of(broker::ChangeVisibility{kind_.queue, lease->handle, 0}),
        [](const broker::Answer&) {}, [] {});
}

/// What it brings back may be received before its own answer is.
void Shop::rewind() {
    const auto asked = counter_.now();
    const std::chrono::seconds back{1 + draw(60)};
    checker_.add(check::Rewound{{asked, asked + patience}, asked - back});
    counter_.call(
        Operation::rewind, request_of(broker::RewindQueue{kind_.queue, counter_.wall() - back}),
        [this, asked, back](const broker::Answer& answer) {
            if (!answer.outcome) return;
            checker_.add(check::RewindAcknowledged{{asked, counter_.now()}, asked - back});
        },
        [] {});
}

void Shop::purge() {
    const auto asked = counter_.now();
    const auto unknown = [this, asked] { checker_.add(check::Purged{{asked, asked + patience}}); };
    counter_.call(
        Operation::purge, request_of(broker::ClearQueue{kind_.queue}),
        [this, asked, unknown](const broker::Answer& answer) {
            if (!answer.outcome) return unknown();
            purges_.push_back({asked, counter_.now()});
            checker_.add(check::Purged{purges_.back()});
        },
        unknown);
}

bool Shop::drain() {
    if (!std::exchange(draining_, true)) empty_since_.reset();
    if (empty_since_ && counter_.now() - *empty_since_ > hide_longer + delay_max && leases_.empty())
        return true;
    if (!leases_.empty()) {
        remove();
    } else if (!asking_) {
        asking_ = true;
        receive();
    }
    return false;
}

std::optional<std::string> Shop::verdict(bool drained) const {
    if (problem_) return kind_.queue + ": " + *problem_;
    const auto queue = drained ? check::Checker::Queue::drained : check::Checker::Queue::unfinished;
    const auto verdict = checker_.verdict(queue, counter_.now());
    if (!verdict.good()) return kind_.queue + ": " + verdict.examples.front();
    return {};
}

std::uint64_t Shop::sent_after_purges() const {
    return checker_.verdict(check::Checker::Queue::drained, counter_.now()).sent_after_purges;
}

check::Verdict Shop::counts() const {
    return checker_.verdict(check::Checker::Queue::unfinished, counter_.now());
}

}  // namespace cmq::simulation
