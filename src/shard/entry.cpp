#include "shard/entry.h"

#include "broker/codec.h"

namespace cmq::shard {

EntryWriter::EntryWriter(Stamp stamp, broker::FormatVersion format) {
    Encoder(payload_).u8(broker::byte_of(format)).i64(milliseconds_of(stamp));
}

void EntryWriter::add(std::string_view command) { Encoder(payload_).text(command); }

Status check_format(std::string_view payload, broker::FormatVersion newest) {
    const broker::FormatVersion found{Decoder(payload).u8()};
    if (found > newest) return tl::unexpected(broker::too_new(found, newest));
    if (found < broker::oldest_format) return fail(Code::corrupt, "log entry without a version");
    return {};
}

Result<EntryView> read_entry(std::string_view payload, broker::FormatVersion newest) {
    CMQ_TRY(check_format(payload, newest));
    Decoder in(payload);
    (void)in.u8();
    EntryView entry;
    entry.stamp = stamp_of(in.i64());
    while (in.ok() && in.left() > 0) entry.commands.push_back(in.text());
    if (!in.done()) return fail(Code::corrupt, "log entry ends inside a command");
    return entry;
}

Result<std::vector<std::string_view>> read_bodies(std::string_view payload,
                                                  broker::FormatVersion newest) {
    const auto entry = CMQ_TRY(read_entry(payload, newest));
    std::vector<std::string_view> bodies;
    for (const auto bytes : entry.commands) {
        const auto command = CMQ_TRY(broker::decode(bytes));
        const auto* send = std::get_if<broker::Send>(&command.action);
        if (send) bodies.insert(bodies.end(), send->bodies.begin(), send->bodies.end());
    }
    return bodies;
}

}  // namespace cmq::shard
