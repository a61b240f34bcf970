// broker/reply.h: what the state machine answers.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "broker/cluster.h"
#include "broker/command.h"

namespace cmq::broker {

/// Why a command changed nothing. One enumerator a wire error; protocol/error_codes.h has the
/// numbers and texts.
enum class Reason : std::uint8_t {
    queue_name_format,  // field: queueName
    queue_missing,
    queue_exists,
    too_many_queues,
    out_of_range,  // field names the parameter
    rewind_beyond_retention,
    body_empty,
    body_too_large,
    batch_size,       // field names the parameter: 1 .. 16
    batch_too_large,  // sum of bodies
    delay_out_of_range,
    queue_full,     // heap limit
    too_many_held,  // in flight plus delayed
    no_message,
    handle_invalid,
    cannot_rewind,  // rewindSeconds is 0
    rewind_time,    // outside the rewindable range
    too_many_rewinds,
    message_missing,  // gone, or never in this queue
    node_missing,     // no such node in the directory, or nobody founded it yet
    token_used,
    token_expired,
    too_many_nodes,  // or too many used tokens that have not expired
    // Not the state machine's: why the cluster does not change, or a command did not reach the
    // state machine, or may have.
    no_cluster,        // this broker knows nothing of clusters
    change_under_way,  // one change of members at a time
    last_voter,        // who would lead?
    one_zone,          // all copies that are left would lie in one zone
    not_caught_up,     // too far behind for what is asked, or no voter
    no_successor,      // it leads, and nobody may take that over
    throttled,         // bytes in flight exhausted
    disk_low,          // the disk's reserve is reached: sends are refused, the rest goes on
    no_leader,
    unknown_outcome,  // proposed, and then the lead was lost
    stopping,
    // What the disk gave is not what was written; reported, never served. Stays the last:
    // protocol/error_codes.cpp counts up to it.
    body_damaged,
};

struct Refusal {
    Reason reason = Reason::out_of_range;
    std::string field;  // the wire name of the parameter at fault, where the reason has one
};

/// Where a body lies: entry of the log, and the how-manieth body of that entry (from 0).
struct BodyAt {
    LogIndex index;
    std::uint32_t slot = 0;
    friend bool operator==(BodyAt, BodyAt) = default;
};

struct Delivery {
    MessageId id;
    Handle handle;
    BodyAt body;
    Stamp enqueued;
    Stamp next_visible;
    Stamp first_received;
    std::uint32_t receives = 0;  // this one included
};

struct Done {};
struct QueueCreated {
    QueueId id;
};
struct Sent {
    MessageId first;  // the others follow, one by one
    std::uint32_t count = 0;
    bool duplicate = false;  // a dedupId seen before: nothing was stored now
};
struct Received {
    std::vector<Delivery> deliveries;  // at least one
};
struct Deleted {
    std::vector<std::uint64_t> failed;  // handles as given, in order
};
struct VisibilityChanged {
    Stamp next_visible;
};

struct Attributes {
    std::int64_t max_messages = 0;
    std::int64_t polling_wait = 0;        // s
    std::int64_t visibility_timeout = 0;  // s
    std::int64_t max_message_bytes = 0;
    std::int64_t retention = 0;  // s
    std::int64_t rewind = 0;     // s
    bool trace = false;
    friend bool operator==(const Attributes&, const Attributes&) = default;
};

struct AttributesSet {
    QueueId id;
    Attributes attributes;  // all of them, as they are now
};

struct QueueView {
    QueueId id;
    std::string name;
    Attributes attributes;
    Stamp created;
    Stamp modified;
    std::uint64_t active = 0;
    std::uint64_t inactive = 0;
    std::uint64_t delayed = 0;
    std::uint64_t rewindable = 0;
    Stamp oldest;  // enqueue time of the oldest undeleted message; the state's clock when none
};
struct QueueList {
    std::uint64_t total = 0;  // before paging
    std::vector<std::pair<QueueId, std::string>> queues;
};

struct Peeked {
    struct Item {
        Sequence sequence;
        MessageId id;
        BodyAt body;
        Phase phase = Phase::ready;
        Stamp enqueued;
        Stamp until;  // in flight: lease ends; delayed: due; deleted: rewindable until
        std::uint32_t receives = 0;
    };
    std::vector<Item> items;
    std::optional<std::uint64_t> next;  // ask again from here; nothing: that was all
};

struct RewindPeeked {
    Stamp to;                 // the time for RewindQueue
    std::uint64_t count = 0;  // deleted messages that it would bring back
};

/// A node as the directory has it.
struct NodeEntry {
    NodeId node;
    std::string peer_address;
    std::string endpoint;
    std::string zone;
    friend bool operator==(const NodeEntry&, const NodeEntry&) = default;
};
struct NodeAdded {
    NodeId node;
};
struct NodeList {
    std::vector<NodeEntry> nodes;  // by id
};

using Reply = std::variant<Done, QueueCreated, AttributesSet, Sent, Received, Deleted,
                           VisibilityChanged, QueueView, QueueList, Peeked, RewindPeeked, NodeAdded,
                           NodeList, ClusterView, JoinToken>;
using Outcome = tl::expected<Reply, Refusal>;

/// A body as it lies in a log entry; keeps that entry's bytes alive.
struct Body {
    Blob owner;
    std::string_view text;
};

/// A reply with the bodies that it names: one for each Delivery, or for each Peeked::Item.
struct Answer {
    Outcome outcome;
    std::vector<Body> bodies;
};

}  // namespace cmq::broker
