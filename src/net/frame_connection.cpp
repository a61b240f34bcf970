#include "net/frame_connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/check.h"

namespace cmq::net {
namespace {

namespace asio = boost::asio;

/// Then others have their turn on the loop.
constexpr unsigned records_a_turn = 64;
constexpr unsigned batches_a_turn = 4;
constexpr std::size_t batch_bytes = 128 << 10;  // that are encrypted before they are sent
/// Silence is counted in ticks, not in time: one who was stopped for long has missed only one.
constexpr unsigned ticks_an_idle_time = 3;

Session session_of(const PeerTls& tls, FrameConnection::Side side,
                   const std::vector<std::string>& protocols) {
    const auto parts = tls.current();
    return side == FrameConnection::Side::connecting ? parts->connecting(protocols)
                                                     : parts->accepting(protocols);
}

}  // namespace

FrameCounts FrameCounters::read(bool connected) const {
    return {frames_in, frames_out, bytes_in, bytes_out, connects, connected};
}

FrameConnection::FrameConnection(asio::io_context& io, asio::ip::tcp::socket socket,
                                 const PeerTls& tls, Options options,
                                 std::weak_ptr<FrameOwner> owner)
    : io_(io),
      side_(options.side),
      protocols_(std::move(options.protocols)),
      limits_(options.limits),
      socket_(std::move(socket), session_of(tls, side_, protocols_)),
      counters_(std::move(options.counters)),
      owner_(std::move(owner)),
      reader_(limits_.frame_bytes),
      queue_(limits_.queue_bytes),
      timer_(io) {}

template <class Next>
void FrameConnection::wait(Wants what, Next next) {
    if (what == Wants::end) return shut(welcome_missing() + socket_.failure());
    socket_.wait(what, [this, self = shared_from_this(), next](Failure) {
        if (!closed_) next();  // of a failure the next attempt will tell
    });
}

/// A peer that does not want us closes without a word.
std::string FrameConnection::welcome_missing() const {
    return shaken_ && !up_ ? "not welcomed, the peer's log says why: " : "";
}

void FrameConnection::start() {
    limit_time();
    shake_hands();
}

void FrameConnection::shake_hands() {
    if (closed_) return;
    const auto outcome = socket_.shake_hands();
    if (outcome.wants != Wants::nothing) return wait(outcome.wants, [this] { shake_hands(); });
    shaken();
}

void FrameConnection::shaken() {
    const auto owner = owner_.lock();
    auto peer = peer_of(socket_.session());
    protocol_ = protocol_of(socket_.session());
    if (!owner) return shut("nobody is at home");
    if (!peer) return shut(peer.error().message);
    if (std::ranges::find(protocols_, protocol_) == protocols_.end())
        return shut("no protocol in common");
    peer_ = *std::move(peer);
    if (const auto admitted = owner->admit(*this); !admitted) return shut(admitted.error().message);
    shaken_ = true;
    if (side_ == Side::accepting) come_up();
    read();
}

void FrameConnection::come_up() {
    const auto owner = owner_.lock();
    if (!owner || closed_) return;
    up_ = true;
    counters_->connects += 1;
    queue_.open();
    if (side_ == Side::accepting) push({}, Room::reserve);
    sink_ = owner->on_up(shared_from_this());
    tick_later();
}

void FrameConnection::read() {
    for (unsigned count = 0; !closed_ && count < records_a_turn; ++count) {
        const auto outcome = socket_.read(reader_.room());
        if (outcome.wants != Wants::nothing) return wait(outcome.wants, [this] { read(); });
        counters_->bytes_in += outcome.bytes;
        heard_ = true;
        reader_.filled(outcome.bytes);
        deliver();
    }
    if (!closed_) asio::post(io_, [this, self = shared_from_this()] { read(); });
}

void FrameConnection::deliver() {
    while (!closed_ && !ending_) {
        const auto next = reader_.next();
        if (!next) return shut(next.error().message);
        if (!*next) return;
        take(**next);
    }
}

void FrameConnection::take(std::string_view frame) {
    if (!up_) {
        if (!frame.empty()) return shut("it talks before it welcomed us");
        return come_up();
    }
    if (frame.empty()) return;
    counters_->frames_in += 1;
    const auto owner = owner_.lock();
    if (owner && sink_.on_frame) owner->gate.pass([&] { sink_.on_frame(frame); });
}

bool FrameConnection::send(Pieces pieces, Room room) {
    std::size_t size = 0;
    for (const auto& piece : pieces) size += piece ? piece->size() : 0;
    CMQ_CHECK(size > 0 && size <= limits_.frame_bytes);
    if (!push(std::move(pieces), room)) return false;
    counters_->frames_out += 1;
    return true;
}

bool FrameConnection::push(Pieces pieces, Room room) {
    const auto pushed = queue_.push(std::move(pieces), room);
    if (pushed == FrameQueue::Pushed::to_write)
        asio::post(io_, [this, self = shared_from_this()] { flush(); });
    return pushed != FrameQueue::Pushed::no;
}

void FrameConnection::flush() {
    if (blocked_) return;
    for (unsigned count = 0; !closed_ && count < batches_a_turn; ++count) {
        encrypt();
        if (closed_ || socket_.unsent() == 0) return;
        const auto before = socket_.unsent();
        const auto outcome = socket_.flush();
        wrote_ = wrote_ || socket_.unsent() < before;
        if (outcome.wants == Wants::nothing) continue;
        blocked_ = true;
        return wait(outcome.wants, [this] {
            blocked_ = false;
            flush();
        });
    }
    if (!closed_) asio::post(io_, [this, self = shared_from_this()] { flush(); });
}

/// As much as is sent at a time.
void FrameConnection::encrypt() {
    while (!closed_ && socket_.unsent() < batch_bytes) {
        const auto bytes = queue_.front();
        if (bytes.empty()) return;
        const auto outcome = socket_.write(bytes);
        if (outcome.wants != Wants::nothing) return shut(socket_.failure());
        count_written(outcome.bytes);
    }
}

void FrameConnection::count_written(std::size_t bytes) {
    queue_.written(bytes);
    counters_->bytes_out += bytes;
    // Source: RFC 8446, 5.5: AES-GCM stands 2^24.5 records of one key.
    if (++key_records_ < limits_.key_records) return;
    key_records_ = 0;
    socket_.renew_key();
}

/// Handshake and welcome have a time to come in.
void FrameConnection::limit_time() {
    timer_.expires_after(limits_.connect_time);
    timer_.async_wait([this, self = shared_from_this()](Failure cancelled) {
        if (cancelled || up_) return;
        shut(shaken_ ? "timed out before it welcomed us" : "timed out in the TLS handshake");
    });
}

void FrameConnection::tick_later() {
    timer_.expires_after(limits_.idle_time / ticks_an_idle_time);
    timer_.async_wait([this, self = shared_from_this()](Failure cancelled) {
        if (!cancelled) tick();
    });
}

void FrameConnection::tick() {
    watch(heard_, silent_, "it is silent");
    watch(wrote_ || unsent() == 0, stuck_, "it does not read");
    heard_ = wrote_ = false;
    if (closed_) return;
    if (unsent() == 0) push({}, Room::reserve);
    tick_later();
}

void FrameConnection::watch(bool progress, unsigned& idle, const char* complaint) {
    idle = progress ? 0 : idle + 1;
    if (idle >= ticks_an_idle_time) shut(complaint);
}

void FrameConnection::post(std::function<void()> work) { asio::post(io_, std::move(work)); }

void FrameConnection::close(std::string why) {
    ending_ = true;
    queue_.close();
    asio::post(io_, [self = shared_from_this(), why = std::move(why)] { self->shut(why); });
}

void FrameConnection::shut(const std::string& why) {
    if (std::exchange(closed_, true)) return;
    queue_.close();
    queue_.drop();
    timer_.cancel();
    socket_.close();
    const auto owner = owner_.lock();
    if (owner) owner->on_closed(*this, why);
    const auto sink = std::exchange(sink_, {});
    if (owner && sink.on_down) owner->gate.pass([&] { sink.on_down(why); });
}

}  // namespace cmq::net
