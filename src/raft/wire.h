// raft/wire.h: messages as bytes.
//
//     u8 version | u8 kind | from | to | term | body
//
// Numbers are varints (base/bytes.h), flags one byte of bits, of which a reader ignores those that
// it does not know. An append's body is previous, previous term, commit, round, count, then for
// each entry: term (difference to the one before), u8 kind, u64 chain, length; behind them all
// payloads, back to back. Indexes follow from `previous`.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "raft/messages.h"

namespace cmq::raft {

/// To be sent one behind the other. The first piece is the head; the others are the payloads of the
/// entries themselves, not copies.
std::vector<Blob> encode(const Message& message);

/// errors  corrupt: not a message of this version, or longer or shorter than it says.
Result<Message> decode_message(std::string_view bytes);

}  // namespace cmq::raft
