// shard/waiting.h: parked long polls, in order of arrival a queue. An object each, no thread.
#pragma once

#include <list>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "shard/request.h"

namespace cmq::shard {

struct Waiter {
    Ticket ticket;
    Poll poll;
    broker::QueueId queue;
    Steady deadline;
    Continuation done;
};

class Waiting {
public:
    void park(Waiter waiter);        // behind the others of its queue
    void park_first(Waiter waiter);  // it has been its turn already

    bool has(broker::QueueId queue) const { return queues_.contains(queue); }
    Waiter take_first(broker::QueueId queue);  // has(queue)
    std::optional<Waiter> take(Ticket ticket);
    std::vector<Waiter> take_expired(Steady now);
    std::vector<Waiter> take_all(broker::QueueId queue);
    std::vector<Waiter> take_all();

    std::optional<Steady> next_deadline() const;
    std::size_t size() const { return places_.size(); }

private:
    using Line = std::list<Waiter>;

    void insert(Line::iterator before, Line& line, Waiter waiter);
    Waiter remove(Line::iterator place);

    std::unordered_map<broker::QueueId, Line> queues_;
    std::unordered_map<Ticket, Line::iterator> places_;
    std::set<std::pair<Steady, Ticket>> deadlines_;
};

}  // namespace cmq::shard
