#include "broker/queue.h"

namespace cmq::broker {

Chunk* Queue::chunk_of(std::uint64_t sequence) {
    // Nearly all work is at the young end.
    const auto number = sequence / chunk_messages;
    if (!chunks.empty() && chunks.rbegin()->first == number) return &chunks.rbegin()->second;
    const auto at = chunks.find(number);
    return at == chunks.end() ? nullptr : &at->second;
}

void Queue::recount(Chunk& chunk, const Tally& before, const Tally& after) {
    for (auto* sum : {&chunk.tally, &tally, &totals.tally}) (*sum -= before) += after;
}

void Queue::count_loaded(const Chunk& chunk) {
    for (auto* sum : {&tally, &totals.tally}) *sum += chunk.tally;
}

std::string Queue::encoded() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(1).varint(space.value).text(name);
    encode(attributes, out);
    out.zigzag(milliseconds_of(created)).zigzag(milliseconds_of(modified)).u8(ended ? 1 : 0);
    out.varint(next).varint(next_lease).varint(next_dedup).varint(cursor);
    out.varint(floors.retention).varint(floors.rewind).zigzag(milliseconds_of(floor_born));
    out.varint(swept).varint(rewind_swept).zigzag(milliseconds_of(sweep_from));
    out.zigzag(milliseconds_of(retention_due)).zigzag(milliseconds_of(rewind_due));
    rewinds.encode(out);
    return bytes;
}

bool Queue::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto version = in.u8();
    space.value = in.varint();
    name = in.text();
    attributes = decode_attributes(in);
    created = stamp_of(in.zigzag());
    modified = stamp_of(in.zigzag());
    ended = in.u8() != 0;
    next = in.varint();
    next_lease = in.varint();
    next_dedup = in.varint();
    cursor = in.varint();
    floors.retention = in.varint();
    floors.rewind = in.varint();
    floor_born = stamp_of(in.zigzag());
    swept = in.varint();
    rewind_swept = in.varint();
    sweep_from = stamp_of(in.zigzag());
    retention_due = stamp_of(in.zigzag());
    rewind_due = stamp_of(in.zigzag());
    return rewinds.decode(in) && version == 1 && in.done();
}

}  // namespace cmq::broker
