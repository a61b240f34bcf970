// net/tls_parts.h: inside of Tls, for the files of this room that use OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "base/check.h"
#include "net/tls.h"

namespace cmq::net {

/// What holds for every end of a connection: 1.2 and newer, AEAD only, nothing is renegotiated.
void set_up_tls(SSL_CTX* context);
/// Why OpenSSL's last call failed, for people.
std::string tls_failure();

struct Tls::Parts {
    struct Free {
        void operator()(SSL_CTX* handle) const { SSL_CTX_free(handle); }
    };
    std::unique_ptr<SSL_CTX, Free> context{SSL_CTX_new(TLS_server_method())};
    Stamp expires{};
};

}  // namespace cmq::net
