// shard/entry.h: what an entry of the log carries: a stamp, and the commands of one commit.
//
//     u8 version in force (broker/format_version.h) | i64 stamp (ms) | { varint length | command
//     (broker/codec.h) } ...
//
// Every node runs each command through broker::State::apply, with the entry's stamp and index. The
// bodies of all sends in an entry are numbered from 0 in order: a slot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "broker/format_version.h"

namespace cmq::shard {

class EntryWriter {
public:
    EntryWriter(Stamp stamp, broker::FormatVersion format);
    void add(std::string_view command);
    std::string take() && { return std::move(payload_); }

private:
    std::string payload_;
};

/// Points into the payload that it was read from.
struct EntryView {
    Stamp stamp;
    std::vector<std::string_view> commands;
};
/// errors  corrupt; exists: of a version above `newest`.
Result<EntryView> read_entry(std::string_view payload, broker::FormatVersion newest);

/// All bodies in `payload`, by slot. errors  the same.
Result<std::vector<std::string_view>> read_bodies(std::string_view payload,
                                                  broker::FormatVersion newest);
/// Looks at nothing but the version. errors  the same.
Status check_format(std::string_view payload, broker::FormatVersion newest);

}  // namespace cmq::shard
