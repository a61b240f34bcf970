#include "net/connection.h"

#include "base/text.h"

namespace cmq::net {
namespace {

constexpr std::chrono::seconds linger_time{2};

std::string_view phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 404:
            return "Not Found";
        case 408:
            return "Request Timeout";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Status";
    }
}

/// Assigning an empty string would keep the memory, and an idle connection must be small.
void release(std::string& text) { std::string().swap(text); }

void append(std::string& bytes, const Pending& pending) {
    const auto& response = pending.response;
    bytes.reserve(bytes.size() + response.body.size() + 160);
    bytes.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    bytes.append(phrase(response.status));
    bytes.append("\r\nContent-Type: ").append(response.content_type);
    bytes.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
    if (!pending.keep_alive) bytes.append("\r\nConnection: close");
    if (pending.keep_alive && pending.http_1_0) bytes.append("\r\nConnection: keep-alive");
    bytes.append("\r\n\r\n");
    if (!pending.head_only) bytes.append(response.body);
}

}  // namespace

Connection::Connection(const std::shared_ptr<Share>& share, std::string remote)
    : door_(share->door),
      share_(share),
      io_(share->io),
      remote_(std::move(remote)),
      parser_(door_->limits),
      request_since_(now()),
      write_since_(request_since_),
      idle_since_(request_since_) {}

/// A request has a time to arrive in, an answer a time to be read in, an idle connection a time to
/// stay. How long a request waits for its answer is not our business.
void Connection::check_deadline(Steady now, std::chrono::seconds patience_with_strangers) {
    const auto& limits = door_->limits;
    if (closed_) return;
    if (lingering_ && now >= write_since_ + linger_time) return close();
    if (writing_ && now >= write_since_ + limits.idle_time) return close();
    if (last_ || full()) return;
    if (parser_.begun()) {
        if (now >= request_since_ + limits.request_time)
            refuse(408, "the request took longer than " +
                            std::to_string(limits.request_time.count()) + " s to arrive");
    } else if (idle() &&
               now >= idle_since_ + (stranger_ ? patience_with_strangers : limits.idle_time)) {
        close();
    }
}

/// What is here is answered, and the last answer says that there will be no more: whatever the
/// client sends behind it was certainly not done (RFC 9112, 9.6).
void Connection::take_no_more() {
    if (pending_.empty() || std::exchange(last_, true)) return;
    pending_.back()->keep_alive = false;
    surplus_ = true;
}

void Connection::end_when_idle() {
    if (!last_ && parser_.begun()) return refuse(503, "the server stops");
    take_no_more();
    last_ = true;
    if (idle() && !lingering_) close();
}

void Connection::read() {
    if (reading_ || closed_ || full()) return;
    reading_ = true;
    begin_read();
}

void Connection::on_read(Failure failure, std::string_view bytes) {
    reading_ = false;
    if (failure || bytes.empty()) return close();
    if (closed_) return;
    door_->bytes_in.fetch_add(bytes.size(), std::memory_order_relaxed);
    use(bytes);
    read();
}

/// Works through `bytes` and what is left of earlier ones; keeps the rest.
void Connection::use(std::string_view bytes) {
    if (in_.empty()) {
        process(bytes);
        in_.assign(bytes);
    } else {
        in_.append(bytes);
        std::string_view rest = in_;
        process(rest);
        in_.erase(0, in_.size() - rest.size());
    }
    if (last_ && !in_.empty()) surplus_ = true;
    if (last_ || in_.empty()) release(in_);
}

void Connection::process(std::string_view& in) {
    processing_ = true;
    bool fresh = !parser_.begun();
    while (!closed_ && !last_ && !in.empty() && !full()) {
        const auto need = parser_.feed(in);
        if (!need) {
            refuse(need.error().status, need.error().what);
        } else if (*need == HttpParser::Need::more) {
            break;
        } else {
            fresh = true;
            hand_over(parser_.take());
        }
    }
    if (fresh && parser_.begun()) request_since_ = now();
    processing_ = false;
    flush();
    invite_body();
}

