// server/relayed_polls.h: receives that wait at another node. Any thread; whoever takes one out
// answers it.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "server/exchange.h"

namespace cmq::server {

class HttpApi::RelayedPolls {
public:
    void add(const Shared& exchange, Steady now) {
        const std::lock_guard lock(mutex_);
        waiting_.emplace(exchange, now);
    }
    /// False: it was answered meanwhile.
    bool take(const Shared& exchange) {
        const std::lock_guard lock(mutex_);
        return waiting_.erase(exchange) > 0;
    }
    std::vector<Shared> take_older_than(Steady begin) {
        const std::lock_guard lock(mutex_);
        std::vector<Shared> taken;
        for (const auto& [exchange, since] : waiting_)
            if (since < begin) taken.push_back(exchange);
        for (const auto& exchange : taken) waiting_.erase(exchange);
        return taken;
    }

private:
    std::mutex mutex_;
    std::unordered_map<Shared, Steady> waiting_;  // since when
};

}  // namespace cmq::server
