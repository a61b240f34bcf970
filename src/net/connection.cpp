#include "net/connection.h"

#include "base/text.h"

namespace cmq::net {
namespace {

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

std::string to_bytes(const Response& response, const Pending& pending) {
    std::string bytes;
    bytes.reserve(response.body.size() + 160);
    bytes.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    bytes.append(phrase(response.status));
    bytes.append("\r\nContent-Type: ").append(response.content_type);
    bytes.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
    if (!pending.keep_alive) bytes.append("\r\nConnection: close");
    if (pending.keep_alive && pending.http_1_0) bytes.append("\r\nConnection: keep-alive");
    bytes.append("\r\n\r\n");
    if (!pending.head_only) bytes.append(response.body);
    return bytes;
}

}  // namespace

Connection::Connection(std::shared_ptr<Door> door, boost::asio::io_context& io, std::string remote)
    : door_(std::move(door)), io_(io), remote_(std::move(remote)), parser_(door_->limits) {
    set_deadline();
}

/// A request has a time to arrive in, an idle connection a time to stay; an answer may take long.
void Connection::set_deadline() {
    if (parser_.begun()) {
        if (deadline_ == Steady::max() || idle())
            deadline_ = door_->clock.steady() + door_->limits.request_time;
    } else {
        deadline_ =
            pending_.empty() ? door_->clock.steady() + door_->limits.idle_time : Steady::max();
    }
}

void Connection::check_deadline(Steady now) {
    if (closed_ || now < deadline_) return;
    if (!parser_.begun() || last_) return close();
    refuse(408, "the request took too long to arrive");
}

void Connection::end_when_idle() {
    last_ = true;
    for (const auto& pending : pending_) pending->keep_alive = false;
    if (idle()) close();
}

void Connection::read() {
    if (reading_ || closed_ || pending_.size() >= door_->limits.pipelined) return;
    reading_ = true;
    begin_read();
}

void Connection::on_read(Failure failure, std::string_view bytes) {
    reading_ = false;
    if (failure || bytes.empty()) return close();
    if (closed_) return;
    door_->bytes_in.fetch_add(bytes.size(), std::memory_order_relaxed);
    if (!last_) in_.append(bytes);  // what follows a last request is nobody's
    const bool had_begun = parser_.begun();
    process();
    if (!had_begun || !parser_.begun()) set_deadline();
    read();
}

void Connection::process() {
    while (!closed_ && !last_ && !in_.empty() && pending_.size() < door_->limits.pipelined) {
        auto need = HttpParser::Need::more;
        const auto fault = parser_.feed(in_, need);
        if (fault) return refuse(fault->status, fault->what);
        if (need == HttpParser::Need::more) {
            if (parser_.wants_continue() && idle()) {
                out_ = "HTTP/1.1 100 Continue\r\n\r\n";
                writing_ = true;
                begin_write(out_);
            }
            return;
        }
        hand_over(parser_.take());
    }
    if (in_.empty() && in_.capacity() > 4'096) in_ = {};
}

void Connection::hand_over(Request request) {
    door_->requests.fetch_add(1, std::memory_order_relaxed);
    auto pending = std::make_shared<Pending>();
    pending->connection = shared_from_this();
    pending->keep_alive = parser_.keep_alive() && !door_->stopping;
    pending->http_1_0 = parser_.http_1_0();
    pending->head_only = request.method == "HEAD";
    last_ = last_ || !pending->keep_alive;
    pending_.push_back(pending);
    request.remote = remote_;
    request.secure = secure();
    door_->handle(std::move(request), std::move(pending));
}

/// Answers in the place of a request that cannot be read, and ends the connection.
void Connection::refuse(int status, std::string_view what) {
    door_->refused.fetch_add(1, std::memory_order_relaxed);
    auto pending = std::make_shared<Pending>();
    pending->connection = shared_from_this();
    pending->keep_alive = false;
    last_ = true;
    in_ = {};
    deadline_ = Steady::max();
    pending_.push_back(pending);
    complete(pending,
             {status, "application/json", "{\"error\":\"" + std::string(what) + "\"}", true}, {});
}

void Connection::watch(const std::shared_ptr<Pending>& pending, std::function<void()> gone) {
    if (pending->is_gone) return gone();
    if (!pending->ready) pending->gone = std::move(gone);
}

void Connection::complete(const std::shared_ptr<Pending>& pending, Response response,
                          std::function<void(bool)> written) {
    if (pending->is_gone) {
        if (written) written(false);
        return;
    }
    if (response.close || door_->stopping) pending->keep_alive = false;
    if (!pending->keep_alive) last_ = true;
    pending->bytes = to_bytes(response, *pending);
    pending->written = std::move(written);
    pending->gone = {};
    pending->ready = true;
    flush();
}

void Connection::flush() {
    if (writing_ || closed_) return;
    out_.clear();
    while (!pending_.empty() && pending_.front()->ready) {
        auto& front = *pending_.front();
        if (out_.empty()) {
            out_ = std::move(front.bytes);
        } else {
            out_ += front.bytes;
        }
        if (front.written) to_tell_.push_back(std::move(front.written));
        const bool ends = !front.keep_alive;
        front.connection.reset();
        pending_.pop_front();
        if (ends) break;
    }
    if (out_.empty()) return;
    writing_ = true;
    begin_write(out_);
}

void Connection::on_written(Failure failure) {
    writing_ = false;
    door_->bytes_out.fetch_add(out_.size(), std::memory_order_relaxed);
    for (auto& tell : std::exchange(to_tell_, {})) tell(!failure);
    if (failure) return close();
    if (closed_) return;
    flush();
    if (writing_) return;
    if (last_ && pending_.empty()) return close();
    if (out_.capacity() > 4'096) out_ = {};
    process();
    set_deadline();
    read();
}

void Connection::close() {
    if (std::exchange(closed_, true)) return;
    const auto self = shared_from_this();
    for (const auto& pending : std::exchange(pending_, {})) {
        pending->is_gone = true;
        if (pending->written) pending->written(false);
        if (pending->gone) std::exchange(pending->gone, {})();
        pending->connection.reset();
    }
    if (!writing_)
        for (auto& tell : std::exchange(to_tell_, {})) tell(false);
    shut_down();
    door_->closed(*this);
}

}  // namespace cmq::net