/// "100 Continue", once all that stands before it is answered.
void Connection::invite_body() {
    if (closed_ || last_ || !idle() || !parser_.wants_continue()) return;
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    write();
}

void Connection::hand_over(Request request) {
    door_->requests.fetch_add(1, std::memory_order_relaxed);
    stranger_ = false;
    auto pending = std::make_shared<Pending>();
    pending->connection = weak_from_this();
    pending->keep_alive = parser_.keep_alive() && !door_->stopping;
    surplus_ = parser_.keep_alive() && !pending->keep_alive;  // it does not know yet
    pending->http_1_0 = parser_.http_1_0();
    pending->head_only = request.method == "HEAD";
    last_ = last_ || !pending->keep_alive;
    pending_.push_back(pending);
    request.remote = remote_;
    request.secure = secure();
    door_->handle(std::move(request), std::move(pending));
}

/// Answers in the place of a request that cannot be read; it is the last.
void Connection::refuse(int status, std::string what) {
    door_->refused.fetch_add(1, std::memory_order_relaxed);
    surplus_ = true;  // where the next request begins nobody knows
    const auto pending = pending_.emplace_back(std::make_shared<Pending>());
    pending->connection = weak_from_this();
    complete(*pending, {status, "application/json", "{\"error\":\"" + what + "\"}", true}, {});
}

void Connection::watch(Pending& pending, std::function<void()> gone) {
    if (pending.is_gone) return gone();
    if (!pending.ready) pending.gone = std::move(gone);
}

void Connection::complete(Pending& pending, Response response, std::function<void(bool)> written) {
    if (pending.is_gone) {
        if (written) written(false);
        return;
    }
    if (response.close) take_no_more();
    pending.response = std::move(response);
    pending.written = std::move(written);
    pending.gone = {};
    pending.ready = true;
    ready_bytes_ += pending.response.body.size();
    if (!processing_) flush();
}

/// Writes all answers whose turn it is, unless others are being written.
void Connection::flush() {
    if (writing_ || closed_ || lingering_) return;
    out_.clear();
    while (!ended_ && !pending_.empty() && pending_.front()->ready) {
        auto& front = *pending_.front();
        append(out_, front);
        ready_bytes_ -= front.response.body.size();
        if (front.written) to_tell_.push_back(std::move(front.written));
        ended_ = !front.keep_alive;
        pending_.pop_front();
    }
    if (!out_.empty()) write();
}

void Connection::write() {
    writing_ = true;
    write_since_ = now();
    begin_write(out_);
}

void Connection::on_written(Failure failure) {
    writing_ = false;
    door_->bytes_out.fetch_add(failure ? 0 : out_.size(), std::memory_order_relaxed);
    for (auto& tell : std::exchange(to_tell_, {})) tell(!failure);
    if (failure) return close();
    if (closed_) return;
    release(out_);
    flush();
    if (writing_) return;
    if (ended_ || (last_ && pending_.empty())) return end();
    idle_since_ = now();
    use({});
    read();
}

/// All that will be answered is answered. A socket that is closed with unread bytes in it is
/// reset, and the reset may overtake our answer: so what the client still sends is read first.
void Connection::end() {
    if (!surplus_ && in_.empty() && pending_.empty()) return close();
    abandon();
    lingering_ = true;
    write_since_ = now();
    shut_down_send();
    read();
}

/// Nobody will read the answers that are still missing.
void Connection::abandon() {
    ready_bytes_ = 0;
    for (const auto& pending : std::exchange(pending_, {})) {
        pending->is_gone = true;
        if (pending->written) pending->written(false);
        if (pending->gone) std::exchange(pending->gone, {})();
    }
}

void Connection::close() {
    if (std::exchange(closed_, true)) return;
    const auto self = shared_from_this();
    abandon();
    if (!writing_)
        for (auto& tell : std::exchange(to_tell_, {})) tell(false);
    shut_down();
    if (const auto share = share_.lock()) share->remove(*this, remote_);
}

}  // namespace cmq::net
