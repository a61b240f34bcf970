#include "net/http_client.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "net/http_client_parts.h"
#include "net/loops_parts.h"

namespace cmq::net {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using std::chrono::milliseconds;

constexpr std::size_t write_bytes_max = 256 << 10;  // of one write

bool is_address(const std::string& host) {
    boost::system::error_code failed;
    asio::ip::make_address(host, failed);
    return !failed;
}

std::string bytes_of(const HttpClient::Request& request, const Endpoint& endpoint) {
    std::string bytes;
    bytes.reserve(request.body.size() + 256);
    bytes.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
    bytes.append(endpoint.authority()).append("\r\n");
    for (const auto& [name, value] : request.headers)
        bytes.append(name).append(": ").append(value).append("\r\n");
    if (!request.body.empty() || request.method != "GET")
        bytes.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    return bytes.append("\r\n").append(request.body);
}

}  // namespace

/// Everything below runs on the client's loop, but for what HttpClient calls itself.
struct HttpClient::Parts : std::enable_shared_from_this<Parts> {
    Parts(asio::io_context& io_, Endpoint endpoint_, Options options_)
        : io(io_),
          endpoint(std::move(endpoint_)),
          options(std::move(options_)),
          clock(io_),
          rest_timer(io_) {}

    enum class State { idle, connecting, open, resting };

    Status prepare_tls();
    void enqueue(HttpPending pending);
    void schedule_flush();
    void flush();
    void connect();
    void resolved(const HttpLinkPointer& fresh, const tcp::resolver::results_type& found);
    void connected(const HttpLinkPointer& fresh);
    void opened();
    void not_connected(const std::string& why, Unreachable policy);
    void read();
    void consume();
    void make_room();
    void lost(const std::string& why);
    void dismissed();
    void rest();
    void arm(Moment deadline);
    void expire();
    void close();

    asio::io_context& io;
    const Endpoint endpoint;
    const Options options;
    std::optional<asio::ssl::context> tls;

    State state = State::idle;
    HttpLinkPointer link;
    std::deque<HttpPending> waiting, written;
    asio::steady_timer clock;       // the next deadline
    asio::steady_timer rest_timer;  // the end of a connect attempt, or of a rest
    std::optional<Moment> armed;
    milliseconds backoff{0};  // before the next attempt; none after an answer
    std::string failure = "no connection yet";
    bool flush_scheduled = false;
    bool consuming = false;
    bool closed = false;
};

Status HttpClient::Parts::prepare_tls() {
    if (endpoint.scheme == Scheme::http) return {};
    tls.emplace(asio::ssl::context::tls_client);
    boost::system::error_code failed;
    if (options.ca_file.empty()) {
        tls->set_default_verify_paths(failed);
    } else {
        tls->load_verify_file(options.ca_file.string(), failed);
    }
    if (failed)
        return fail(Code::invalid, "could not read CA file \"" + options.ca_file.string() +
                                       "\": " + failed.message());
    SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
    tls->set_verify_mode(asio::ssl::verify_peer);
    return {};
}

void HttpClient::Parts::enqueue(HttpPending pending) {
    if (closed) return;
    if (waiting.size() >= options.waiting_max) {
        asio::post(io, [answered = std::move(pending.answered)] {
            answered(fail(Code::throttled, "too many requests are waiting for a connection"));
        });
        return;
    }
    arm(pending.deadline);
    waiting.push_back(std::move(pending));
    if (!consuming) schedule_flush();
}

/// Once for all requests that one callback sends: one write instead of many.
void HttpClient::Parts::schedule_flush() {
    if (flush_scheduled) return;
    flush_scheduled = true;
    asio::post(io, [self = shared_from_this()] {
        self->flush_scheduled = false;
        self->flush();
    });
}

void HttpClient::Parts::flush() {
    if (closed || waiting.empty()) return;
    if (state == State::idle) return connect();
    if (state != State::open || link->writing) return;
    auto& out = link->out;
    out.clear();
    while (!waiting.empty() && written.size() < options.window && out.size() < write_bytes_max) {
        out.append(waiting.front().bytes);
        written.push_back(std::move(waiting.front()));
        waiting.pop_front();
    }
    if (out.empty()) return;
    link->writing = true;
    link->with_stream([this](auto& stream) {
        asio::async_write(stream, asio::buffer(link->out),
                          [self = shared_from_this(), from = link](auto failed, std::size_t) {
                              if (from != self->link) return;
                              from->writing = false;
                              if (failed) return self->lost(failed.message());
                              self->flush();
                          });
    });
}

