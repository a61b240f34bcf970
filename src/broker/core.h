// broker/core.h: the state machine behind State: all queues, and what they share.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "broker/directory.h"
#include "broker/floors.h"
#include "broker/lease.h"
#include "broker/queue.h"

namespace cmq::broker {

struct QueueName {
    Namespace space;
    std::string_view name;  // the queue's own
};
struct QueueNameHash {
    std::size_t operator()(const QueueName& name) const;
};
struct SameQueueName {
    bool operator()(const QueueName& a, const QueueName& b) const {
        return a.space == b.space && equal_ignoring_case(a.name, b.name);
    }
};

/// Of the command that is being applied.
struct Context {
    Namespace space;
    Stamp now;
    LogIndex index;
    std::uint32_t slot = 0;  // of its first body
};

struct Core {
    Core(std::uint64_t group_, Rows& rows_, const Options& options)
        : group(group_),
          newest(options.newest),
          rows(rows_),
          store(rows_, options),
          directory(store.flush) {}

    Queue* find(Namespace space, std::string_view name);
    Queue* find(QueueId id);
    /// The queue that a command names, with what is due in it fired.
    tl::expected<Queue*, Refusal> reach(const Context& context, std::string_view name);
    tl::expected<Queue*, Refusal> look_up(Namespace space, std::string_view name);

    Queue& create(Namespace space, std::string_view name);
    void link(Queue& queue);            // into what finds it by name and time
    void end(Queue& queue, Stamp now);  // nobody finds it any more
    void wake(Queue& queue);
    void reschedule(Queue& queue);
    void tick(Stamp now);

    std::uint64_t ready(QueueId id, std::uint64_t enough);
    Status load();
    Row row() const;  // of the state itself
    std::uint64_t hash() const;

    const std::uint64_t group;
    const FormatVersion newest;
    Rows& rows;
    Store store;
    Directory directory;

    FormatVersion format = oldest_format;  // in force
    Stamp clock;
    LogIndex applied;
    std::string secret;
    std::uint64_t next_queue = 1;
    std::uint64_t next_message = 1;  // the counter of message ids

    std::map<std::uint64_t, Queue> queues;  // ended ones too, until they are cleared away
    std::unordered_map<QueueName, Queue*, QueueNameHash, SameQueueName> names;
    std::map<Namespace, std::int64_t> queues_of;
    std::set<std::pair<Stamp, std::uint64_t>> due;
    std::vector<QueueId> woken;

private:
    std::int64_t keep_house(Queue& queue, Stamp now, std::int64_t budget);
    bool clear_away(Queue& queue, std::int64_t& budget);
    Status load_state();
    Status load_queues();
    Status load_held();
    Status load_others();
};

// apply.cpp, apply_messages.cpp, apply_nodes.cpp: one for each command.
Outcome on(Core& core, const Context& context, const Found& found);
Outcome on(Core& core, const Context& context, const CreateQueue& command);
Outcome on(Core& core, const Context& context, const SetQueueAttributes& command);
Outcome on(Core& core, const Context& context, const DeleteQueue& command);
Outcome on(Core& core, const Context& context, const ClearQueue& command);
Outcome on(Core& core, const Context& context, const RewindQueue& command);
Outcome on(Core& core, const Context& context, const Send& send);
Outcome on(Core& core, const Context& context, const Receive& receive);
Outcome on(Core& core, const Context& context, const DeleteMessages& command);
Outcome on(Core& core, const Context& context, const ChangeVisibility& change);
Outcome on(Core& core, const Context& context, const Unreceive& command);
Outcome on(Core& core, const Context& context, const Tick& tick);
Outcome on(Core& core, const Context& context, const AddNode& command);
Outcome on(Core& core, const Context& context, const SetNode& command);
Outcome on(Core& core, const Context& context, const DropNode& command);
Outcome on(Core& core, const Context& context, const RaiseFormat& command);

/// The first message that a rewind to `to` brings back; `floors` as of `now`.
/// errors  cannot_rewind, rewind_time, too_many_rewinds.
tl::expected<std::uint64_t, Refusal> rewind_start(Core& core, Queue& queue, const Floors& floors,
                                                  Stamp to, Stamp now);

// query.cpp
Outcome answer(Core& core, const Query& query, Stamp now);

inline tl::unexpected<Refusal> refuse(Reason reason, std::string field = {}) {
    return tl::unexpected(Refusal{reason, std::move(field)});
}

}  // namespace cmq::broker
