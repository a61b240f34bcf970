#include "tests/unit/net/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace cmq::net {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

int connect_to(std::uint16_t port) {
    const int made = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto address = loopback(port);
    REQUIRE(::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return made;
}

std::shared_ptr<BIO> text(const std::string& pem) {
    return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all};
}

int take_any(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
             unsigned, void*) {
    *chosen = offered + 1;
    *size = offered[0];
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Listening::Listening(Loops& loops, const Certificates& certificates, FrameLimits limits,
                     std::uint16_t port) {
    FrameServer::Options options;
    options.port = port;
    options.tls = certificates.tls(1);
    options.protocols = {protocol, "cmq-other/1"};
    options.limits = limits;
    auto opened =
        FrameServer::open(loops, options,
                          {[this](const PeerName& peer) -> Status {
                               if (peer.node < admitted_below) return {};
                               return fail(Code::forbidden, "not one of us");
                           },
                           [this](const FrameStream& stream) { return welcome(stream); }});
    REQUIRE(opened);
    server_ = *std::move(opened);
}

FrameSink Listening::welcome(const FrameStream& stream) {
    const auto who = std::to_string(stream.peer().node);
    {
        const std::lock_guard lock(mutex_);
        streams_.insert_or_assign(stream.peer().node, stream);
    }
    diary.write("up " + who);
    return {[this, stream, who](std::string_view bytes) {
                if (bytes.starts_with("echo ")) {
                    stream.send(frame(std::string(bytes.substr(5))));
                } else {
                    diary.write(who + ": " + std::string(bytes));
                }
            },
            [this, who](const std::string& why) { diary.write("down " + who + ": " + why); }};
}

FrameStream Listening::stream(std::uint64_t node) {
    const std::lock_guard lock(mutex_);
    return streams_.at(node);
}

FrameLink::Options Linked::options(const Certificates& certificates, std::uint64_t node,
                                   std::uint16_t port) {
    return {{"127.0.0.1", port}, certificates.name(1), certificates.tls(node), protocol, {}, {}};
}

Linked::Linked(Loops& loops, const Certificates& certificates, std::uint64_t node,
               std::uint16_t port, FrameLimits limits)
    : Linked(loops, [&] {
          auto made = options(certificates, node, port);
          made.limits = limits;
          return made;
      }()) {}

Linked::Linked(Loops& loops, FrameLink::Options options) {
    link_ = FrameLink::open(loops, std::move(options),
                            {[this] { diary.write("up"); },
                             {[this](std::string_view bytes) { diary.write(std::string(bytes)); },
                              [this](const std::string& why) { diary.write("down: " + why); }}});
}

RawPeer::RawPeer(std::uint16_t port, const std::optional<PeerCredentials>& credentials,
                 const std::string& offer, int newest)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      ssl_(nullptr, SSL_free),
      socket_(connect_to(port)) {
    ignore_broken_pipes();
    if (credentials) show(*credentials);
    SSL_CTX_set_max_proto_version(context_.get(), newest);
    ssl_.reset(SSL_new(context_.get()));
    const auto offers = static_cast<char>(offer.size()) + offer;
    if (!offer.empty())
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offers.data()),
                            static_cast<unsigned>(offers.size()));
    SSL_set_fd(ssl_.get(), socket_);
    connected_ = SSL_connect(ssl_.get()) == 1;
}

RawPeer::RawPeer(const RawListener& listener, const PeerCredentials& credentials)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      ssl_(nullptr, SSL_free),
      socket_(::accept(listener.socket(), nullptr, nullptr)) {
    ignore_broken_pipes();
    show(credentials);
    SSL_CTX_set_alpn_select_cb(context_.get(), take_any, nullptr);
    SSL_CTX_set_num_tickets(context_.get(), 0);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
    connected_ = SSL_accept(ssl_.get()) == 1;
}

RawPeer::~RawPeer() { ::close(socket_); }

/// A write to a peer that has closed is to fail, not to end the tests.
void RawPeer::ignore_broken_pipes() {
    static const auto before = ::signal(SIGPIPE, SIG_IGN);
    static_cast<void>(before);
}

void RawPeer::show(const PeerCredentials& credentials) {
    const std::shared_ptr<X509> certificate(
        PEM_read_bio_X509(text(credentials.certificate).get(), nullptr, nullptr, nullptr),
        X509_free);
    const std::shared_ptr<EVP_PKEY> key(
        PEM_read_bio_PrivateKey(text(credentials.key).get(), nullptr, nullptr, nullptr),
        EVP_PKEY_free);
    REQUIRE(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
}

void RawPeer::write(std::string_view bytes) {
    if (!bytes.empty()) SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

void RawPeer::write_frame(std::string_view bytes) {
    std::string framed;
    Encoder(framed).u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
    write(framed);
}

bool RawPeer::fill(std::size_t count) {
    while (in_.size() < count) {
        std::array<char, 16 << 10> buffer;
        const int got = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (got <= 0) return false;
        in_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return true;
}

std::string RawPeer::read_frame() {
    if (!fill(4)) return "(end)";
    const auto size = Decoder(in_).u32();
    if (!fill(4 + size)) return "(end)";
    auto bytes = in_.substr(4, size);
    in_.erase(0, 4 + size);
    return bytes;
}

RawSocket::RawSocket(std::uint16_t port) : socket_(connect_to(port)) {}

RawSocket::~RawSocket() {
    if (socket_ >= 0) ::close(socket_);
}

void RawSocket::write(std::string_view bytes) {
    ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

bool RawSocket::ends() {
    std::array<char, 1'024> buffer;
    while (true) {
        const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (count <= 0) return true;
    }
}

RawListener::RawListener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket_, 16) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() { ::close(socket_); }

}  // namespace cmq::net