void HttpClient::Parts::connect() {
    state = State::connecting;
    link = std::make_shared<HttpLink>(io);
    rest_timer.expires_after(options.connect_time);
    rest_timer.async_wait([self = shared_from_this(), fresh = link](auto cancelled) {
        if (!cancelled && fresh == self->link && self->state == State::connecting)
            self->not_connected("timed out", self->options.unreachable);
    });
    boost::system::error_code name;
    const auto address = asio::ip::make_address(endpoint.host, name);
    if (!name) {
        const tcp::endpoint only(address, endpoint.port);
        return resolved(link, tcp::resolver::results_type::create(only, endpoint.host, ""));
    }
    link->resolver.async_resolve(
        endpoint.host, std::to_string(endpoint.port),
        [self = shared_from_this(), fresh = link](auto failed, const auto& found) {
            if (fresh != self->link) return;
            if (failed) return self->not_connected(failed.message(), self->options.unreachable);
            self->resolved(fresh, found);
        });
}

void HttpClient::Parts::resolved(const HttpLinkPointer& fresh,
                                 const tcp::resolver::results_type& found) {
    asio::async_connect(fresh->socket, found,
                        [self = shared_from_this(), fresh](auto failed, const tcp::endpoint&) {
                            if (fresh != self->link) return;
                            if (failed)
                                return self->not_connected(failed.message(),
                                                           self->options.unreachable);
                            self->connected(fresh);
                        });
}

void HttpClient::Parts::connected(const HttpLinkPointer& fresh) {
    boost::system::error_code ignored;  // slower, not wrong
    fresh->socket.set_option(tcp::no_delay(true), ignored);
    if (!tls) return opened();
    fresh->tls.emplace(fresh->socket, *tls);
    if (!is_address(endpoint.host))
        SSL_set_tlsext_host_name(fresh->tls->native_handle(), endpoint.host.c_str());
    fresh->tls->set_verify_callback(asio::ssl::host_name_verification(endpoint.host));
    fresh->tls->async_handshake(
        asio::ssl::stream_base::client, [self = shared_from_this(), fresh](auto failed) {
            if (fresh != self->link) return;
            // A certificate that is refused once is refused again.
            if (failed)
                return self->not_connected("TLS: " + failed.message(),
                                           failed.category() == asio::error::get_ssl_category()
                                               ? Unreachable::fail_fast
                                               : self->options.unreachable);
            self->opened();
        });
}

void HttpClient::Parts::opened() {
    state = State::open;
    rest_timer.cancel();
    read();
    flush();
}

void HttpClient::Parts::not_connected(const std::string& why, Unreachable policy) {
    failure = "could not connect to " + endpoint.url() + ": " + why;
    link->close();
    link.reset();
    std::deque<HttpPending> failed;
    if (policy == Unreachable::fail_fast) failed.swap(waiting);
    rest();
    for (auto& pending : failed) pending.answered(fail(Code::unreachable, failure));
}

void HttpClient::Parts::read() {
    make_room();
    link->with_stream([this](auto& stream) {
        stream.async_read_some(
            asio::buffer(link->in.data() + link->end, link->in.size() - link->end),
            [self = shared_from_this(), from = link](auto failed, std::size_t count) {
                if (from != self->link) return;
                if (failed) return self->lost(failed.message());
                from->end += count;
                self->consume();
                if (from != self->link) return;
                self->read();
                self->flush();
            });
    });
}

void HttpClient::Parts::make_room() {
    if (link->begin == link->end) link->begin = link->end = 0;
    if (link->end < link->in.size()) return;
    if (link->begin > 0) {
        link->in.erase(0, link->begin);
        link->end -= link->begin;
        link->begin = 0;
    }
    link->in.resize(std::max(link->in.size(), link->end * 2));
}

