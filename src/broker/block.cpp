#include "broker/block.h"

#include <algorithm>

#include "base/check.h"

namespace cmq::broker {
namespace {

bool continues(const Extent& last, const Extent& next) {
    return last.index == next.index && last.born == next.born &&
           last.offset + last.count == next.offset && last.slot + last.count == next.slot &&
           last.first.value + last.count == next.first.value;
}

}  // namespace

Bits Block::below(std::uint64_t sequence) const {
    if (sequence <= base()) return 0;
    if (sequence >= end()) return ~Bits{0};
    return bit(sequence) - 1;
}

Masks Block::masks(const Rewinds& rewinds, Floors floors) const {
    auto valid = done;
    if (const auto from = rewinds.void_from(epoch)) valid &= below(*from);
    Masks masks;
    masks.gone = gone | (valid & below(floors.rewind)) | below(floors.retention);
    masks.done = valid & ~masks.gone;
    return masks;
}

const Extent* Block::extent(std::uint64_t sequence) const {
    const auto offset = sequence - base();
    const auto after = std::upper_bound(
        extents.begin(), extents.end(), offset,
        [](std::uint64_t wanted, const Extent& extent) { return wanted < extent.offset; });
    if (after == extents.begin()) return nullptr;
    const auto& found = *(after - 1);
    const auto covers = offset < std::uint64_t{found.offset} + found.count;
    return covers ? &found : nullptr;
}

Stored Block::stored(std::uint64_t sequence) const {
    const auto* found = extent(sequence);
    CMQ_CHECK(found != nullptr);
    const auto place = static_cast<std::uint32_t>(sequence - base() - found->offset);
    return Stored{BodyAt{found->index, found->slot + place}, MessageId{found->first.value + place},
                  found->born};
}

void Block::append(Extent extent) {
    if (!extents.empty() && continues(extents.back(), extent)) {
        extents.back().count = static_cast<std::uint8_t>(extents.back().count + extent.count);
        return;
    }
    extents.push_back(extent);
}

std::uint32_t Block::receives(std::uint64_t sequence) const {
    for (const auto& [offset, count] : receives_) {
        if (offset == sequence - base()) return count;
    }
    return (done & bit(sequence)) != 0 ? 1 : 0;
}

void Block::set_receives(std::uint64_t sequence, std::uint32_t count) {
    const auto offset = static_cast<std::uint8_t>(sequence - base());
    const auto at = std::lower_bound(receives_.begin(), receives_.end(),
                                     std::pair<std::uint8_t, std::uint32_t>{offset, 0});
    const bool there = at != receives_.end() && at->first == offset;
    const bool goes_without_saying = count == ((done & bit(sequence)) != 0 ? 1U : 0U);
    if (goes_without_saying) {
        if (there) receives_.erase(at);
    } else if (there) {
        at->second = count;
    } else {
        receives_.insert(at, {offset, count});
    }
}

void Block::drop_dead() {
    std::erase_if(extents, [this](const Extent& extent) { return (extent.bits() & ~gone) == 0; });
    std::erase_if(receives_,
                  [this](const auto& entry) { return (gone & (Bits{1} << entry.first)) != 0; });
}

std::string Block::encoded() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(1).varint(epoch).u64(done).u64(gone).varint(extents.size());
    Extent last;
    for (const auto& extent : extents) {
        out.u8(extent.offset).u8(extent.count).varint(extent.slot);
        out.varint(extent.index.value - last.index.value);
        out.varint(extent.first.value - last.first.value);
        out.zigzag((extent.born - last.born).count());
        last = extent;
    }
    out.varint(receives_.size());
    for (const auto& [offset, count] : receives_) out.u8(offset).varint(count);
    return bytes;
}

bool Block::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto version = in.u8();
    epoch = in.varint();
    done = in.u64();
    gone = in.u64();
    Extent last;
    for (auto count = in.varint(); count > 0 && in.ok(); --count) {
        last.offset = in.u8();
        last.count = in.u8();
        last.slot = static_cast<std::uint32_t>(in.varint());
        last.index.value += in.varint();
        last.first.value += in.varint();
        last.born += std::chrono::milliseconds(in.zigzag());
        if (last.count == 0 || last.offset + last.count > 64) return false;
        extents.push_back(last);
    }
    for (auto count = in.varint(); count > 0 && in.ok(); --count) {
        const auto offset = in.u8();
        receives_.emplace_back(offset, static_cast<std::uint32_t>(in.varint()));
    }
    return version == 1 && in.done() && extents.size() <= 64 && receives_.size() <= 64;
}

}  // namespace cmq::broker
