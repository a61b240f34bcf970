// The rules once more, as short as they can be: a list of messages a queue, gone through one by
// one. The random test compares the state machine with this.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/attributes.h"
#include "broker/limits.h"
#include "broker/state.h"

namespace cmq::broker::test {

struct ModelMessage {
    enum class Phase { fresh, delayed, leased, returned, done };
    std::uint64_t sequence;
    MessageId id;
    BodyAt body;
    Stamp born;
    Stamp eligible;
    Phase phase = Phase::fresh;
    Stamp until{};
    std::uint64_t handle = 0;
    std::uint32_t receives = 0;
    std::uint32_t earlier = 0;
    std::optional<Stamp> first_received{};

    bool ready() const { return phase == Phase::fresh || phase == Phase::returned; }
    bool held() const { return phase != Phase::fresh && phase != Phase::done; }
};

struct ModelQueue {
    using Phase = ModelMessage::Phase;
    QueueId id;
    std::string name;
    Attributes attributes;
    Stamp created;
    Stamp modified;
    std::uint64_t next = 0;
    std::vector<ModelMessage> messages;  // what is not gone
    std::map<std::string, std::pair<Sent, Stamp>> dedup;

    std::size_t count(Phase phase) const;
    std::size_t ready() const;
    void pass(Stamp now);  // time
    bool rewindable(const ModelMessage& message, Stamp now) const;
    Stamp rewindable_from(Stamp now) const;  // the earliest time to which one may ask to rewind
    ModelMessage* leased(std::uint64_t handle);
    ModelMessage* next_ready(std::size_t held_max_);
    QueueView view(Stamp now) const;
    Outcome peek_rewind(MessageId to, Stamp now) const;
};

class Model {
public:
    explicit Model(const Options& options) : options_(options) {}
    /// As State::apply; `actual` is what that answered: its handles are taken over.
    Outcome apply(const Action& action, Stamp now, LogIndex index, const Outcome& actual);
    const std::map<std::string, ModelQueue>& queues() const { return queues_; }

private:
    Outcome on(const CreateQueue& command, Stamp now);
    Outcome on(ModelQueue& queue, const SetQueueAttributes& command, Stamp now);
    Outcome on(ModelQueue& queue, const Send& send, Stamp now, LogIndex index);
    Outcome on(ModelQueue& queue, const Receive& receive, Stamp now, const Outcome& actual);
    Outcome on(ModelQueue& queue, const DeleteMessages& command, Stamp now);
    Outcome on(ModelQueue& queue, const ChangeVisibility& change, Stamp now);
    Outcome on(ModelQueue& queue, const Unreceive& command);
    Outcome on(ModelQueue& queue, const RewindQueue& command, Stamp now);

    Options options_;
    std::map<std::string, ModelQueue> queues_;
    std::uint64_t next_queue_ = 1;
    std::uint64_t next_message_ = 1;
};

/// As text without handles, which a model cannot know.
std::string describe(const Outcome& outcome);
std::string_view queue_of(const Action& action);

}  // namespace cmq::broker::test
