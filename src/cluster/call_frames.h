// cluster/call_frames.h: calls and their answers as bytes. Pure. Inside of links.
//
//     u8 what | varint number of the call | the rest
//
//     request, reply   the caller's bytes, the answer's
//     failure          varint length, name of a Code | message
//     cancel           nothing
//
// Codes go by name, so that two versions of us may number them differently. All in this header, so
// that a fuzzer needs nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cmq::cluster {

enum class CallFrameKind : std::uint8_t { request = 1, reply = 2, failure = 3, cancel = 4 };

struct CallFrame {
    CallFrameKind kind;
    std::uint64_t number = 0;
    std::string_view rest = {};
};

inline constexpr std::size_t call_head_bytes_max = 11;
inline constexpr std::size_t failure_message_bytes_max = 1'024;

/// All but the rest.
inline Blob encode_call_head(CallFrameKind kind, std::uint64_t number) {
    std::string head;
    Encoder(head).u8(static_cast<std::uint8_t>(kind)).varint(number);
    return make_blob(std::move(head));
}

/// Nothing: not one.
inline std::optional<CallFrame> decode_call_frame(std::string_view bytes) {
    Decoder in(bytes);
    const auto kind = in.u8();
    const auto number = in.varint();
    if (!in.ok() || kind < 1 || kind > 4) return std::nullopt;
    const auto rest = in.raw(in.left());
    if (static_cast<CallFrameKind>(kind) == CallFrameKind::cancel && !rest.empty())
        return std::nullopt;
    return CallFrame{static_cast<CallFrameKind>(kind), number, rest};
}

/// The rest of a failure.
inline Blob encode_failure(const Error& error) {
    std::string rest;
    Encoder(rest)
        .text(name_of(error.code))
        .raw(std::string_view(error.message).substr(0, failure_message_bytes_max));
    return make_blob(std::move(rest));
}

/// A name that this version does not know, or that is none, becomes `internal`.
inline Error decode_failure(std::string_view rest) {
    Decoder in(rest);
    const auto name = in.text();
    if (!in.ok()) return {Code::internal, "an answer that cannot be read"};
    Error error{Code::internal, std::string(in.raw(in.left()))};
    for (auto code = 0; code <= static_cast<int>(Code::internal); ++code)
        if (name_of(static_cast<Code>(code)) == name) error.code = static_cast<Code>(code);
    return error;
}

}  // namespace cmq::cluster
