// broker/command.h: what may be asked of the state machine.
//
// A command is decoded from a request or from a log entry and points into it: every string_view
// here lives as long as those bytes do. Values are not yet checked against broker/limits.h; apply
// does that, so that no door can forget it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "broker/format_version.h"
#include "broker/node_id.h"

namespace cmq::broker {

using Namespace = Id<struct NamespaceTag>;  // one customer; the first has 1
using QueueId = Id<struct QueueTag>;        // never reused
using Sequence = Id<struct SequenceTag>;    // place in a queue, given at send; the first is 0
using MessageId = Id<struct MessageTag>;    // 10 bits of group, 53 bits counter; never 0
using Handle = Id<struct HandleTag>;        // receipt handle, 1 .. 2^63-1

/// The attributes that a request names; the others keep their value or default.
struct AttributeChanges {
    std::optional<std::int64_t> max_messages{};        // heap limit: undeleted messages
    std::optional<std::int64_t> polling_wait{};        // s
    std::optional<std::int64_t> visibility_timeout{};  // s
    std::optional<std::int64_t> max_message_bytes{};
    std::optional<std::int64_t> retention{};  // s
    std::optional<std::int64_t> rewind{};     // s; 0: deleted messages are gone
    std::optional<bool> trace{};
};

/// The first command of every log: what all replicas must agree on for ever.
struct Found {
    std::string_view secret;  // 32 random bytes; receipt handles are keyed by it
};
struct CreateQueue {
    std::string_view queue;
    AttributeChanges attributes;
};
struct SetQueueAttributes {
    std::string_view queue;
    AttributeChanges attributes;
};
struct DeleteQueue {
    std::string_view queue;
};
struct ClearQueue {
    std::string_view queue;
};
struct RewindQueue {
    std::string_view queue;
    Stamp to;
};
struct Send {
    std::string_view queue;
    std::int64_t delay = 0;     // s
    std::string_view dedup_id;  // empty: none
    std::vector<std::string_view> bodies;
};
struct Receive {
    std::string_view queue;
    std::uint32_t count = 1;
};
struct DeleteMessages {
    std::string_view queue;
    std::vector<std::uint64_t> handles;  // as the client gave them; 0 is never valid
};
/// Ours: hides a received message for `timeout` from now; 0 gives it back at once.
struct ChangeVisibility {
    std::string_view queue;
    std::uint64_t handle = 0;
    std::int64_t timeout = 0;  // s, 0 .. 43200
};
/// Takes back receives whose answer could not be delivered, as if they had not been: the count
/// goes down again.
struct Unreceive {
    std::string_view queue;
    std::vector<std::uint64_t> handles;
};
/// Fires what is due, a bounded amount of it.
struct Tick {};

// The directory of nodes (broker/directory.h). No client asks for these: a leader proposes them.
/// A node comes in, with a token that counts once and only before it expires: the entry's stamp
/// decides. Who did not hear the answer and asks the same again, with the same key, hears it then.
struct AddNode {
    std::string_view token;  // its id, 16 bytes
    Stamp token_expires;
    std::string_view peer_address;        // host:port of the listener for other nodes
    std::string_view endpoint;            // where clients find it
    std::string_view zone;                // may be empty
    NodeId replaces;                      // 0: nobody; else it gets that node's next incarnation
    FormatVersion knows = oldest_format;  // its program; refused when that is too old
    std::string_view key = {};            // the digest of its public key; empty: cannot ask again
};
/// A node's addresses as they are now. The first of all founds the directory.
struct SetNode {
    NodeId node;
    std::string_view peer_address, endpoint, zone;
};
struct DropNode {
    NodeId node;
};
/// From the next command on version `to` is in force (broker/format_version.h). Refused when the
/// directory has a node beside those that were heard to know it.
struct RaiseFormat {
    FormatVersion to;
    std::vector<NodeId> heard;
};

using Action = std::variant<Found, CreateQueue, SetQueueAttributes, DeleteQueue, ClearQueue,
                            RewindQueue, Send, Receive, DeleteMessages, ChangeVisibility, Unreceive,
                            Tick, AddNode, SetNode, DropNode, RaiseFormat>;

struct Command {
    Namespace space;  // of the caller's key; requests name none
    Action action;
};

// Questions change nothing and make no log entry.
struct ListQueues {
    std::string_view search;  // substring, any case; empty: all
    std::uint64_t offset = 0;
    std::uint64_t limit = 20;  // at most queue_page_max are given
};
struct GetQueue {
    std::string_view queue;
};
enum class Phase : std::uint8_t { ready, in_flight, delayed, deleted };
/// Ours: looks on without side effects, in sequence order from `from`.
struct Peek {
    std::string_view queue;
    std::optional<Phase> phase;  // nothing: every phase
    std::uint64_t from = 0;      // a sequence
    std::uint32_t count = 1;     // 1 .. peek_max
};
/// Ours: what a rewind to a time, or to the time of a message, would bring back.
struct PeekRewind {
    std::string_view queue;
    std::variant<Stamp, MessageId> to;
};
/// Ours: the directory of nodes.
struct ListNodes {};
using Question = std::variant<ListQueues, GetQueue, Peek, PeekRewind, ListNodes>;

struct Query {
    Namespace space;
    Question question;
};

}  // namespace cmq::broker
