#include "tests/simulation/customers.h"

#include <algorithm>

#include "base/hash.h"

namespace cmq::simulation {
namespace {

constexpr std::chrono::seconds patience{15};

}  // namespace

Customers::Customers(std::uint64_t seed, const VirtualClock& clock, Coverage& coverage, Ask ask)
    : chance_(seed), clock_(clock), began_(clock.ticks), coverage_(coverage), ask_(std::move(ask)) {
    const Shop::Kind kinds[] = {{.queue = "orders"},
                                {.queue = "reminders", .delays = true},
                                {.queue = "ledger", .rewinds = true},
                                {.queue = "scrap", .purges = true}};
    for (const auto& kind : kinds) shops_.emplace_back(kind, seed += 7, *this);
    for (const auto name : {"spring", "summer", "autumn"}) clerks_.emplace_back(name, *this);
}

Moment Customers::now() const { return std::chrono::duration_cast<Moment>(clock_.ticks - began_); }

void Customers::call(Operation operation, shard::Request request, shard::Continuation answered,
                     std::function<void()> lost) {
    const auto call = std::make_shared<Call>(Call{clock_.ticks + patience, false, std::move(lost)});
    calls_.push_back(call);
    ask_(std::move(request),
         [this, operation, call, answered = std::move(answered)](const broker::Answer& answer) {
             if (call->over) return;
             call->over = true;
             const std::uint64_t what[] = {
                 static_cast<std::uint64_t>(operation),
                 answer.outcome ? answer.outcome->index() + 1000
                                : static_cast<std::uint64_t>(answer.outcome.error().reason),
                 static_cast<std::uint64_t>(now().count())};
             hash_ = xxh3({reinterpret_cast<const char*>(what), sizeof what}, hash_);
             ++counts_.answered;
             if (answer.outcome || answer.outcome.error().reason == broker::Reason::no_message)
                 coverage_.answered(operation, clock_.ticks);
             answered(answer);
         });
}

void Customers::end(Call& call) {
    if (std::exchange(call.over, true)) return;
    ++counts_.lost;
    call.lost();
}

void Customers::give_up() {
    while (!calls_.empty() && (calls_.front()->over || calls_.front()->until <= clock_.ticks)) {
        const auto call = calls_.front();
        calls_.pop_front();
        end(*call);
    }
}

void Customers::forget() {
    for (const auto& call : std::exchange(calls_, {})) end(*call);
}

bool Customers::is_open() const {
    return std::ranges::all_of(shops_, [](const Shop& shop) { return shop.is_open(); });
}

void Customers::act() {
    if (draw(8) == 0) return clerks_[draw(clerks_.size())].act();
    auto& shop = shops_[draw(shops_.size())];
    shop.is_open() ? act_in(shop) : shop.open();
}

void Customers::act_in(Shop& shop) {
    const auto& kind = shop.kind();
    const auto chosen = draw(100);
    if (kind.delays && chosen < 24) return shop.send(Operation::send_delayed);
    if (kind.rewinds && chosen < 6) return shop.rewind();
    if (kind.purges && chosen < 6 && !spares_) return shop.purge();
    if (chosen < 26) return shop.send(Operation::send);
    if (chosen < 32) return shop.send(Operation::send_batch);
    if (chosen < 42) return shop.send(Operation::send_once);
    if (chosen < 66) return shop.receive();
    if (chosen < 92) return shop.remove();
    if (chosen < 96) return shop.extend();
    shop.release();
}

bool Customers::drain() {
    bool all = true;
    for (auto& shop : shops_) all &= !shop.is_open() || shop.drain();
    return all;
}

std::optional<std::string> Customers::verdict(bool drained) const {
    for (const auto& shop : shops_)
        if (auto wrong = shop.verdict(drained)) return wrong;
    for (const auto& clerk : clerks_)
        if (clerk.problem()) return clerk.problem();
    return {};
}

Customers::Counts Customers::counts() const {
    auto counts = counts_;
    for (const auto& shop : shops_) {
        const auto seen = shop.counts();
        counts.sent += seen.acknowledged;
        counts.received += seen.received;
        counts.deleted += seen.deleted;
        counts.sent_after_purges += shop.sent_after_purges();
    }
    return counts;
}

}  // namespace cmq::simulation
