// shard/request.h: what may be put to a shard, and how its answer comes back.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/command.h"
#include "broker/reply.h"
#include "shard/cluster_request.h"

namespace cmq::shard {

using Ticket = Id<struct TicketTag>;

/// A command for the log, encoded (broker/codec.h).
struct Proposal {
    std::string command;
    bool stores = false;  // sends bodies: refused when the disk is nearly full
};

/// A receive. With nothing to give it waits outside the log.
struct Poll {
    broker::Namespace space;
    std::string queue;
    std::uint32_t count = 1;
    std::optional<std::chrono::seconds> wait;  // nothing: as the queue's attribute says
};

/// A question; makes no entry. `owner` keeps alive what the query points into.
struct Look {
    broker::Query query;
    std::shared_ptr<const void> owner;
};

using Request = std::variant<Proposal, Poll, Look, ClusterRequest>;

/// Encodes on the caller's thread, so that the core need not.
Request request_of(const broker::Command& command, std::optional<std::chrono::seconds> wait);

/// Called once, on the core thread; must not block.
using Continuation = std::function<void(broker::Answer)>;

/// Receives whose answer did not reach its client.
struct GiveBack {
    broker::Namespace space;
    std::string queue;
    std::vector<std::uint64_t> handles;
};

}  // namespace cmq::shard