void HttpClient::Parts::consume() {
    const auto from = link;
    consuming = true;
    while (from == link && from->begin < from->end) {
        const std::string_view bytes(from->in.data() + from->begin, from->end - from->begin);
        auto parsed = parse_answer(bytes, options.answer_bytes);
        if (!parsed || (*parsed && written.empty())) {
            lost(parsed ? "an answer that nobody asked for" : parsed.error().message);
            break;
        }
        if (!*parsed) break;
        from->begin += (*parsed)->bytes;
        backoff = {};
        const auto answered = std::move(written.front().answered);
        written.pop_front();
        const bool last = (*parsed)->close;
        answered(std::move((*parsed)->response));
        if (last && from == link) dismissed();
    }
    consuming = false;
}

void HttpClient::Parts::lost(const std::string& why) {
    failure = "lost the connection to " + endpoint.url() + ": " + why;
    link->close();
    link.reset();
    std::deque<HttpPending> failed;
    failed.swap(written);
    rest();
    for (auto& pending : failed) pending.answered(fail(Code::unknown_outcome, failure));
}

/// What stands behind the last answer was not looked at, and goes first on the next connection.
void HttpClient::Parts::dismissed() {
    failure = endpoint.url() + " closed the connection";
    link->close();
    link.reset();
    waiting.insert(waiting.begin(), std::make_move_iterator(written.begin()),
                   std::make_move_iterator(written.end()));
    written.clear();
    rest();
}

void HttpClient::Parts::rest() {
    state = State::resting;
    rest_timer.expires_after(backoff);
    backoff = backoff == milliseconds{0} ? options.backoff_first
                                         : std::min(backoff * 2, options.backoff_max);
    rest_timer.async_wait([self = shared_from_this()](auto cancelled) {
        if (cancelled || self->state != State::resting) return;
        self->state = State::idle;
        self->flush();
    });
}

void HttpClient::Parts::arm(Moment deadline) {
    if (armed && *armed <= deadline) return;
    armed = deadline;
    clock.expires_at(deadline);
    clock.async_wait([self = shared_from_this()](auto cancelled) {
        if (!cancelled) self->expire();
    });
}

void HttpClient::Parts::expire() {
    armed.reset();
    if (closed) return;
    const auto now = std::chrono::steady_clock::now();
    const auto late = [now](const HttpPending& pending) { return pending.deadline <= now; };
    // Answers come in order: without this one none of the others can be told apart.
    if (std::any_of(written.begin(), written.end(), late)) lost("no answer in time");
    std::deque<HttpPending> kept, failed;
    for (auto& pending : waiting) (late(pending) ? failed : kept).push_back(std::move(pending));
    waiting.swap(kept);
    for (const auto* queue : {&written, &waiting})
        for (const auto& pending : *queue) arm(pending.deadline);
    const auto why = state == State::open ? "earlier requests are not answered" : failure;
    for (auto& pending : failed)
        pending.answered(fail(Code::unreachable, "not sent in time: " + why));
}

void HttpClient::Parts::close() {
    closed = true;
    if (link) link->close();
    link.reset();
    state = State::idle;
    clock.cancel();
    rest_timer.cancel();
    waiting.clear();
    written.clear();
}

Result<HttpClient> HttpClient::open(Loops& loops, Endpoint endpoint, Options options) {
    auto parts =
        std::make_shared<Parts>(loops.parts().next(), std::move(endpoint), std::move(options));
    CMQ_TRY(parts->prepare_tls());
    return HttpClient(std::move(parts));
}

void HttpClient::send(Request request, Answered answered) {
    const auto deadline = std::chrono::steady_clock::now() + request.timeout;
    HttpPending pending{bytes_of(request, parts_->endpoint), deadline, std::move(answered)};
    asio::dispatch(parts_->io, [parts = parts_, pending = std::move(pending)]() mutable {
        parts->enqueue(std::move(pending));
    });
}

void HttpClient::post(std::function<void()> task) { asio::post(parts_->io, std::move(task)); }

HttpClient::HttpClient(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

HttpClient::~HttpClient() {
    if (parts_) asio::post(parts_->io, [parts = parts_] { parts->close(); });
}

const Endpoint& HttpClient::endpoint() const { return parts_->endpoint; }
}  // namespace cmq::net
