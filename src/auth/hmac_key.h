// auth/hmac_key.h: a secret key made ready once, because hashing it again for every request would
// double the cost of a check (D16).
#pragma once

#include <openssl/types.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "auth/signature.h"

namespace cmq::auth {

/// Takes as long for a wrong secret of the right length as for the right one.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// HMAC (RFC 2104) under one key. Holds what the key became, not the key. Any thread.
class HmacKey {
public:
    HmacKey(std::string_view secret_key, Digest digest);

    /// The base64 signature of `pieces`, as if they stood in one text.
    std::string sign(std::initializer_list<std::string_view> pieces) const;

private:
    struct Free {
        void operator()(EVP_MAC_CTX* context) const;
    };
    using Context = std::unique_ptr<EVP_MAC_CTX, Free>;
    Context keyed_;  // only ever duplicated
};

}  // namespace cmq::auth
