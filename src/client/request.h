// client/request.h: one signed request of the CMQ API as the form that is posted. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/signature.h"
#include "base/ids.h"

namespace cmq::client {

struct Signer {
    std::string secret_id;
    std::string secret_key;
};

/// What must differ from one request to the next.
struct Freshness {
    Stamp now;
    std::uint64_t nonce = 0;
};

/// The body of a POST to `host` and `path`: `parameters`, the common ones, and a signature with
/// SHA-256. Source: CMQ wire contract, sections "Common parameters" and "Legacy signature".
std::string signed_form(std::string_view action, auth::Parameters parameters, const Signer& signer,
                        std::string_view host, std::string_view path, Freshness freshness);

}  // namespace cmq::client
