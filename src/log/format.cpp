#include "log/format.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "base/hash.h"

namespace cmq::log {
namespace {

std::uint32_t guard(std::string_view content, RowName name) {
    std::string head;
    Encoder(head).u64(name.segment).u64(name.row);
    return crc32c(content, crc32c(head));
}

std::string guarded(std::string content, RowName name) {
    Encoder(content).u32(guard(content, name));
    return content;
}

tl::unexpected<Error> damaged(RowName name, std::string_view what) {
    return fail(Code::corrupt, "segment " + std::to_string(name.segment) + ", row " +
                                   std::to_string(name.row) + ": " + std::string(what));
}

/// What lies between the version and the checksum.
Result<std::string_view> content_of(std::string_view bytes, RowName name) {
    if (bytes.size() < 5) return damaged(name, "too short");
    const auto content = bytes.substr(0, bytes.size() - 4);
    if (Decoder(bytes.substr(bytes.size() - 4)).u32() != guard(content, name))
        return damaged(name, "checksum does not match");
    if (static_cast<std::uint8_t>(content[0]) != format_version)
        return damaged(name, "written by another version of the format");
    return content.substr(1);
}

std::string begin_content() { return std::string(1, static_cast<char>(format_version)); }

/// A count that was read; no list has more members than there are bytes left.
std::uint64_t count_in(Decoder& in) {
    const auto count = in.varint();
    return count <= in.left() ? count : in.left() + 1;  // the loop then runs into the end
}

void put(Encoder& out, const raft::HardState& hard) {
    out.varint(hard.term.value).varint(hard.vote.value);
}

raft::HardState hard_in(Decoder& in) {
    raft::HardState hard;
    hard.term.value = in.varint();
    hard.vote.value = in.varint();
    return hard;
}

void put(Encoder& out, const raft::Base& base) {
    out.varint(base.index.value).varint(base.term.value).u64(base.chain);
    for (const auto* nodes : {&base.configuration.voters, &base.configuration.learners}) {
        out.varint(nodes->size());
        for (const auto node : *nodes) out.varint(node.value);
    }
}

raft::Base base_in(Decoder& in) {
    raft::Base base;
    base.index.value = in.varint();
    base.term.value = in.varint();
    base.chain = in.u64();
    for (auto* nodes : {&base.configuration.voters, &base.configuration.learners})
        for (auto left = count_in(in); left > 0 && in.ok(); --left) nodes->push_back({in.varint()});
    return base;
}

/// Located, as the difference to the one before it in the same list.
void put(Encoder& out, const Located& entry, const Located& before) {
    out.zigzag(static_cast<std::int64_t>(entry.index.value - before.index.value));
    out.zigzag(static_cast<std::int64_t>(entry.term.value - before.term.value));
    out.u8(static_cast<std::uint8_t>(entry.kind)).u64(entry.chain);
    out.zigzag(static_cast<std::int64_t>(entry.row - before.row));
    out.varint(entry.offset).varint(entry.length).u32(entry.crc);
}

Located located_in(Decoder& in, const Located& before) {
    Located entry;
    entry.index.value = before.index.value + static_cast<std::uint64_t>(in.zigzag());
    entry.term.value = before.term.value + static_cast<std::uint64_t>(in.zigzag());
    entry.kind = static_cast<raft::Kind>(in.u8());
    entry.chain = in.u64();
    entry.row = before.row + static_cast<std::uint64_t>(in.zigzag());
    entry.offset = in.varint();
    entry.length = in.varint();
    entry.crc = in.u32();
    return entry;
}

void put(Encoder& out, const States& states) {
    out.varint(states.size());
    for (const auto& [group, state] : states) {
        out.varint(group.value);
        put(out, state.hard);
        put(out, state.base);
        out.varint(state.last.index.value).varint(state.last.term.value).u64(state.last.chain);
        out.varint(state.terms.size());
        for (const auto& [index, term] : state.terms) out.varint(index.value).varint(term.value);
    }
}

States states_in(Decoder& in) {
    States states;
    for (auto left = count_in(in); left > 0 && in.ok(); --left) {
        auto& state = states[raft::Group{in.varint()}];
        state.hard = hard_in(in);
        state.base = base_in(in);
        state.last.index.value = in.varint();
        state.last.term.value = in.varint();
        state.last.chain = in.u64();
        for (auto terms = count_in(in); terms > 0 && in.ok(); --terms) {
            const raft::Index index{in.varint()};
            state.terms.emplace_back(index, raft::Term{in.varint()});
        }
    }
    return states;
}

void put(Encoder& out, const Range& range) {
    out.varint(range.replaced_from.value).varint(range.stripes.size());
    std::uint64_t before = 0;
    for (const auto& stripe : range.stripes) {
        out.varint(stripe.first.value - before);
        out.varint(stripe.last.value - stripe.first.value);
        out.varint(stripe.bytes);
        before = stripe.last.value;
    }
}

Range range_in(Decoder& in) {
    Range range;
    range.replaced_from.value = in.varint();
    std::uint64_t before = 0;
    for (auto left = count_in(in); left > 0 && in.ok(); --left) {
        Stripe stripe;
        stripe.first.value = before + in.varint();
        before = stripe.first.value + in.varint();
        stripe.last.value = before;
        stripe.bytes = in.varint();
        range.stripes.push_back(stripe);
    }
    if (range.stripes.empty()) return range;
    range.first = range.stripes.front().first;
    range.last = range.stripes.back().last;
    return range;
}

}  // namespace

std::uint64_t Range::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& stripe : stripes) sum += stripe.bytes;
    return sum;
}

