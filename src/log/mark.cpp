#include "log/mark.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "log/format.h"

namespace cmq::log {
namespace {

constexpr std::uint64_t slot_distance = 4096;
constexpr std::size_t slot_bytes = 1 + 8 + 8 + 4;

std::optional<Mark::Value> decode(std::string_view bytes) {
    Decoder in(bytes);
    Mark::Value value;
    const auto version = in.u8();
    value.incarnation = in.u64();
    value.journal.value = in.u64();
    const auto crc = in.u32();
    if (!in.done() || version != format_version) return std::nullopt;
    if (crc != crc32c(bytes.substr(0, slot_bytes - 4))) return std::nullopt;
    return value;
}

}  // namespace

Result<std::optional<Mark::Value>> Mark::read(store::Files& files, const Directory& directory) {
    std::optional<Value> newest;
    if (!CMQ_TRY(files.exists(directory.mark()))) return newest;
    auto file = CMQ_TRY(files.open(directory.mark(), store::Open::existing));
    for (const std::uint64_t slot : {0, 1}) {
        const auto value = decode(CMQ_TRY(file->read(slot * slot_distance, slot_bytes)));
        if (value && (!newest || value->journal > newest->journal)) newest = value;
    }
    return newest;
}

Result<Mark> Mark::make(store::Files& files, const Directory& directory, Value value) {
    Mark mark(CMQ_TRY(files.open(directory.mark(), store::Open::create)), value.incarnation);
    CMQ_TRY(mark.write(value.journal));
    CMQ_TRY(mark.write(value.journal));
    CMQ_TRY(mark.sync());
    CMQ_TRY(files.sync_directory(directory.root));
    return mark;
}

Status Mark::write(Journal journal) {
    const auto slot = next_slot_;
    next_slot_ ^= 1;
    return write_slot(slot, journal);
}

Status Mark::write_slot(unsigned slot, Journal journal) {
    std::string bytes;
    Encoder out(bytes);
    out.u8(format_version).u64(incarnation_).u64(journal.value);
    out.u32(crc32c(bytes));
    return file_->write(slot * slot_distance, bytes);
}

}  // namespace cmq::log
