// client/join.h: carries a new node's request to join to the cluster. What is in it, and in the
// answer, is not looked at here: cluster/join.h.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace cmq::client {

struct JoinCall {
    std::string addresses;       // https://host:port, one or more, separated by commas
    std::string ca_fingerprint;  // of the only CA that counts: 64 hex digits
    std::string path;
    std::string body;
    std::chrono::milliseconds answer_time{30'000};
    std::chrono::milliseconds patience{15'000};  // how long to look for a leader
};

/// The body of a good answer. Asks again while a node says that it cannot just now, or when an
/// answer was lost: a cluster knows the same request again.
/// errors  invalid: not an HTTPS address, or the node takes nobody in; unauthenticated: the token;
///         exists: it was used; unreachable: no connection, or another CA; unavailable;
///         unknown_outcome: the cluster may have taken the node in.
Result<std::string> join(const JoinCall& call);

}  // namespace cmq::client
