// client/pinned_authority.h: trust in one CA that is known by its fingerprint only. Inside of
// client; hides OpenSSL's call-back.
#pragma once

#include <openssl/types.h>

#include <string>

namespace cmq::client {

/// Accepts whoever shows a chain that ends in the CA with this fingerprint, whatever name it is
/// reached by.
struct PinnedAuthority {
    std::string fingerprint;  // SHA-256 of the certificate: 64 hex digits, lower case
    std::string refusal;      // why the last server was not accepted

    /// For the connections of `context`, which this must outlive.
    void pin(SSL_CTX* context);
};

}  // namespace cmq::client
