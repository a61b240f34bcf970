#include "raft/types.h"

#include "base/hash.h"

namespace cmq::raft {

std::uint64_t chain_of(Kind kind, std::string_view payload, std::uint64_t previous) {
    return xxh3(payload, previous ^ (static_cast<std::uint64_t>(kind) << 56));
}

}  // namespace cmq::raft
