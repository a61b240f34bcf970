#include "shard/waiting.h"

#include "base/check.h"

namespace cmq::shard {

void Waiting::insert(Line::iterator before, Line& line, Waiter waiter) {
    deadlines_.emplace(waiter.deadline, waiter.ticket);
    const auto ticket = waiter.ticket;
    places_[ticket] = line.insert(before, std::move(waiter));
}

void Waiting::park(Waiter waiter) {
    auto& line = queues_[waiter.queue];
    insert(line.end(), line, std::move(waiter));
}

void Waiting::park_first(Waiter waiter) {
    auto& line = queues_[waiter.queue];
    insert(line.begin(), line, std::move(waiter));
}

Waiter Waiting::remove(Line::iterator place) {
    Waiter waiter = std::move(*place);
    places_.erase(waiter.ticket);
    deadlines_.erase({waiter.deadline, waiter.ticket});
    const auto line = queues_.find(waiter.queue);
    line->second.erase(place);
    if (line->second.empty()) queues_.erase(line);
    return waiter;
}

Waiter Waiting::take_first(broker::QueueId queue) {
    const auto line = queues_.find(queue);
    CMQ_CHECK(line != queues_.end());
    return remove(line->second.begin());
}

std::optional<Waiter> Waiting::take(Ticket ticket) {
    const auto place = places_.find(ticket);
    if (place == places_.end()) return {};
    return remove(place->second);
}

std::vector<Waiter> Waiting::take_expired(Steady now) {
    std::vector<Waiter> expired;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now)
        expired.push_back(remove(places_.at(deadlines_.begin()->second)));
    return expired;
}

std::vector<Waiter> Waiting::take_all(broker::QueueId queue) {
    std::vector<Waiter> waiters;
    while (has(queue)) waiters.push_back(take_first(queue));
    return waiters;
}

std::vector<Waiter> Waiting::take_all() {
    std::vector<Waiter> waiters;
    while (!queues_.empty()) waiters.push_back(take_first(queues_.begin()->first));
    return waiters;
}

std::optional<Steady> Waiting::next_deadline() const {
    if (deadlines_.empty()) return {};
    return deadlines_.begin()->first;
}

}  // namespace cmq::shard
