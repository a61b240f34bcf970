// auth/verify.h: is this request from who it says? Pure.
//
// Tolerant where shipped SDKs need it (CMQ wire contract, section 4), never weaker: every
// variant that is tried is a full signature of what the client sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "auth/credentials.h"
#include "auth/signature.h"
#include "base/ids.h"

namespace cmq::auth {

/// What a request says of itself. Views point into the request. There is no SignatureMethod: the
/// length of a signature tells its digest, and a client that names the wrong one is let in anyway.
struct Claim {
    std::string_view method;              // GET or POST
    std::string_view host;                // raw Host header
    std::string_view path;                // raw
    const Parameters* signed_ = nullptr;  // raw names; a Signature among them is left out
    std::string secret_id;
    std::string signature;
    std::string token;
    std::int64_t timestamp = 0;  // s
};

enum class Denial {
    failed,  // wrong signature or token
    stale,   // timestamp outside the window
    unknown_id,
    malformed_id,  // unknown, and not of the form AKID...
    disabled,
};

struct Caller {
    std::string_view id;  // lives as long as the credentials
    broker::Namespace space;
};

/// window  how far the timestamp may be from `now`; 0: any.
/// An unknown id takes as long as a wrong signature. That an id is disabled learns only who has
/// its key.
tl::expected<Caller, Denial> verify(const Claim& claim, const Credentials& credentials, Stamp now,
                                    std::chrono::seconds window);

}  // namespace cmq::auth
