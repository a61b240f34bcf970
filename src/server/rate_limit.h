// server/rate_limit.h: how many messages a second a queue takes, how many control actions a
// namespace (CMQ API, "QPS"). Off by default.
//
// A bucket holds what one second allows. A request passes while something is left in it and takes
// what it carries, so that a batch may leave it in debt; sends and receives of a queue have a
// bucket each, receives a tenth larger. Deletes and the like are never held up: they make room.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "protocol/http_actions.h"

namespace cmq::server {

struct RateLimits {
    std::uint32_t messages = 0;  // a second, each queue and direction; 0: no limit
    std::uint32_t control = 0;   // requests a second, each namespace; 0: no limit
};

/// Any thread.
class RateLimit {
public:
    explicit RateLimit(RateLimits limits) : limits_(limits) {}

    /// Takes what `call` needs, or says why it must wait.
    std::optional<protocol::WireError> take(const protocol::Call& call, Steady now);
    /// A receive takes one message at first; `more` came with its answer.
    void take_received(const broker::Command& receive, std::uint32_t more, Steady now);

private:
    enum class Direction { send, receive, control };
    using Name = std::tuple<std::uint64_t, std::string, Direction>;  // namespace, queue

    struct Bucket {
        double left = 0;
        Steady filled;
    };
    struct Need {
        Name name;
        double rate = 0;
        double count = 0;
    };

    std::optional<Need> need_of(const protocol::Call& call) const;
    std::optional<Need> control(broker::Namespace space) const;  // nothing: no limit
    Need messages(broker::Namespace space, std::string_view queue, Direction direction,
                  std::size_t count) const;
    bool take(const Need& need, Steady now, bool even_in_debt);
    void forget_full(Steady now);

    RateLimits limits_;
    std::mutex mutex_;
    std::map<Name, Bucket> buckets_;
};

}  // namespace cmq::server