std::string encode(const Toc& toc, RowName name) {
    auto content = begin_content();
    Encoder out(content);
    out.varint(toc.entries.size());
    Located before;
    before.row = name.row;
    for (const auto& [group, entry] : toc.entries) {
        out.varint(group.value);
        put(out, entry, before);
        before = entry;
    }
    out.varint(toc.hard.size());
    for (const auto& [group, hard] : toc.hard) put(out.varint(group.value), hard);
    out.varint(toc.bases.size());
    for (const auto& [group, base] : toc.bases) put(out.varint(group.value), base);
    return guarded(std::move(content), name);
}

Result<Toc> decode_toc(std::string_view bytes, RowName name) {
    Decoder in(CMQ_TRY(content_of(bytes, name)));
    Toc toc;
    Located before;
    before.row = name.row;
    for (auto left = count_in(in); left > 0 && in.ok(); --left) {
        const raft::Group group{in.varint()};
        before = located_in(in, before);
        toc.entries.emplace_back(group, before);
    }
    for (auto left = count_in(in); left > 0 && in.ok(); --left) {
        const raft::Group group{in.varint()};
        toc.hard.emplace_back(group, hard_in(in));
    }
    for (auto left = count_in(in); left > 0 && in.ok(); --left) {
        const raft::Group group{in.varint()};
        toc.bases.emplace_back(group, base_in(in));
    }
    if (!in.done()) return damaged(name, "its toc does not end where it should");
    return toc;
}

std::string encode(const Opening& opening, RowName name) {
    auto content = begin_content();
    Encoder out(content);
    out.varint(opening.incarnation).varint(opening.older.size());
    std::uint64_t before = 0;
    for (const auto number : opening.older) {
        out.varint(number - before);
        before = number;
    }
    put(out, opening.states);
    return guarded(std::move(content), name);
}

Result<Opening> decode_opening(std::string_view bytes, RowName name) {
    Decoder in(CMQ_TRY(content_of(bytes, name)));
    Opening opening;
    opening.incarnation = in.varint();
    std::uint64_t before = 0;
    for (auto left = count_in(in); left > 0 && in.ok(); --left) {
        before += in.varint();
        opening.older.push_back(before);
    }
    opening.states = states_in(in);
    if (!in.done()) return damaged(name, "its opening does not end where it should");
    return opening;
}

