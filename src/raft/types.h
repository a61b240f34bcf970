// raft/types.h: the words of consensus.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace cmq::raft {

using Term = Id<struct TermTag>;
using Index = LogIndex;
using Group = Id<struct GroupTag>;  // the first group has 1
using NodeId = Id<struct NodeTag>;  // node and incarnation; 0: nobody

constexpr Index next(Index index) { return Index{index.value + 1}; }
constexpr Index previous(Index index) { return Index{index.value == 0 ? 0 : index.value - 1}; }
constexpr Term next_term(Term term) { return Term{term.value + 1}; }

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

/// Who votes and who only follows. Sorted, no node twice, at least one voter. A new node's is
/// empty: it waits to be told.
struct Configuration {
    std::vector<NodeId> voters;
    std::vector<NodeId> learners;
    friend bool operator==(const Configuration&, const Configuration&) = default;
};
inline constexpr std::size_t voters_max = 9;
inline constexpr std::size_t members_max = 64;  // voters and learners

bool is_voter(const Configuration& configuration, NodeId node);
bool is_member(const Configuration& configuration, NodeId node);
std::size_t majority_of(const Configuration& configuration);

/// The payload of a Kind::configuration entry: u8 version | count, voters | count, learners.
std::string encode(const Configuration& configuration);
/// errors  corrupt: not what `encode` wrote, or not sorted, or more than members_max.
Result<Configuration> decode_configuration(std::string_view payload);
/// errors  invalid: not sorted, a node twice or the node 0, no voter, too many.
Status check(const Configuration& configuration);

/// Where a log begins: everything up to `index` is in the state's checkpoint.
struct Base {
    Index index;
    Term term;
    std::uint64_t chain = 0;
    Configuration configuration;  // as of `index`
    friend bool operator==(const Base&, const Base&) = default;
};

/// The chain value of an entry that follows one with chain `previous`.
std::uint64_t chain_of(Kind kind, std::string_view payload, std::uint64_t previous);

}  // namespace cmq::raft
