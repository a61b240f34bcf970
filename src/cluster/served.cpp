#include "cluster/served.h"

#include <atomic>
#include <utility>

#include "cluster/call_frames.h"

namespace cmq::cluster {

struct Reply::Slot {
    Slot(std::shared_ptr<Served> served_, std::uint64_t number_)
        : served(std::move(served_)), number(number_) {}
    Slot(const Slot&) = delete;
    ~Slot() {
        if (!sent) served->refuse(number, {Code::unavailable, "the request was dropped"});
    }

    const std::shared_ptr<Served> served;
    const std::uint64_t number;
    std::atomic<bool> sent = false;
};

bool Reply::send(net::Pieces pieces) const {
    return !slot_->sent.exchange(true) && slot_->served->answer(slot_->number, std::move(pieces));
}

void Reply::send_made(std::function<std::string()> make, std::function<void(bool)> sent) const {
    if (slot_->sent.exchange(true)) return;
    const auto work = [slot = slot_, make = std::move(make), sent] {
        sent(slot->served->answer(slot->number, {make_blob(make())}));
    };
    if (!slot_->served->stream_.post(work)) sent(false);
}

bool Reply::fail(const Error& error) const {
    return !slot_->sent.exchange(true) && slot_->served->refuse(slot_->number, error);
}

void Reply::on_gone(std::function<void()> gone) const {
    if (!slot_->sent) slot_->served->watch(slot_->number, std::move(gone));
}

Served::Served(net::FrameStream stream, Options options, OnRequest on_request)
    : stream_(std::move(stream)), options_(options), on_request_(std::move(on_request)) {}

void Served::on_frame(std::string_view bytes) {
    const auto frame = decode_call_frame(bytes);
    if (frame && frame->kind == CallFrameKind::request) return begin(frame->number, frame->rest);
    if (frame && frame->kind == CallFrameKind::cancel) return cancel(frame->number);
    stream_.close("it sent what is neither a request nor a cancel");
}

void Served::begin(std::uint64_t number, std::string_view request) {
    bool fresh = false, full = false;
    {
        const std::lock_guard lock(mutex_);
        full = open_.size() >= options_.open_max;
        if (!full) fresh = open_.emplace(number, Gone{}).second;
    }
    if (full) {
        write_failure(number, {Code::throttled, "too many requests of this node wait for answers"});
    } else if (!fresh) {
        stream_.close("it gave two requests one number");
    } else {
        on_request_(std::string(request),
                    Reply(std::make_shared<Reply::Slot>(shared_from_this(), number)));
    }
}

void Served::cancel(std::uint64_t number) {
    Gone gone;
    {
        const std::lock_guard lock(mutex_);
        const auto at = open_.find(number);
        if (at == open_.end()) return;  // answered meanwhile
        gone = std::move(at->second);
        open_.erase(at);
    }
    if (gone) gone();
}

void Served::on_down() {
    std::unordered_map<std::uint64_t, Gone> left;
    {
        const std::lock_guard lock(mutex_);
        left.swap(open_);
    }
    for (const auto& [number, gone] : left)
        if (gone) gone();
}

void Served::forget() {
    std::unordered_map<std::uint64_t, Gone> left;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    left.swap(open_);
}

/// True: the caller was still waiting.
bool Served::finish(std::uint64_t number) {
    Gone dropped;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    const auto at = open_.find(number);
    if (at == open_.end()) return false;
    dropped = std::move(at->second);
    open_.erase(at);
    return true;
}

bool Served::answer(std::uint64_t number, net::Pieces pieces) {
    if (!finish(number)) return false;
    std::size_t size = call_head_bytes_max;
    for (const auto& piece : pieces) size += piece ? piece->size() : 0;
    if (size > options_.frame_bytes) {
        write_failure(number, {Code::internal, "the answer is longer than a frame"});
        return false;
    }
    pieces.insert(pieces.begin(), encode_call_head(CallFrameKind::reply, number));
    if (stream_.send(std::move(pieces))) return true;
    write_failure(number, {Code::unknown_outcome, "the answer did not fit what waits already"});
    return false;
}

bool Served::refuse(std::uint64_t number, const Error& error) {
    return finish(number) && write_failure(number, error);
}

bool Served::write_failure(std::uint64_t number, const Error& error) {
    return stream_.send({encode_call_head(CallFrameKind::failure, number), encode_failure(error)},
                        net::Room::reserve);
}

void Served::watch(std::uint64_t number, Gone gone) {
    {
        const std::lock_guard lock(mutex_);
        const auto at = open_.find(number);
        if (at != open_.end()) {
            at->second = std::move(gone);
            return;
        }
    }
    gone();
}

}  // namespace cmq::cluster
