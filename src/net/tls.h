// net/tls.h: the server's side of TLS 1.2 and 1.3, AEAD suites only; and what certificates are
// made of. Between nodes both sides show one: net/peer_tls.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "net/peer_name.h"

namespace cmq::net {

/// A certificate chain and key that may be replaced while connections use the old one. Any thread.
class Tls {
public:
    /// PEM files. errors  invalid: not a chain, not a key, or they do not match (names the file).
    static Result<std::shared_ptr<Tls>> load(const std::filesystem::path& chain,
                                             const std::filesystem::path& key);
    /// Reads the files again; the old ones stay in use when the new are bad.
    Status reload();
    Stamp expires() const;  // of the leaf

    struct Parts;
    std::shared_ptr<Parts> current() const;
    ~Tls();

private:
    struct Shared;
    explicit Tls(std::unique_ptr<Shared> shared);
    std::unique_ptr<Shared> shared_;
};

/// What makes a private CA and a server certificate of it, ECDSA P-256. PEM.
struct Identity {
    std::string certificate;
    std::string key;
};
Result<Identity> make_authority(const std::string& name, Stamp now);
/// `names` are DNS names or IP addresses; valid for 825 days. The chain holds the CA too.
/// errors  invalid: no name, or not a name; `authority` is not a certificate and its key.
Result<Identity> issue_certificate(const Identity& authority, const std::vector<std::string>& names,
                                   Stamp now);
/// For one node of one cluster, both ends of a connection, 825 days. The chain holds the CA too.
/// errors  invalid: not a name; `authority` is not a certificate and its key.
Result<Identity> issue_node_certificate(const Identity& authority, const PeerName& name, Stamp now);

// The same for a key that its owner does not give away:
//
//     joining node: make_key, make_request ──request──► a member: sign_request ──chain──► back
//
// Who asks is the member's question; a request proves that its sender has the key, no more. Its
// subject and its wishes are not looked at.

std::string make_key();  // ECDSA P-256
/// errors  invalid: not a key, or one that cannot sign.
Result<std::string> make_request(const std::string& key);
/// SHA-256 of the key in `request`, in DER: 32 bytes. errors  invalid: as sign_request.
Result<std::string> key_digest(const std::string& request);
/// The chain of a node's certificate. errors  invalid: not a request, its signature or its kind of
/// key; not a name; `authority` is not a certificate and its key.
Result<std::string> sign_request(const Identity& authority, const std::string& request,
                                 const PeerName& name, Stamp now);

struct Validity {
    Stamp from, until;
};
/// Of the first certificate in `chain`. errors  invalid: not a certificate.
Result<Validity> validity(const std::string& chain);

/// SHA-256 of the first certificate in `certificate`, in DER: 64 hex digits, as `openssl x509
/// -fingerprint` has them but for colons and case. errors  invalid: not a certificate.
Result<std::string> fingerprint(const std::string& certificate);

}  // namespace cmq::net
