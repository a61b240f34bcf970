// auth/credentials.h: who may call. A key belongs to exactly one namespace.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/hmac_key.h"
#include "broker/command.h"

namespace cmq::auth {

struct Credential {
    std::string id;
    std::string secret_key;
    broker::Namespace space{1};
    bool enabled = true;
    bool allow_sha1 = true;
    std::string token;  // when set, requests must carry it
};

/// Filled before the doors open; then read by any thread.
class Credentials {
public:
    /// A credential without its secret: what is left of that are the keyed digests.
    struct Known {
        std::string id;
        broker::Namespace space;
        bool enabled = true;
        bool allow_sha1 = true;
        std::string token;
        HmacKey sha1, sha256;
    };

    Credentials();

    /// Takes the place of one with the same id.
    void add(const Credential& credential);
    const Known* find(const std::string& id) const;

    /// Stands in for an id that nobody has, so that its check takes as long as any other.
    const Known& nobody() const { return nobody_; }

private:
    Known nobody_;
    std::unordered_map<std::string, Known> by_id_;
};

}  // namespace cmq::auth
