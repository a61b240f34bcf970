// shard/bulk.h: what the shards of two nodes ask each other beside consensus: to take a whole
// state, and for the bodies that a state points at (D2).
//
//     u8 version | u8 kind | body
//
// Requests and answers may be lost; who asked asks again. Numbers are varints (base/bytes.h).
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "raft/types.h"

namespace cmq::shard {

inline constexpr std::size_t snapshot_chunk_bytes = 1u << 20;
inline constexpr std::size_t bodies_wanted_max = 4'096;  // indexes of one request
inline constexpr std::size_t bodies_bytes_max = std::size_t{2}
                                                << 20;  // of an answer; one more entry

/// A piece of the state's checkpoint, from a leader to a follower that is too far behind. Answered
/// with ChunkTaken; with the last piece that means: it is installed.
/// errors  invalid: it is not wanted; corrupt: it arrived damaged; disk_full, unavailable.
struct SnapshotChunk {
    raft::Term term;           // the leader's
    raft::Base base;           // where the state stands
    std::uint64_t size = 0;    // of the whole
    std::uint64_t offset = 0;  // of these bytes in it
    std::string bytes;
};
/// Answered with BodiesFound.
struct BodiesWanted {
    std::vector<raft::Index> indexes;  // rising
};
/// The one that is asked is about to be stopped: others are to lead. Answered with StandsBack.
struct StandBack {};
using BulkRequest = std::variant<SnapshotChunk, BodiesWanted, StandBack>;

struct ChunkTaken {
    std::uint64_t next = 0;  // the offset that is wanted next
};
struct BodiesFound {
    raft::Index applied;               // of the one that answers, when it looked
    std::uint64_t looked_at = 0;       // so many of the indexes; the others may be asked for again
    std::vector<raft::Entry> entries;  // those of them that are there
};
struct StandsBack {};
using BulkAnswer = std::variant<ChunkTaken, BodiesFound, StandsBack>;

std::string encode(const BulkRequest& request);
std::string encode(const BulkAnswer& answer);
/// errors  corrupt: not of this version, or longer or shorter than it says.
Result<BulkRequest> decode_bulk_request(std::string_view bytes);
Result<BulkAnswer> decode_bulk_answer(std::string_view bytes);

}  // namespace cmq::shard
