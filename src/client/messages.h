// client/messages.h: what the broker tells its clients. Ids and handles are decimal digits, kept
// as text; times have whole seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace cmq::client {

/// What is known of a message whoever looks at it.
struct KnownMessage {
    std::string id;
    std::string body;  // any bytes
    Stamp enqueued;
    std::uint64_t receives = 0;  // so far; of a received one, this receive included
};

struct Message : KnownMessage {
    std::string handle;
    Stamp next_visible;  // when it comes again unless deleted
    Stamp first_received;
};

struct QueueName {
    std::string id;
    std::string name;
};
struct QueueList {
    std::uint64_t total = 0;  // before paging
    std::vector<QueueName> queues;
};

struct QueueDetails {
    std::string id;
    std::string name;
    std::int64_t max_messages = 0;
    std::int64_t polling_wait = 0;        // s
    std::int64_t visibility_timeout = 0;  // s
    std::int64_t max_message_bytes = 0;
    std::int64_t retention = 0;  // s
    std::int64_t rewind = 0;     // s
    bool trace = false;
    Stamp created;
    Stamp modified;
    std::uint64_t active = 0;
    std::uint64_t inactive = 0;
    std::uint64_t delayed = 0;
    std::uint64_t rewindable = 0;
    Stamp oldest;  // enqueue time of the oldest undeleted message; the broker's time when none
};

struct PeekedMessage : KnownMessage {
    std::uint64_t sequence = 0;
    std::string phase;             // ready, inflight, delayed, deleted
    std::optional<Stamp> visible;  // when it becomes so; nothing: it is, or never will be
};
struct Peeked {
    std::vector<PeekedMessage> messages;
    std::optional<std::uint64_t> next;  // ask again from here; nothing: that was all
};

/// What a rewind would bring back.
struct RewindPeeked {
    Stamp to;                 // the time to rewind to
    std::uint64_t count = 0;  // deleted messages that come back
};

/// A node of the cluster; ids are decimal digits.
struct ClusterNode {
    std::string id;
    std::uint64_t number = 0;
    std::uint64_t incarnation = 0;
    std::string address;   // for other nodes
    std::string endpoint;  // for clients
    std::string zone;      // may be empty
    std::string role;      // leader, voter, learner
    std::string state;     // up, down, catching up
    std::uint64_t lag = 0;
    bool in_sync = false;
    std::string progress;  // of what it gets while it catches up: "state 40%", "bodies", "log"
    std::uint64_t newest_format = 0;  // that its program knows; 0: it did not say yet
};
struct ClusterReplica {
    std::string id;
    std::string role;
    std::uint64_t lag = 0;
    bool in_sync = false;
};
struct ClusterGroup {
    std::uint64_t id = 0;
    std::string leader;  // "0": none is known
    std::uint64_t term = 0;
    std::uint64_t commit = 0;
    std::vector<ClusterReplica> replicas;
};
struct ClusterDetails {
    std::vector<ClusterNode> nodes;
    std::uint64_t copies_in_sync = 0;
    std::vector<ClusterGroup> groups;
    std::uint64_t format_version = 0;  // in force
};

/// What became of a removal.
enum class Removal { done, would_leave_one_zone };

/// A handle of a batch that was not deleted.
struct NotDeleted {
    std::string handle;
    Error error;
};

}  // namespace cmq::client
