// The checkpoint's rows to a state and back, and the state's hash.
#include "base/hash.h"
#include "broker/core.h"

namespace cmq::broker {
namespace {

tl::unexpected<Error> corrupt(std::string_view what, Key key) {
    return fail(Code::corrupt, std::string(what) + " row (" + std::to_string(key.major) + ", " +
                                   std::to_string(key.minor) + ") is not what was written");
}

Status load_chunk(Store& store, Queue& queue, const Row& row) {
    const auto number = row.key.minor - 1;
    auto& chunk = queue.chunks.try_emplace(number, row.key).first->second;
    if (!chunk.decode(*row.value)) return corrupt("chunk", row.key);
    queue.count_loaded(chunk);
    store.flush.loaded(chunk);
    return {};
}

}  // namespace

/// Of all rows this one is read first, and its first byte will be that for ever.
Status check_format(Rows& rows, FormatVersion newest) {
    const auto bytes = rows.read(Table::state, Key{});
    if (!bytes) return {};
    const FormatVersion found{Decoder(*bytes).u8()};
    if (found > newest) return tl::unexpected(too_new(found, newest));
    if (found < oldest_format) return corrupt("state", Key{});
    return {};
}

Row Core::row() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(byte_of(format)).varint(group).zigzag(milliseconds_of(clock)).varint(applied.value);
    out.text(secret).varint(next_queue).varint(next_message);
    return Row{Table::state, Key{}, std::move(bytes)};
}

Status Core::load_state() {
    const auto bytes = rows.read(Table::state, Key{});
    if (!bytes) return {};
    CMQ_TRY(check_format(rows, newest));
    Decoder in(*bytes);
    format.value = in.u8();
    const auto stored_group = in.varint();
    clock = stamp_of(in.zigzag());
    applied.value = in.varint();
    secret = in.text();
    next_queue = in.varint();
    next_message = in.varint();
    if (!in.done() || stored_group != group) return corrupt("state", Key{});
    return {};
}

Status Core::load_queues() {
    for (const auto& row : rows.scan(Table::queue)) {
        if (row.key.minor > 0) {
            const auto queue = queues.find(row.key.major);
            if (queue == queues.end()) return corrupt("chunk", row.key);
            CMQ_TRY(load_chunk(store, queue->second, row));
            continue;
        }
        auto& queue = queues.try_emplace(row.key.major, row.key, store.totals).first->second;
        if (!queue.decode(*row.value)) return corrupt("queue", row.key);
        store.flush.loaded(queue);
    }
    return {};
}

Status Core::load_held() {
    for (const auto& row : rows.scan(Table::held)) {
        auto* queue = queues.contains(row.key.major) ? &queues.at(row.key.major) : nullptr;
        auto* held = queue == nullptr ? nullptr : queue->held.load(store.flush, row);
        if (held == nullptr) return corrupt("held", row.key);
        if (held->sequence() < queue->floors.retention) continue;
        auto* chunk = queue->chunk_of(held->sequence());
        if (chunk == nullptr) return corrupt("held", row.key);
        const Tally one{0, held->phase == HeldPhase::leased, held->phase == HeldPhase::delayed, 0};
        queue->recount(*chunk, {}, one);
    }
    return {};
}

Status Core::load_others() {
    for (const auto& row : rows.scan(Table::stripe)) CMQ_TRY(store.stripes.load(row));
    for (const auto& row : rows.scan(Table::dedup)) {
        const auto queue = queues.find(row.key.major);
        if (queue == queues.end()) return corrupt("dedup", row.key);
        auto& dedup = queue->second.dedup;
        if (!dedup) dedup = std::make_unique<Dedup>();
        if (!dedup->load(store.flush, row)) return corrupt("dedup", row.key);
    }
    return {};
}

Status Core::load() {
    CMQ_TRY(load_state());
    CMQ_TRY(load_queues());
    CMQ_TRY(load_held());
    CMQ_TRY(load_others());
    for (auto& [id, queue] : queues) link(queue);
    return directory.load(rows.scan(Table::node));
}

std::uint64_t Core::hash() const {
    auto hash = xxh3(*row().value);
    for (const auto& [id, queue] : queues) {
        hash = xxh3(queue.encoded(), hash);
        for (const auto& [chunk_number, chunk] : queue.chunks) {
            hash = xxh3(chunk.encoded(), hash);
            for (auto block = chunk.next(0); block; block = chunk.next(*block + 1)) {
                hash = xxh3(store.blocks.encoded(queue.id(), *block), hash + *block);
            }
        }
        for (const auto& [sequence, held] : queue.held.by_sequence()) {
            hash = xxh3(held.encoded(), hash + sequence);
        }
        if (queue.dedup) hash = queue.dedup->hash(hash);
    }
    return store.stripes.hash(directory.hash(hash));
}

}  // namespace cmq::broker
