#include "broker/codec.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace cmq::broker {
namespace {

constexpr std::uint8_t version = 1;

// For ever: a number is never given a new meaning.
enum Tag : std::uint8_t {
    tag_found = 1,
    tag_create_queue = 2,
    tag_set_attributes = 3,
    tag_delete_queue = 4,
    tag_clear_queue = 5,
    tag_rewind_queue = 6,
    tag_send = 7,
    tag_receive = 8,
    tag_delete_messages = 9,
    tag_change_visibility = 10,
    tag_unreceive = 11,
    tag_tick = 12,
    tag_add_node = 13,
    tag_set_node = 14,
    tag_drop_node = 15,
    tag_raise_format = 16,
};

constexpr std::array numbers{
    &AttributeChanges::max_messages,       &AttributeChanges::polling_wait,
    &AttributeChanges::visibility_timeout, &AttributeChanges::max_message_bytes,
    &AttributeChanges::retention,          &AttributeChanges::rewind,
};
constexpr unsigned trace_given = 1U << 6;
constexpr unsigned trace_on = 1U << 7;

void put(Encoder& out, const AttributeChanges& changes) {
    unsigned given = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (changes.*numbers[i]) given |= 1U << i;
    }
    if (changes.trace) given |= trace_given | (*changes.trace ? trace_on : 0U);
    out.u8(static_cast<std::uint8_t>(given));
    for (const auto number : numbers) {
        if (changes.*number) out.zigzag(*(changes.*number));
    }
}

AttributeChanges get_changes(Decoder& in) {
    AttributeChanges changes;
    const unsigned given = in.u8();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if ((given & (1U << i)) != 0) changes.*numbers[i] = in.zigzag();
    }
    if ((given & trace_given) != 0) changes.trace = (given & trace_on) != 0;
    return changes;
}

void put(Encoder& out, const std::vector<std::uint64_t>& handles) {
    out.varint(handles.size());
    for (const auto handle : handles) out.u64(handle);
}

std::vector<std::uint64_t> get_handles(Decoder& in) {
    const auto count = in.varint();
    std::vector<std::uint64_t> handles;
    handles.reserve(std::min<std::uint64_t>(count, in.left() / 8));
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) handles.push_back(in.u64());
    return handles;
}

std::vector<std::string_view> get_bodies(Decoder& in) {
    const auto count = in.varint();
    std::vector<std::string_view> bodies;
    bodies.reserve(std::min<std::uint64_t>(count, in.left()));
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) bodies.push_back(in.text());
    return bodies;
}

struct Put {
    Encoder& out;

    Encoder& tag(Tag value) const { return out.u8(value); }
    void operator()(const Found& found) const { tag(tag_found).text(found.secret); }
    void operator()(const CreateQueue& create) const {
        put(tag(tag_create_queue).text(create.queue), create.attributes);
    }
    void operator()(const SetQueueAttributes& set) const {
        put(tag(tag_set_attributes).text(set.queue), set.attributes);
    }
    void operator()(const DeleteQueue& command) const { tag(tag_delete_queue).text(command.queue); }
    void operator()(const ClearQueue& command) const { tag(tag_clear_queue).text(command.queue); }
    void operator()(const RewindQueue& command) const {
        tag(tag_rewind_queue).text(command.queue).zigzag(milliseconds_of(command.to));
    }
    void operator()(const Send& send) const {
        tag(tag_send).text(send.queue).zigzag(send.delay).text(send.dedup_id);
        out.varint(send.bodies.size());
        for (const auto body : send.bodies) out.text(body);
    }
    void operator()(const Receive& receive) const {
        tag(tag_receive).text(receive.queue).varint(receive.count);
    }
    void operator()(const DeleteMessages& command) const {
        put(tag(tag_delete_messages).text(command.queue), command.handles);
    }
    void operator()(const ChangeVisibility& change) const {
        tag(tag_change_visibility).text(change.queue).u64(change.handle).zigzag(change.timeout);
    }
    void operator()(const Unreceive& command) const {
        put(tag(tag_unreceive).text(command.queue), command.handles);
    }
    void operator()(const Tick&) const { tag(tag_tick); }
    void operator()(const AddNode& add) const {
        tag(tag_add_node).text(add.token).zigzag(milliseconds_of(add.token_expires));
        out.text(add.peer_address).text(add.endpoint).text(add.zone).varint(add.replaces.value);
        out.varint(add.knows.value).text(add.key);
    }
    void operator()(const SetNode& set) const {
        tag(tag_set_node).varint(set.node.value);
        out.text(set.peer_address).text(set.endpoint).text(set.zone);
    }
    void operator()(const DropNode& drop) const { tag(tag_drop_node).varint(drop.node.value); }
    void operator()(const RaiseFormat& raise) const {
        tag(tag_raise_format).varint(raise.to.value).varint(raise.heard.size());
        for (const auto node : raise.heard) out.varint(node.value);
    }
};

