#include "raft/wire.h"

namespace cmq::raft {
namespace {

constexpr std::uint8_t message_version = 1;

template <class... Flags>
std::uint8_t bits(Flags... flags) {
    unsigned value = 0, bit = 1;
    ((value |= flags ? bit : 0, bit <<= 1), ...);
    return static_cast<std::uint8_t>(value);
}

bool bit(std::uint8_t value, unsigned number) { return (value >> number & 1) != 0; }

void put(Encoder& out, const VoteRequest& request) {
    out.varint(request.last.value).varint(request.last_term.value);
    out.u8(bits(request.pre, request.transfer));
}

void put(Encoder& out, const VoteReply& reply) { out.u8(bits(reply.pre, reply.granted)); }

void put(Encoder& out, const Append& append) {
    out.varint(append.previous.value).varint(append.previous_term.value);
    out.varint(append.commit.value).varint(append.round).varint(append.entries.size());
    auto term = append.previous_term;
    for (const auto& entry : append.entries) {
        out.zigzag(static_cast<std::int64_t>(entry.term.value - term.value));
        out.u8(static_cast<std::uint8_t>(entry.kind)).u64(entry.chain);
        out.varint(entry.payload->size());
        term = entry.term;
    }
}

void put(Encoder& out, const AppendReply& reply) {
    out.u8(bits(reply.accepted, reply.complete, reply.stands_back)).varint(reply.round);
    out.varint(reply.match.value).varint(reply.verified.value);
    out.varint(reply.refused.value).varint(reply.hint.value).varint(reply.hint_term.value);
}

void put(Encoder&, const TimeoutNow&) {}

VoteRequest vote_request_in(Decoder& in) {
    VoteRequest request;
    request.last.value = in.varint();
    request.last_term.value = in.varint();
    const auto flags = in.u8();
    request.pre = bit(flags, 0);
    request.transfer = bit(flags, 1);
    return request;
}

VoteReply vote_reply_in(Decoder& in) {
    const auto flags = in.u8();
    return {bit(flags, 0), bit(flags, 1)};
}

AppendReply append_reply_in(Decoder& in) {
    AppendReply reply;
    const auto flags = in.u8();
    reply.accepted = bit(flags, 0);
    reply.complete = bit(flags, 1);
    reply.stands_back = bit(flags, 2);
    reply.round = in.varint();
    reply.match.value = in.varint();
    reply.verified.value = in.varint();
    reply.refused.value = in.varint();
    reply.hint.value = in.varint();
    reply.hint_term.value = in.varint();
    return reply;
}

struct EntryHead {
    Entry entry;
    std::uint64_t length = 0;
};

EntryHead entry_head_in(Decoder& in, Index index, Term before) {
    EntryHead head;
    head.entry.index = index;
    head.entry.term.value = before.value + static_cast<std::uint64_t>(in.zigzag());
    head.entry.kind = static_cast<Kind>(in.u8());
    head.entry.chain = in.u64();
    head.length = in.varint();
    return head;
}

bool is_known(Kind kind) {
    return kind == Kind::no_op || kind == Kind::command || kind == Kind::configuration;
}

tl::unexpected<Error> damaged(std::string_view what) {
    return fail(Code::corrupt, "consensus message: " + std::string(what));
}

/// Numbers have 63 bits for ever: nothing that is added to one can wrap.
bool fits(std::uint64_t number) { return number >> 63 == 0; }

Result<Append> append_in(Decoder& in) {
    Append append;
    append.previous.value = in.varint();
    append.previous_term.value = in.varint();
    append.commit.value = in.varint();
    append.round = in.varint();
    const auto count = in.varint();
    if (!fits(append.previous.value) || !fits(count)) return damaged("an index that cannot be");
    std::vector<std::uint64_t> lengths;
    auto index = append.previous;
    auto term = append.previous_term;
    for (auto left = count; left > 0 && in.ok(); --left) {
        index = next(index);
        auto head = entry_head_in(in, index, term);
        if (!is_known(head.entry.kind)) return damaged("an unknown kind of entry");
        term = head.entry.term;
        lengths.push_back(head.length);
        append.entries.push_back(std::move(head.entry));
    }
    for (std::size_t at = 0; at < lengths.size() && in.ok(); ++at)
        append.entries[at].payload = make_blob(std::string(in.raw(lengths[at])));
    return append;
}

Status body_in(Decoder& in, std::uint8_t kind, Message& message) {
    switch (kind) {
        case 0:
            message.body = vote_request_in(in);
            return {};
        case 1:
            message.body = vote_reply_in(in);
            return {};
        case 2:
            message.body = CMQ_TRY(append_in(in));
            return {};
        case 3:
            message.body = append_reply_in(in);
            return {};
        case 4:
            message.body = TimeoutNow{};
            return {};
        default:  // it comes from outside
            return damaged("an unknown kind");
    }
}

}  // namespace

std::vector<Blob> encode(const Message& message) {
    std::string head;
    Encoder out(head);
    out.u8(message_version).u8(static_cast<std::uint8_t>(message.body.index()));
    out.varint(message.from.value).varint(message.to.value).varint(message.term.value);
    std::visit([&out](const auto& body) { put(out, body); }, message.body);
    std::vector<Blob> pieces{make_blob(std::move(head))};
    if (const auto* append = std::get_if<Append>(&message.body))
        for (const auto& entry : append->entries)
            if (!entry.payload->empty()) pieces.push_back(entry.payload);
    return pieces;
}

Result<Message> decode_message(std::string_view bytes) {
    Decoder in(bytes);
    if (in.u8() != message_version) return damaged("of another version");
    const auto kind = in.u8();
    Message message;
    message.from.value = in.varint();
    message.to.value = in.varint();
    message.term.value = in.varint();
    if (!fits(message.term.value)) return damaged("a term that cannot be");
    CMQ_TRY(body_in(in, kind, message));
    if (!in.done()) return damaged("it does not end where it should");
    return message;
}

}  // namespace cmq::raft
