// broker/limits.h: everything has a limit. Source: the CMQ API, sections "Limits" and CreateQueue.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cmq::broker {

struct Range {
    std::int64_t least;
    std::int64_t most;
    std::int64_t usual;  // the default
    constexpr bool holds(std::int64_t value) const { return least <= value && value <= most; }
};

inline constexpr Range max_messages{1'000'000, 1'000'000'000, 100'000'000};
inline constexpr Range polling_wait{0, 30, 0};             // s
inline constexpr Range visibility_timeout{1, 43'200, 30};  // s
inline constexpr Range max_message_bytes{1'024, 1'048'576, 65'536};
inline constexpr Range retention{60, 1'296'000, 345'600};  // s
inline constexpr Range rewind{0, 1'296'000, 0};            // s, and at most the retention
inline constexpr Range delay{0, 3'600, 0};                 // s
inline constexpr Range batch{1, 16, 1};                    // messages or handles a request
inline constexpr Range peek{1, 100, 10};

inline constexpr std::int64_t batch_bytes_max = 1'048'576;  // sum of bodies
/// Sum of the bodies that one receive or peek gives; then it gives fewer messages, but one always.
inline constexpr std::size_t answer_bytes_max = 2'097'152;
static_assert(max_message_bytes.most <= static_cast<std::int64_t>(answer_bytes_max));
inline constexpr std::int64_t name_bytes_max = 64;
inline constexpr std::int64_t dedup_id_bytes_max = 128;
inline constexpr std::int64_t dedup_seconds = 300;
inline constexpr std::int64_t queues_max = 10'000;  // a namespace; a setting later
inline constexpr std::int64_t queue_page_max = 50;
inline constexpr std::int64_t held_max = 1'000'000;     // a queue: received or delayed, not deleted
inline constexpr std::int64_t due_at_once_max = 4'096;  // fired by one command
inline constexpr std::int64_t rewinds_max = 64;         // remembered a queue

inline constexpr std::size_t nodes_max = 64;  // in the directory; no more fit into a configuration
inline constexpr std::size_t token_id_bytes = 16;
inline constexpr Range token_lifetime{60, 86'400, 3'600};    // s; of a token to join a cluster
inline constexpr std::size_t node_key_bytes = 32;            // SHA-256 of a public key
inline constexpr std::size_t used_tokens_max = 1'000;        // not expired yet
inline constexpr std::int64_t node_address_bytes_max = 300;  // a host name, a port, a scheme
inline constexpr std::int64_t zone_bytes_max = 64;

}  // namespace cmq::broker
