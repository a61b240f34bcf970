// net/places.h: places for connections: so many in all, so many for each address. Pure.
//
// Who counts strangers must not be made to remember them: an address without a place costs nothing,
// however many of them knock.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

namespace cmq::net {

class Places {
public:
    struct Limits {
        std::size_t all = 0, per_address = 0;
    };

    /// False: there is none left.
    bool take(const std::string& address, const Limits& limits) {
        const auto here = by_address_.find(address);
        const auto held = here == by_address_.end() ? 0 : here->second;
        if (taken_ >= limits.all || held >= limits.per_address) return false;
        ++by_address_[address];
        ++taken_;
        return true;
    }

    /// One that was taken.
    void give_back(const std::string& address) {
        const auto here = by_address_.find(address);
        if (here != by_address_.end() && --here->second == 0) by_address_.erase(here);
        --taken_;
    }

    std::size_t taken() const { return taken_; }
    std::size_t addresses() const { return by_address_.size(); }

private:
    std::size_t taken_ = 0;
    std::unordered_map<std::string, std::size_t> by_address_;  // none is 0
};

}  // namespace cmq::net
