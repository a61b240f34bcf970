#include "shard/entry.h"

#include "broker/codec.h"

namespace cmq::shard {
namespace {
constexpr std::uint8_t version = 1;
}

EntryWriter::EntryWriter(Stamp stamp) { Encoder(payload_).u8(version).i64(milliseconds_of(stamp)); }

void EntryWriter::add(std::string_view command) { Encoder(payload_).text(command); }

Result<EntryView> read_entry(std::string_view payload) {
    Decoder in(payload);
    if (in.u8() != version) return fail(Code::corrupt, "log entry of an unknown version");
    EntryView entry;
    entry.stamp = stamp_of(in.i64());
    while (in.ok() && in.left() > 0) entry.commands.push_back(in.text());
    if (!in.done()) return fail(Code::corrupt, "log entry ends inside a command");
    return entry;
}

Result<std::vector<std::string_view>> read_bodies(std::string_view payload) {
    const auto entry = CMQ_TRY(read_entry(payload));
    std::vector<std::string_view> bodies;
    for (const auto bytes : entry.commands) {
        const auto command = CMQ_TRY(broker::decode(bytes));
        const auto* send = std::get_if<broker::Send>(&command.action);
        if (send) bodies.insert(bodies.end(), send->bodies.begin(), send->bodies.end());
    }
    return bodies;
}

}  // namespace cmq::shard
