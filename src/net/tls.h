// net/tls.h: the server's side of TLS 1.2 and 1.3, AEAD suites only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

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

}  // namespace cmq::net
