// net/peer_tls.h: TLS between nodes: both ends show a certificate of the cluster's CA.
//
// No system CA counts, no host name is looked at, no session is resumed: each connection proves
// anew who is at its other end (net/peer_name.h).
#pragma once

#include <memory>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "net/peer_name.h"

namespace cmq::net {

/// PEM texts.
struct PeerCredentials {
    std::string authority;    // who is trusted: one CA, or two while one replaces the other
    std::string certificate;  // our own chain
    std::string key;          // of it
};

/// What new connections use; may be replaced while old ones go on. Any thread.
class PeerTls {
public:
    /// errors  invalid: not PEM, not a node's certificate, not of that authority, not its key.
    static Result<std::shared_ptr<PeerTls>> make(const PeerCredentials& credentials);
    /// The old ones stay in use when the new are bad.
    Status replace(const PeerCredentials& credentials);

    PeerName name() const;  // our own
    Stamp expires() const;  // our certificate; one that has ended already is no error here

    struct Parts;
    std::shared_ptr<Parts> current() const;
    ~PeerTls();

private:
    struct Shared;
    explicit PeerTls(std::unique_ptr<Shared> shared);
    std::unique_ptr<Shared> shared_;
};

}  // namespace cmq::net
