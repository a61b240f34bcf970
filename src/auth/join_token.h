// auth/join_token.h: the one-time word by which a new node gets into a cluster. Pure.
//
//     "cmq-join-" base64url( version | id | expires | fingerprint | HMAC-SHA256 of all before )
//                            u8        16   i64 ms    32            32
//
// Whoever has the cluster's secret can make one and check one. The joining node has no secret yet:
// it only reads the fingerprint, and by it knows the right CA from any other. That an id counts
// once is the directory's business (broker/directory.h).
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace cmq::auth {

inline constexpr std::string_view join_token_prefix = "cmq-join-";
inline constexpr std::size_t join_token_id_bytes = 16;
inline constexpr std::size_t join_token_text_max = 200;

struct JoinToken {
    std::string id;  // 16 random bytes
    Stamp expires;
    std::string fingerprint;  // SHA-256 of the CA's certificate: 64 hex digits (net/tls.h)
};

/// secret  the cluster's: what broker::Found carries.
std::string make_token(std::string_view secret, const JoinToken& token);

/// What `text` says; whether that is true only check_token can tell.
/// errors  invalid: not a token, or of a version that is not known here.
Result<JoinToken> read_token(std::string_view text);

/// errors  as read_token; unauthenticated: not of this cluster, altered, or expired at `now`.
Result<JoinToken> check_token(std::string_view secret, std::string_view text, Stamp now);

}  // namespace cmq::auth
