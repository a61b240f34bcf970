#include "model.h"

#include <chrono>

namespace cmq::broker::test {
namespace {

using std::chrono::seconds;

tl::unexpected<Refusal> refusal(Reason reason) { return tl::unexpected(Refusal{reason, {}}); }

std::string text(Stamp stamp) { return std::to_string(milliseconds_of(stamp)); }
std::string text(BodyAt body) {
    return std::to_string(body.index.value) + "." + std::to_string(body.slot);
}

struct Describe {
    std::string operator()(const Done&) const { return "done"; }
    std::string operator()(const QueueCreated& created) const {
        return "created " + std::to_string(created.id.value);
    }
    std::string operator()(const Sent& sent) const {
        return "sent " + std::to_string(sent.first.value) + " " + std::to_string(sent.count) +
               (sent.duplicate ? " again" : "");
    }
    std::string operator()(const Received& received) const {
        std::string line = "received";
        for (const auto& one : received.deliveries) {
            line += " [" + std::to_string(one.id.value) + " " + text(one.body) + " " +
                    text(one.enqueued) + " " + text(one.next_visible) + " " +
                    text(one.first_received) + " " + std::to_string(one.receives) + "]";
        }
        return line;
    }
    std::string operator()(const Deleted& deleted) const {
        std::string line = "deleted but";
        for (const auto handle : deleted.failed) line += " " + std::to_string(handle);
        return line;
    }
    std::string operator()(const VisibilityChanged& changed) const {
        return "visible " + text(changed.next_visible);
    }
    std::string operator()(const AttributesSet& set) const {
        const auto& given = set.attributes;
        return "set " + std::to_string(set.id.value) + " " + std::to_string(given.retention) + " " +
               std::to_string(given.rewind) + " " + std::to_string(given.visibility_timeout);
    }
    std::string operator()(const QueueView& view) const {
        return view.name + " " + text(view.created) + " " + text(view.modified) + " active " +
               std::to_string(view.active) + " inactive " + std::to_string(view.inactive) +
               " delayed " + std::to_string(view.delayed) + " rewindable " +
               std::to_string(view.rewindable) + " oldest " + text(view.oldest);
    }
    std::string operator()(const QueueList& list) const {
        return "list " + std::to_string(list.total);
    }
    std::string operator()(const Peeked& peeked) const {
        std::string line = "peeked";
        for (const auto& item : peeked.items) {
            line += " [" + std::to_string(item.sequence.value) + " " +
                    std::to_string(item.id.value) + " " + text(item.body) + " " +
                    std::to_string(static_cast<int>(item.phase)) + " " + text(item.enqueued) + " " +
                    text(item.until) + " " + std::to_string(item.receives) + "]";
        }
        return line;
    }
    std::string operator()(const NodeAdded& added) const {
        return "added " + std::to_string(added.node.value);
    }
    std::string operator()(const NodeList& list) const {
        std::string line = "nodes";
        for (const auto& node : list.nodes) {
            line += " [" + std::to_string(node.node.value) + " " + node.peer_address + " " +
                    node.endpoint + " " + node.zone + "]";
        }
        return line;
    }
    std::string operator()(const ClusterView&) const { return "cluster"; }
    std::string operator()(const JoinToken&) const { return "token"; }
    std::string operator()(const RewindPeeked& peeked) const {
        return "rewind to " + text(peeked.to) + " " + std::to_string(peeked.count);
    }
};

struct QueueOf {
    std::string_view operator()(const Found&) const { return {}; }
    std::string_view operator()(const Tick&) const { return {}; }
    std::string_view operator()(const AddNode&) const { return {}; }
    std::string_view operator()(const SetNode&) const { return {}; }
    std::string_view operator()(const DropNode&) const { return {}; }
    std::string_view operator()(const RaiseFormat&) const { return {}; }
    template <class OnQueue>
    std::string_view operator()(const OnQueue& command) const {
        return command.queue;
    }
};

}  // namespace

std::string describe(const Outcome& outcome) {
    if (!outcome) return "refused " + std::to_string(static_cast<int>(outcome.error().reason));
    return std::visit(Describe{}, *outcome);
}

std::string_view queue_of(const Action& action) { return std::visit(QueueOf{}, action); }

Stamp ModelQueue::rewindable_from(Stamp now) const {
    return std::chrono::floor<seconds>(now - seconds(attributes.rewind));
}

std::size_t ModelQueue::count(Phase phase) const {
    return static_cast<std::size_t>(
        std::count_if(messages.begin(), messages.end(),
                      [phase](const auto& message) { return message.phase == phase; }));
}

std::size_t ModelQueue::ready() const { return count(Phase::fresh) + count(Phase::returned); }

void ModelQueue::pass(Stamp now) {
    std::erase_if(messages, [&](const auto& message) {
        return message.born + seconds(attributes.retention) <= now;
    });
    for (auto& message : messages) {
        const bool waiting = message.phase == Phase::leased || message.phase == Phase::delayed;
        if (waiting && message.until <= now) message.phase = Phase::returned;
    }
    std::erase_if(messages, [&](const auto& message) {
        return message.phase == Phase::done && !rewindable(message, now);
    });
    std::erase_if(dedup, [now](const auto& entry) { return entry.second.second <= now; });
}

bool ModelQueue::rewindable(const ModelMessage& message, Stamp now) const {
    return message.born + seconds(attributes.rewind) > now;
}

ModelMessage* ModelQueue::leased(std::uint64_t handle) {
    for (auto& message : messages) {
        if (message.phase == Phase::leased && message.handle == handle) return &message;
    }
    return nullptr;
}

ModelMessage* ModelQueue::next_ready(std::size_t held_max_) {
    const auto held = static_cast<std::size_t>(std::count_if(
        messages.begin(), messages.end(), [](const auto& message) { return message.held(); }));
    ModelMessage* best = nullptr;
    for (auto& message : messages) {
        if (!message.ready() || (message.phase == Phase::fresh && held >= held_max_)) continue;
        if (best == nullptr || std::pair{message.eligible, message.sequence} <
                                   std::pair{best->eligible, best->sequence}) {
            best = &message;
        }
    }
    return best;
}

QueueView ModelQueue::view(Stamp now) const {
    QueueView view;
    view.name = name;
    view.created = created;
    view.modified = modified;
    view.active = ready();
    view.inactive = count(Phase::leased);
    view.delayed = count(Phase::delayed);
    view.rewindable = count(Phase::done);
    view.oldest = now;
    for (const auto& message : messages) {
        if (message.phase != Phase::done) view.oldest = std::min(view.oldest, message.born);
    }
    return view;
}

Outcome Model::apply(const Action& action, Stamp now, LogIndex index, const Outcome& actual) {
    if (const auto* create = std::get_if<CreateQueue>(&action)) return on(*create, now);
    if (std::holds_alternative<Found>(action) || std::holds_alternative<Tick>(action)) {
        return Done{};
    }
    const auto found = queues_.find(std::string(queue_of(action)));
    if (found == queues_.end()) return refusal(Reason::queue_missing);
    auto& queue = found->second;
    queue.pass(now);
    if (const auto* set = std::get_if<SetQueueAttributes>(&action)) return on(queue, *set, now);
    if (const auto* send = std::get_if<Send>(&action)) return on(queue, *send, now, index);
    if (const auto* receive = std::get_if<Receive>(&action)) {
        return on(queue, *receive, now, actual);
    }
    if (const auto* remove = std::get_if<DeleteMessages>(&action)) return on(queue, *remove, now);
    if (const auto* change = std::get_if<ChangeVisibility>(&action)) {
        return on(queue, *change, now);
    }
    if (const auto* back = std::get_if<Unreceive>(&action)) return on(queue, *back);
    if (const auto* rewind_ = std::get_if<RewindQueue>(&action)) return on(queue, *rewind_, now);
    if (std::holds_alternative<ClearQueue>(action)) queue.messages.clear();
    if (std::holds_alternative<DeleteQueue>(action)) queues_.erase(found);
    return Done{};
}

Outcome Model::on(const CreateQueue& command, Stamp now) {
    if (queues_.contains(std::string(command.queue))) return refusal(Reason::queue_exists);
    const auto attributes = changed(usual_attributes(), command.attributes);
    if (!attributes) return tl::unexpected(attributes.error());
    auto& queue = queues_[std::string(command.queue)];
    queue.id = QueueId{next_queue_++};
    queue.name = command.queue;
    queue.attributes = *attributes;
    queue.created = queue.modified = now;
    return QueueCreated{queue.id};
}

Outcome Model::on(ModelQueue& queue, const SetQueueAttributes& command, Stamp now) {
    const auto attributes = changed(queue.attributes, command.attributes);
    if (!attributes) return tl::unexpected(attributes.error());
    queue.attributes = *attributes;
    queue.modified = now;
    queue.pass(now);
    return AttributesSet{queue.id, queue.attributes};
}

Outcome Model::on(ModelQueue& queue, const Send& send, Stamp now, LogIndex index) {
    const std::string dedup_id(send.dedup_id);
    if (!dedup_id.empty() && queue.dedup.contains(dedup_id)) {
        auto sent = queue.dedup.at(dedup_id).first;
        sent.duplicate = true;
        return sent;
    }
    const auto held = static_cast<std::int64_t>(
        std::count_if(queue.messages.begin(), queue.messages.end(),
                      [](const auto& message) { return message.held(); }));
    const auto count = static_cast<std::int64_t>(send.bodies.size());
    if (send.delay > 0 && held + count > options_.held_per_queue_max) {
        return refusal(Reason::too_many_held);
    }
    const Sent sent{MessageId{(7ULL << 53) | next_message_}, static_cast<std::uint32_t>(count),
                    false};
    for (std::uint32_t i = 0; i < sent.count; ++i) {
        ModelMessage message{queue.next++, MessageId{(7ULL << 53) | next_message_++},
                             BodyAt{index, i}, now, now + seconds(send.delay)};
        if (send.delay > 0) message.phase = ModelMessage::Phase::delayed;
        message.until = message.eligible;
        queue.messages.push_back(message);
    }
    if (!dedup_id.empty()) queue.dedup[dedup_id] = {sent, now + seconds(dedup_seconds)};
    return sent;
}

Outcome Model::on(ModelQueue& queue, const Receive& receive, Stamp now, const Outcome& actual) {
    const auto* given = actual ? std::get_if<Received>(&*actual) : nullptr;
    Received received;
    while (received.deliveries.size() < receive.count) {
        auto* message = queue.next_ready(static_cast<std::size_t>(options_.held_per_queue_max));
        if (message == nullptr) break;
        const auto place = received.deliveries.size();
        const bool known = given != nullptr && place < given->deliveries.size();
        message->handle = known ? given->deliveries[place].handle.value : 0;
        if (message->phase == ModelMessage::Phase::fresh) message->earlier = message->receives;
        message->phase = ModelMessage::Phase::leased;
        message->until = now + seconds(queue.attributes.visibility_timeout);
        ++message->receives;
        if (!message->first_received) message->first_received = now;
        received.deliveries.push_back(Delivery{message->id, Handle{message->handle}, message->body,
                                               message->born, message->until,
                                               *message->first_received, message->receives});
    }
    if (!received.deliveries.empty()) return received;
    return refusal(queue.ready() > 0 ? Reason::too_many_held : Reason::no_message);
}

Outcome Model::on(ModelQueue& queue, const DeleteMessages& command, Stamp now) {
    Deleted deleted;
    for (const auto handle : command.handles) {
        auto* message = queue.leased(handle);
        if (message == nullptr) {
            deleted.failed.push_back(handle);
        } else if (queue.rewindable(*message, now)) {
            message->phase = ModelMessage::Phase::done;
        } else {
            queue.messages.erase(queue.messages.begin() + (message - queue.messages.data()));
        }
    }
    return deleted;
}

Outcome Model::on(ModelQueue& queue, const ChangeVisibility& change, Stamp now) {
    auto* message = queue.leased(change.handle);
    if (message == nullptr) return refusal(Reason::handle_invalid);
    message->until = now + seconds(change.timeout);
    if (change.timeout == 0) message->phase = ModelMessage::Phase::returned;
    return VisibilityChanged{message->until};
}

Outcome Model::on(ModelQueue& queue, const Unreceive& command) {
    for (const auto handle : command.handles) {
        auto* message = queue.leased(handle);
        if (message == nullptr) continue;
        message->phase = ModelMessage::Phase::returned;
        if (--message->receives == message->earlier) message->first_received.reset();
    }
    return Done{};
}

Outcome ModelQueue::peek_rewind(MessageId to, Stamp now) const {
    if (attributes.rewind == 0) return refusal(Reason::cannot_rewind);
    const auto found = std::find_if(messages.begin(), messages.end(),
                                    [to](const auto& message) { return message.id == to; });
    if (found == messages.end()) return refusal(Reason::message_missing);
    if (found->born < rewindable_from(now)) return refusal(Reason::rewind_time);
    const auto from_then = [&](const auto& message) {
        return message.phase == Phase::done && message.born >= found->born;
    };
    return RewindPeeked{found->born, static_cast<std::uint64_t>(std::count_if(
                                         messages.begin(), messages.end(), from_then))};
}

Outcome Model::on(ModelQueue& queue, const RewindQueue& command, Stamp now) {
    if (queue.attributes.rewind == 0) return refusal(Reason::cannot_rewind);
    if (command.to > now || command.to < queue.rewindable_from(now)) {
        return refusal(Reason::rewind_time);
    }
    for (auto& message : queue.messages) {
        if (message.phase != ModelMessage::Phase::done || message.born < command.to) continue;
        message.phase = ModelMessage::Phase::fresh;
        message.eligible = message.born;
        message.first_received.reset();
    }
    return Done{};
}

}  // namespace cmq::broker::test
