// unit/net/tls_client.h: the other end of TLS, with OpenSSL as it comes, and blocking.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/net/raw_client.h"

namespace cmq::net {

template <auto free>
struct FreeWith {
    template <class T>
    void operator()(T* handle) const {
        free(handle);
    }
};
using Session = std::shared_ptr<SSL_SESSION>;

struct TlsWishes {
    std::string authority;           // PEM that it trusts
    std::string host = "127.0.0.1";  // that the certificate must name
    int oldest = TLS1_2_VERSION, newest = TLS1_3_VERSION;
    std::string suites_1_2 = {};           // OpenSSL's names; "" is its default
    std::vector<std::string> offers = {};  // ALPN
    Session resume = {};
};

class TlsClient {
public:
    TlsClient(std::uint16_t port, const TlsWishes& wishes);
    ~TlsClient();

    bool connected() const { return connected_; }
    long verdict() const;  // X509_V_OK, or why the certificate is no good
    std::string version() const;
    std::string offer_taken() const;
    bool resumed() const;
    Session session() const { return session_; }  // of the newest ticket
    std::string serial() const;                   // of the server's certificate

    void write(std::string_view bytes);
    RawAnswer read_answer();
    bool ends_well();    // reads: the next thing is a close_notify
    void say_goodbye();  // sends one

private:
    static int keep(SSL* ssl, SSL_SESSION* session);

    std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>> context_;
    std::unique_ptr<SSL, FreeWith<SSL_free>> ssl_;
    Session session_;
    std::string in_;
    int socket_;
    bool connected_ = false;
};

}  // namespace cmq::net
