#include "cluster/calls.h"

namespace cmq::cluster {

std::uint64_t Calls::add(const Route& route, Steady deadline, const Answered& answered) {
    const std::lock_guard lock(mutex_);
    auto& numbers = routes_[route];
    if (numbers.size() >= route_max_) return 0;
    const auto number = ++last_number_;
    calls_.emplace(number, Call{number, route, deadline, answered});
    deadlines_.emplace(deadline, number);
    numbers.insert(number);
    return number;
}

Call Calls::remove(std::unordered_map<std::uint64_t, Call>::iterator at) {
    auto call = std::move(at->second);
    calls_.erase(at);
    deadlines_.erase({call.deadline, call.number});
    const auto numbers = routes_.find(call.route);
    numbers->second.erase(call.number);
    if (numbers->second.empty()) routes_.erase(numbers);
    return call;
}

std::optional<Call> Calls::take(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto at = calls_.find(number);
    if (at == calls_.end()) return std::nullopt;
    return remove(at);
}

std::optional<Call> Calls::take(std::uint64_t number, const Route& route) {
    const std::lock_guard lock(mutex_);
    const auto at = calls_.find(number);
    if (at == calls_.end() || at->second.route != route) return std::nullopt;
    return remove(at);
}

std::optional<Call> Calls::take_any(const Route& route) {
    const std::lock_guard lock(mutex_);
    const auto numbers = routes_.find(route);
    if (numbers == routes_.end()) return std::nullopt;
    return remove(calls_.find(*numbers->second.begin()));
}

std::optional<Call> Calls::take_due(Steady now) {
    const std::lock_guard lock(mutex_);
    if (deadlines_.empty() || deadlines_.begin()->first > now) return std::nullopt;
    return remove(calls_.find(deadlines_.begin()->second));
}

void Calls::move_up(Call& call, Steady deadline) {
    if (call.deadline <= deadline) return;
    deadlines_.erase({call.deadline, call.number});
    call.deadline = deadline;
    deadlines_.emplace(deadline, call.number);
}

std::optional<Route> Calls::hurry(std::uint64_t number, Steady deadline) {
    const std::lock_guard lock(mutex_);
    const auto at = calls_.find(number);
    if (at == calls_.end()) return std::nullopt;
    move_up(at->second, deadline);
    return at->second.route;
}

void Calls::hurry(const Route& route, Steady deadline) {
    const std::lock_guard lock(mutex_);
    const auto numbers = routes_.find(route);
    if (numbers == routes_.end()) return;
    for (const auto number : numbers->second) move_up(calls_.at(number), deadline);
}

std::optional<Steady> Calls::next_deadline() const {
    const std::lock_guard lock(mutex_);
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
}

std::size_t Calls::waiting(const Route& route) const {
    const std::lock_guard lock(mutex_);
    const auto numbers = routes_.find(route);
    return numbers == routes_.end() ? 0 : numbers->second.size();
}

}  // namespace cmq::cluster