// In each of these the fields are read one by one: the order of function arguments is not fixed.
Action get_send(Decoder& in) {
    Send send;
    send.queue = in.text();
    send.delay = in.zigzag();
    send.dedup_id = in.text();
    send.bodies = get_bodies(in);
    return send;
}

Action get_receive(Decoder& in) {
    Receive receive;
    receive.queue = in.text();
    // More than fits is far out of range anyhow, and stays so.
    receive.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(in.varint(), UINT32_MAX));
    return receive;
}

Action get_rewind(Decoder& in) {
    RewindQueue command;
    command.queue = in.text();
    command.to = stamp_of(in.zigzag());
    return command;
}

Action get_change_visibility(Decoder& in) {
    ChangeVisibility change;
    change.queue = in.text();
    change.handle = in.u64();
    change.timeout = in.zigzag();
    return change;
}

Action get_add_node(Decoder& in) {
    AddNode add;
    add.token = in.text();
    add.token_expires = stamp_of(in.zigzag());
    add.peer_address = in.text();
    add.endpoint = in.text();
    add.zone = in.text();
    add.replaces.value = in.varint();
    add.knows.value = in.varint();
    add.key = in.text();
    return add;
}

Action get_raise_format(Decoder& in) {
    RaiseFormat raise;
    raise.to.value = in.varint();
    const auto count = in.varint();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) raise.heard.push_back(NodeId{in.varint()});
    return raise;
}

Action get_set_node(Decoder& in) {
    SetNode set;
    set.node.value = in.varint();
    set.peer_address = in.text();
    set.endpoint = in.text();
    set.zone = in.text();
    return set;
}

template <class WithAttributes>
Action get_attributes(Decoder& in) {
    WithAttributes command;
    command.queue = in.text();
    command.attributes = get_changes(in);
    return command;
}

template <class WithHandles>
Action get_with_handles(Decoder& in) {
    WithHandles command;
    command.queue = in.text();
    command.handles = get_handles(in);
    return command;
}

Result<Action> get_action(Decoder& in) {
    const auto tag = in.u8();
    switch (tag) {
        case tag_found:
            return Action{Found{in.text()}};
        case tag_create_queue:
            return get_attributes<CreateQueue>(in);
        case tag_set_attributes:
            return get_attributes<SetQueueAttributes>(in);
        case tag_delete_queue:
            return Action{DeleteQueue{in.text()}};
        case tag_clear_queue:
            return Action{ClearQueue{in.text()}};
        case tag_rewind_queue:
            return get_rewind(in);
        case tag_send:
            return get_send(in);
        case tag_receive:
            return get_receive(in);
        case tag_delete_messages:
            return get_with_handles<DeleteMessages>(in);
        case tag_change_visibility:
            return get_change_visibility(in);
        case tag_unreceive:
            return get_with_handles<Unreceive>(in);
        case tag_tick:
            return Action{Tick{}};
        case tag_add_node:
            return get_add_node(in);
        case tag_set_node:
            return get_set_node(in);
        case tag_drop_node:
            return Action{DropNode{NodeId{in.varint()}}};
        case tag_raise_format:
            return get_raise_format(in);
    }
    return fail(Code::corrupt, "command: unknown tag " + std::to_string(tag));
}

}  // namespace

void encode(const Command& command, std::string& out) {
    Encoder encoder(out);
    encoder.u8(version).varint(command.space.value);
    std::visit(Put{encoder}, command.action);
}

Result<Command> decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto found_version = in.u8();
    if (!in.ok()) return fail(Code::corrupt, "command: no bytes");
    if (found_version != version) {
        return fail(Code::corrupt, "command: version " + std::to_string(found_version) +
                                       ", this program knows " + std::to_string(version));
    }
    Command command;
    command.space.value = in.varint();
    command.action = CMQ_TRY(get_action(in));
    if (!in.done()) {
        return fail(Code::corrupt, in.ok() ? "command: bytes after its end" : "command: cut short");
    }
    return command;
}

}  // namespace cmq::broker
