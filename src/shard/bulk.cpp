#include "shard/bulk.h"

namespace cmq::shard {
namespace {

constexpr std::uint8_t bulk_version = 1;
constexpr std::uint8_t last_kind = static_cast<std::uint8_t>(raft::Kind::configuration);

tl::unexpected<Error> damaged(std::string_view what) {
    return fail(Code::corrupt, "bulk message: " + std::string(what));
}

void put(Encoder& out, const SnapshotChunk& chunk) {
    out.varint(chunk.term.value);
    out.varint(chunk.base.index.value).varint(chunk.base.term.value).u64(chunk.base.chain);
    out.text(raft::encode(chunk.base.configuration));
    out.varint(chunk.size).varint(chunk.offset).text(chunk.bytes);
}

void put(Encoder& out, const BodiesWanted& wanted) {
    out.varint(wanted.indexes.size());
    for (const auto index : wanted.indexes) out.varint(index.value);
}

void put(Encoder&, const StandBack&) {}
void put(Encoder&, const StandsBack&) {}

void put(Encoder& out, const ChunkTaken& taken) { out.varint(taken.next); }

void put(Encoder& out, const BodiesFound& found) {
    out.varint(found.applied.value).varint(found.looked_at).varint(found.entries.size());
    for (const auto& entry : found.entries) {
        out.varint(entry.index.value).varint(entry.term.value);
        out.u8(static_cast<std::uint8_t>(entry.kind)).u64(entry.chain).text(*entry.payload);
    }
}

template <class Variant>
std::string encode_any(const Variant& message) {
    std::string bytes;
    Encoder out(bytes);
    out.u8(bulk_version).u8(static_cast<std::uint8_t>(message.index()));
    std::visit([&out](const auto& body) { put(out, body); }, message);
    return bytes;
}

Result<BulkRequest> snapshot_chunk_in(Decoder& in) {
    SnapshotChunk chunk;
    chunk.term.value = in.varint();
    chunk.base.index.value = in.varint();
    chunk.base.term.value = in.varint();
    chunk.base.chain = in.u64();
    const auto configuration = in.text();
    if (!in.ok()) return damaged("too short");
    chunk.base.configuration = CMQ_TRY(raft::decode_configuration(configuration));
    chunk.size = in.varint();
    chunk.offset = in.varint();
    chunk.bytes = in.text();
    return chunk;
}

Result<BulkRequest> bodies_wanted_in(Decoder& in) {
    BodiesWanted wanted;
    const auto count = in.varint();
    if (count > bodies_wanted_max) return damaged("too many bodies wanted");
    for (auto left = count; left > 0 && in.ok(); --left)
        wanted.indexes.push_back(raft::Index{in.varint()});
    return wanted;
}

Result<BulkAnswer> bodies_found_in(Decoder& in) {
    BodiesFound found;
    found.applied.value = in.varint();
    found.looked_at = in.varint();
    const auto count = in.varint();
    if (count > found.looked_at) return damaged("more bodies than were wanted");
    for (auto left = count; left > 0 && in.ok(); --left) {
        raft::Entry entry;
        entry.index.value = in.varint();
        entry.term.value = in.varint();
        const auto kind = in.u8();
        if (kind > last_kind) return damaged("an unknown kind of entry");
        entry.kind = static_cast<raft::Kind>(kind);
        entry.chain = in.u64();
        entry.payload = make_blob(std::string(in.text()));
        found.entries.push_back(std::move(entry));
    }
    return found;
}

struct Head {
    std::uint8_t version, kind;
};
Head head_in(Decoder& in) { return {in.u8(), in.u8()}; }

template <class Variant>
Result<Variant> whole(const Decoder& in, Result<Variant> message) {
    if (message && !in.done()) return damaged("it does not end where it should");
    return message;
}

}  // namespace

std::string encode(const BulkRequest& request) { return encode_any(request); }
std::string encode(const BulkAnswer& answer) { return encode_any(answer); }

Result<BulkRequest> decode_bulk_request(std::string_view bytes) {
    Decoder in(bytes);
    const auto head = head_in(in);
    if (head.version != bulk_version) return damaged("of another version");
    if (head.kind == 0) return whole(in, snapshot_chunk_in(in));
    if (head.kind == 1) return whole(in, bodies_wanted_in(in));
    if (head.kind == 2) return whole<BulkRequest>(in, BulkRequest{StandBack{}});
    return damaged("an unknown kind");
}

Result<BulkAnswer> decode_bulk_answer(std::string_view bytes) {
    Decoder in(bytes);
    const auto head = head_in(in);
    if (head.version != bulk_version) return damaged("of another version");
    if (head.kind == 0) return whole<BulkAnswer>(in, BulkAnswer{ChunkTaken{in.varint()}});
    if (head.kind == 1) return whole(in, bodies_found_in(in));
    if (head.kind == 2) return whole<BulkAnswer>(in, BulkAnswer{StandsBack{}});
    return damaged("an unknown kind");
}

}  // namespace cmq::shard