std::string encode(const Sealing& sealing, RowName name) {
    auto content = begin_content();
    Encoder out(content);
    put(out, sealing.states);
    out.varint(sealing.ranges.size());
    for (const auto& [group, range] : sealing.ranges) put(out.varint(group.value), range);
    return guarded(std::move(content), name);
}

Result<Sealing> decode_sealing(std::string_view bytes, RowName name) {
    Decoder in(CMQ_TRY(content_of(bytes, name)));
    Sealing sealing;
    sealing.states = states_in(in);
    for (auto left = count_in(in); left > 0 && in.ok(); --left) {
        const raft::Group group{in.varint()};
        sealing.ranges[group] = range_in(in);
    }
    if (!in.done()) return damaged(name, "its sealing does not end where it should");
    return sealing;
}

std::string encode(const FileIndex& index, RowName name) {
    auto content = begin_content();
    Encoder out(content);
    out.varint(index.size());
    for (const auto& [group, entries] : index) {
        out.varint(group.value).varint(entries.size());
        Located before;
        for (const auto& entry : entries) {
            put(out, entry, before);
            before = entry;
        }
    }
    return guarded(std::move(content), name);
}

Result<FileIndex> decode_index(std::string_view bytes, RowName name) {
    Decoder in(CMQ_TRY(content_of(bytes, name)));
    FileIndex index;
    for (auto groups = count_in(in); groups > 0 && in.ok(); --groups) {
        auto& entries = index[raft::Group{in.varint()}];
        Located before;
        for (auto left = count_in(in); left > 0 && in.ok(); --left) {
            before = located_in(in, before);
            entries.push_back(before);
        }
    }
    if (!in.done()) return damaged(name, "its index does not end where it should");
    return index;
}

std::uint32_t crc_of(std::uint64_t segment, raft::Group group, const Located& entry,
                     std::string_view payload) {
    std::string head;
    Encoder(head)
        .u64(segment)
        .u64(group.value)
        .u64(entry.index.value)
        .u64(entry.term.value)
        .u8(static_cast<std::uint8_t>(entry.kind))
        .u64(entry.chain);
    return crc32c(payload, crc32c(head));
}

Toc toc_of(const Commit& commit, RowName name) {
    Toc toc{{}, commit.hard, commit.bases};
    toc.entries.reserve(commit.entries.size() + commit.bodies.size());
    std::uint64_t offset = 0;
    const auto add = [&](raft::Group group, const raft::Entry& entry) {
        const std::string_view payload = entry.payload ? *entry.payload : std::string_view();
        Located located{entry.index, entry.term, entry.kind,     entry.chain,
                        name.row,    offset,     payload.size(), 0};
        located.crc = crc_of(name.segment, group, located, payload);
        offset += payload.size();
        toc.entries.emplace_back(group, located);
    };
    for (const auto& [group, entry] : commit.entries) add(group, entry);
    for (const auto& [group, body] : commit.bodies) add(bodies_of(group), body);
    return toc;
}

Result<raft::Entry> entry_of(std::uint64_t segment, raft::Group group, const Located& entry,
                             std::string payload) {
    if (crc_of(segment, group, entry, payload) != entry.crc)
        return damaged({segment, entry.row},
                       "entry " + std::to_string(entry.index.value) + ": checksum does not match");
    return raft::Entry{entry.index, entry.term, entry.kind, entry.chain,
                       make_blob(std::move(payload))};
}

Range range_of(const std::vector<Located>& entries) {
    Range range;
    if (entries.empty()) return range;
    range.first = entries.front().index;
    range.last = entries.back().index;
    for (const auto& entry : entries) {
        auto& stripes = range.stripes;
        const auto stripe = entry.index.value / stripe_entries;
        if (stripes.empty() || stripes.back().first.value / stripe_entries != stripe)
            stripes.push_back({entry.index, entry.index, 0});
        stripes.back().last = entry.index;
        stripes.back().bytes += entry.length;
    }
    return range;
}

}  // namespace cmq::log
