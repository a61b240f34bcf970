// net/peer_tls_parts.h: inside of PeerTls, for the files of this room that use OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "net/certificate_parts.h"
#include "net/peer_tls.h"

namespace cmq::net {

using Session = std::unique_ptr<SSL, Free<SSL_free>>;

struct PeerTls::Parts {
    /// `protocols` is what we offer or take (ALPN); it must outlive the session. Each end refuses
    /// the other when they have none in common.
    Session connecting(const std::vector<std::string>& protocols) const;
    Session accepting(const std::vector<std::string>& protocols) const;

    std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context{SSL_CTX_new(TLS_method())};
    PeerName name;
    Stamp expires{};
};

/// Who is at the other end, and what they agreed to speak. Known after the handshake.
Result<PeerName> peer_of(const SSL* session);
std::string protocol_of(const SSL* session);

}  // namespace cmq::net
