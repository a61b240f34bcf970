#include "client/connection.h"

#define CPPHTTPLIB_OPENSSL_SUPPORT
#include <httplib.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <system_error>

#include "client/pinned_authority.h"
#include "client/unresolved.h"

namespace cmq::client {

struct Connection::Parts {
    Endpoint endpoint;
    Options options;
    std::unique_ptr<httplib::ClientImpl> http;
    httplib::SSLClient* tls = nullptr;  // the same object, when it is one
    PinnedAuthority pinned;

    Status secure();
    void set_connect_time(std::chrono::milliseconds connect_time);
    Result<Answer> exchange(httplib::Request request, std::chrono::milliseconds limit);
    tl::unexpected<Error> failure(httplib::Error error, std::chrono::milliseconds limit,
                                  std::chrono::steady_clock::duration taken) const;
    std::string tls_reason(httplib::Error error, bool is_late) const;
    std::string no_answer() const;
};

Connection::Connection(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(Endpoint endpoint, Options options) {
    auto parts = std::make_unique<Parts>();
    parts->endpoint = std::move(endpoint);
    parts->options = std::move(options);
    const auto& where = parts->endpoint;
    if (where.secure) {
        CMQ_TRY(parts->secure());
    } else {
        parts->http = std::make_unique<httplib::ClientImpl>(where.host, where.port);
    }
    auto& http = *parts->http;
    http.set_keep_alive(true);
    http.set_tcp_nodelay(true);
    http.set_follow_location(false);
    http.set_decompress(false);
    http.set_url_encode(false);
    parts->set_connect_time(parts->options.connect_time);
    return Connection(std::move(parts));
}

void Connection::Parts::set_connect_time(std::chrono::milliseconds connect_time) {
    options.connect_time = connect_time;
    http->set_connection_timeout(connect_time);
    http->set_write_timeout(connect_time);
}

Status Connection::Parts::secure() {
    const auto& ca_file = options.ca_file;
    std::error_code ignored;  // whatever it is, the file cannot be used
    if (!ca_file.empty() && !std::filesystem::exists(ca_file, ignored))
        return fail(Code::invalid, "CA file " + ca_file.string() + " does not exist");
    auto client = std::make_unique<httplib::SSLClient>(endpoint.host, endpoint.port);
    if (!client->is_valid()) return fail(Code::internal, "cannot set up TLS");
    SSL_CTX_set_min_proto_version(client->ssl_context(), TLS1_2_VERSION);
    // Only a CA file that is given is read: the system's bundle costs milliseconds.
    if (!ca_file.empty()) client->set_ca_cert_path(ca_file.string());
    if (!options.ca_fingerprint.empty()) {
        pinned.fingerprint = options.ca_fingerprint;
        pinned.pin(client->ssl_context());
        client->enable_server_certificate_verification(false);  // ours is stricter
    }
    tls = client.get();
    http = std::move(client);
    return {};
}

Result<Connection::Answer> Connection::post(const std::string& form,
                                            std::chrono::milliseconds limit) {
    httplib::Request request;
    request.method = "POST";
    request.path = parts_->endpoint.path;
    request.headers.emplace("Content-Type", "application/x-www-form-urlencoded");
    request.body = form;
    return parts_->exchange(std::move(request), limit);
}

Result<Connection::Answer> Connection::post_json(const std::string& path, std::string json,
                                                 std::chrono::milliseconds limit) {
    httplib::Request request;
    request.method = "POST";
    request.path = path;
    request.headers.emplace("Content-Type", "application/json");
    request.body = std::move(json);
    return parts_->exchange(std::move(request), limit);
}

Result<Connection::Answer> Connection::get(const std::string& path,
                                           std::chrono::milliseconds limit) {
    httplib::Request request;
    request.method = "GET";
    request.path = path;
    return parts_->exchange(std::move(request), limit);
}

Result<Connection::Answer> Connection::Parts::exchange(httplib::Request request,
                                                       std::chrono::milliseconds limit) {
    Answer answer;
    bool too_large = false;
    request.headers.emplace("Host", endpoint.authority());
    request.headers.emplace("Accept-Encoding", "identity");
    request.content_receiver = [&](const char* bytes, std::size_t count, std::uint64_t,
                                   std::uint64_t) {
        too_large = answer.body.size() + count > answer_bytes_max;
        if (!too_large) answer.body.append(bytes, count);
        return !too_large;
    };
    http->set_read_timeout(limit);
    const auto begin = std::chrono::steady_clock::now();
    httplib::Response response;
    auto error = httplib::Error::Success;
    if (!http->send(request, response, error)) {
        if (too_large) return fail(Code::internal, endpoint.url() + " answered more than 32 MiB");
        return failure(error, limit, std::chrono::steady_clock::now() - begin);
    }
    answer.status = response.status;
    return answer;
}

tl::unexpected<Error> Connection::Parts::failure(httplib::Error error,
                                                 std::chrono::milliseconds limit,
                                                 std::chrono::steady_clock::duration taken) const {
    const auto url = endpoint.url();
    switch (error) {
        case httplib::Error::Connection:
            return fail(Code::unreachable, "cannot connect to " + url + unresolved(endpoint.host));
        case httplib::Error::ConnectionTimeout:
            return fail(Code::unreachable, "cannot connect to " + url + ": " + no_answer());
        case httplib::Error::SSLConnection:
        case httplib::Error::SSLLoadingCerts:
        case httplib::Error::SSLServerVerification:
            return fail(Code::unreachable, "cannot connect to " + url + ": " +
                                               tls_reason(error, taken >= options.connect_time));
        case httplib::Error::Write:
            return fail(Code::unreachable, "the connection to " + url + " ended");
        default:
            break;  // the library's list is not ours: all others mean that no answer came
    }
    if (taken >= limit) return fail(Code::timed_out, url + " did not answer in time");
    return fail(Code::unknown_outcome,
                "the connection to " + url + " ended before the answer; it may have been done");
}

std::string Connection::Parts::no_answer() const {
    return "no answer within " + std::to_string(options.connect_time.count()) + " ms";
}

std::string Connection::Parts::tls_reason(httplib::Error error, bool is_late) const {
    if (!pinned.refusal.empty()) return "its certificate is not trusted: " + pinned.refusal;
    const auto ca_file = options.ca_file.empty() ? "the system's" : options.ca_file.string();
    if (error == httplib::Error::SSLLoadingCerts)
        return "the CA file " + ca_file + " cannot be read as PEM";
    const auto verdict = tls ? tls->get_openssl_verify_result() : X509_V_OK;
    if (verdict != X509_V_OK)
        return std::string("its certificate is not trusted: ") +
               X509_verify_cert_error_string(verdict) + " (CA file: " + ca_file + ')';
    if (error == httplib::Error::SSLServerVerification)
        return "its certificate is for another name";
    if (is_late) return no_answer();
    return "the TLS handshake failed; does it speak HTTPS? (CA file: " + ca_file + ')';
}

void Connection::set_connect_time(std::chrono::milliseconds connect_time) {
    parts_->set_connect_time(connect_time);
}

void Connection::cancel() { parts_->http->stop(); }

const Endpoint& Connection::endpoint() const { return parts_->endpoint; }

}  // namespace cmq::client
