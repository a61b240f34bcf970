// cluster/calls.h: calls that wait for their answers. Inside of links.
//
// Whoever takes a call out of the table ends it, so each ends once: by its answer, its deadline, a
// cancel, or the end of its stream. Any thread.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "raft/types.h"

namespace cmq::cluster {

/// What a connection is for. `bulk` carries what is long, so that it delays nothing else.
enum class Stream : std::uint8_t { consensus = 0, calls = 1, bulk = 2 };

using Answered = std::function<void(Result<std::string>)>;

/// Which stream to which node.
struct Route {
    raft::NodeId to;
    Stream stream = Stream::calls;
    friend auto operator<=>(const Route&, const Route&) = default;
};

struct Call {
    std::uint64_t number = 0;  // never 0, never given twice
    Route route;
    Steady deadline;
    Answered answered;
};

class Calls {
public:
    explicit Calls(std::size_t route_max) : route_max_(route_max) {}

    /// Its number; 0: too many wait on this route, and `answered` was not kept.
    std::uint64_t add(const Route& route, Steady deadline, const Answered& answered);

    std::optional<Call> take(std::uint64_t number);
    /// Only when it went there: nobody ends another's call.
    std::optional<Call> take(std::uint64_t number, const Route& route);
    std::optional<Call> take_any(const Route& route);
    std::optional<Call> take_due(Steady now);

    /// It waits no longer than until `deadline`. Where it went; nothing: it has ended.
    std::optional<Route> hurry(std::uint64_t number, Steady deadline);
    /// None on this route waits longer than until `deadline`.
    void hurry(const Route& route, Steady deadline);

    std::optional<Steady> next_deadline() const;
    std::size_t waiting(const Route& route) const;

private:
    void move_up(Call& call, Steady deadline);
    Call remove(std::unordered_map<std::uint64_t, Call>::iterator at);

    const std::size_t route_max_;
    mutable std::mutex mutex_;
    std::uint64_t last_number_ = 0;
    std::unordered_map<std::uint64_t, Call> calls_;
    std::set<std::pair<Steady, std::uint64_t>> deadlines_;
    std::map<Route, std::set<std::uint64_t>> routes_;
};

}  // namespace cmq::cluster
