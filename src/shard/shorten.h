// shard/shorten.h: answers whose bodies are more bytes than one may have. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/reply.h"

namespace cmq::shard {

/// Takes the last messages out of an answer that has all its bodies, until these are no more than
/// broker::answer_bytes_max; the first message stays. A peek says where to go on.
///
/// returns   handles of receives that were taken out: they are to be given back.
std::vector<std::uint64_t> shorten(broker::Answer& answer);

}  // namespace cmq::shard
