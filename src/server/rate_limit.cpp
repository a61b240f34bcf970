#include "server/rate_limit.h"

#include <algorithm>

namespace cmq::server {
namespace {

constexpr std::size_t buckets_max = 100'000;  // then those are dropped that are full again
constexpr double receive_share = 1.1;         // of what may be sent

}  // namespace

RateLimit::Need RateLimit::messages(broker::Namespace space, std::string_view queue,
                                    Direction direction, std::size_t count) const {
    const double share = direction == Direction::receive ? receive_share : 1;
    return {Name{space.value, queue, direction}, limits_.messages * share,
            static_cast<double>(count)};
}

std::optional<RateLimit::Need> RateLimit::control(broker::Namespace space) const {
    if (limits_.control == 0) return {};
    return Need{Name{space.value, "", Direction::control}, static_cast<double>(limits_.control), 1};
}

std::optional<RateLimit::Need> RateLimit::need_of(const protocol::Call& call) const {
    if (std::holds_alternative<protocol::ClusterCall>(call.what)) return control({});
    if (const auto* query = std::get_if<broker::Query>(&call.what)) return control(query->space);
    const auto* command = std::get_if<broker::Command>(&call.what);
    if (command == nullptr) return {};
    const auto& action = command->action;
    if (const auto* send = std::get_if<broker::Send>(&action)) {
        if (limits_.messages == 0) return {};
        return messages(command->space, send->queue, Direction::send, send->bodies.size());
    }
    if (const auto* receive = std::get_if<broker::Receive>(&action)) {
        if (limits_.messages == 0) return {};
        return messages(command->space, receive->queue, Direction::receive, 1);
    }
    const bool frees = std::holds_alternative<broker::DeleteMessages>(action) ||
                       std::holds_alternative<broker::ChangeVisibility>(action);
    return frees ? std::nullopt : control(command->space);
}

std::optional<protocol::WireError> RateLimit::take(const protocol::Call& call, Steady now) {
    const auto need = need_of(call);
    if (!need || take(*need, now, false)) return {};
    const bool control = std::get<Direction>(need->name) == Direction::control;
    if (control) return protocol::wire_error(protocol::Row::too_frequent);
    return protocol::wire_error(broker::Refusal{broker::Reason::throttled, {}});
}

void RateLimit::take_received(const broker::Command& receive, std::uint32_t more, Steady now) {
    if (limits_.messages == 0 || more == 0) return;
    const auto queue = std::get<broker::Receive>(receive.action).queue;
    (void)take(messages(receive.space, queue, Direction::receive, more), now, true);
}

bool RateLimit::take(const Need& need, Steady now, bool even_in_debt) {
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= buckets_max) forget_full(now);
    const auto [at, fresh] = buckets_.try_emplace(need.name, Bucket{need.rate, now});
    auto& bucket = at->second;
    const std::chrono::duration<double> passed = now - bucket.filled;
    bucket.left = std::min(need.rate, bucket.left + need.rate * passed.count());
    bucket.filled = now;
    if (bucket.left < 1 && !even_in_debt) return false;
    bucket.left -= need.count;
    return true;
}

/// One that nobody took from for two seconds owes nothing worth remembering.
void RateLimit::forget_full(Steady now) {
    std::erase_if(buckets_, [now](const auto& entry) {
        return now - entry.second.filled > std::chrono::seconds{2};
    });
}

}  // namespace cmq::server
