// raft/types.h: the words of consensus.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace cmq::raft {

using Term = Id<struct TermTag>;
using Index = LogIndex;
using Group = Id<struct GroupTag>;  // the first group has 1
using NodeId = Id<struct NodeTag>;  // node and incarnation; 0: nobody

/// What a payload is. Values are part of the formats.
enum class Kind : std::uint8_t { no_op = 0, command = 1, configuration = 2 };

/// One entry of the replicated log. `chain` is chain_of(it, chain of the previous entry): equal
/// chains mean equal logs up to here.
struct Entry {
    Index index;
    Term term;
    Kind kind = Kind::no_op;
    std::uint64_t chain = 0;
    Blob payload;
};

/// Term and vote: on disk before the first message of that term.
struct HardState {
    Term term;
    NodeId vote;
    friend bool operator==(const HardState&, const HardState&) = default;
};

/// Where a log begins: everything up to `index` is in the state's checkpoint.
struct Base {
    Index index;
    Term term;
    std::uint64_t chain = 0;
    std::vector<NodeId> voters;
    friend bool operator==(const Base&, const Base&) = default;
};

/// The chain value of an entry that follows one with chain `previous`.
std::uint64_t chain_of(Kind kind, std::string_view payload, std::uint64_t previous);

}  // namespace cmq::raft
