#include "tests/unit/net/tls_client.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace cmq::net {
namespace {

int connect_to(std::uint16_t port) {
    const int made = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    REQUIRE(::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return made;
}

void trust(SSL_CTX* context, const std::string& pem) {
    const std::unique_ptr<BIO, FreeWith<BIO_free_all>> text(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const std::unique_ptr<X509, FreeWith<X509_free>> authority(
        PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    REQUIRE(authority);
    REQUIRE(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1);
}

std::string wire_form(const std::vector<std::string>& offers) {
    std::string wire;
    for (const auto& offer : offers) wire += static_cast<char>(offer.size()) + offer;
    return wire;
}

}  // namespace

TlsClient::TlsClient(std::uint16_t port, const TlsWishes& wishes)
    : context_(SSL_CTX_new(TLS_client_method())), socket_(connect_to(port)) {
    auto* context = context_.get();
    trust(context, wishes.authority);
    SSL_CTX_set_security_level(context, 0);  // also what a careless client would offer
    SSL_CTX_set_min_proto_version(context, wishes.oldest);
    SSL_CTX_set_max_proto_version(context, wishes.newest);
    if (!wishes.suites_1_2.empty())
        REQUIRE(SSL_CTX_set_cipher_list(context, wishes.suites_1_2.c_str()) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(context, keep);
    SSL_CTX_set_app_data(context, this);
    ssl_.reset(SSL_new(context));
    auto* names = SSL_get0_param(ssl_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(names, wishes.host.c_str()) != 1)
        REQUIRE(X509_VERIFY_PARAM_set1_host(names, wishes.host.c_str(), 0) == 1);
    const auto offers = wire_form(wishes.offers);
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offers.data()),
                        static_cast<unsigned>(offers.size()));
    if (wishes.resume) SSL_set_session(ssl_.get(), wishes.resume.get());
    SSL_set_fd(ssl_.get(), socket_);
    connected_ = SSL_connect(ssl_.get()) == 1;
}

TlsClient::~TlsClient() { ::close(socket_); }

int TlsClient::keep(SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    self->session_ = Session(session, SSL_SESSION_free);
    return 1;  // it is ours now
}

long TlsClient::verdict() const { return SSL_get_verify_result(ssl_.get()); }
std::string TlsClient::version() const { return SSL_get_version(ssl_.get()); }
bool TlsClient::resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

std::string TlsClient::offer_taken() const {
    const unsigned char* taken = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &taken, &size);
    return {reinterpret_cast<const char*>(taken), size};
}

std::string TlsClient::serial() const {
    const auto* certificate = SSL_get0_peer_certificate(ssl_.get());
    const auto* serial = X509_get0_serialNumber(certificate);
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
            static_cast<std::size_t>(ASN1_STRING_length(serial))};
}

void TlsClient::write(std::string_view bytes) {
    if (!bytes.empty()) SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

RawAnswer TlsClient::read_answer() {
    while (true) {
        auto answer = take_answer(in_);
        if (answer.status != 0) return answer;
        std::array<char, 16 << 10> buffer;
        const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (count <= 0) return {};
        in_.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

bool TlsClient::ends_well() {
    char byte = 0;
    const int count = SSL_read(ssl_.get(), &byte, 1);
    return SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
}

void TlsClient::say_goodbye() { SSL_shutdown(ssl_.get()); }

}  // namespace cmq::net
