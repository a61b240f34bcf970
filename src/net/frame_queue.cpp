#include "net/frame_queue.h"

#include <limits>
#include <utility>

#include "base/check.h"
#include "net/frame_reader.h"

namespace cmq::net {
namespace {

std::size_t size_of(const Blob& blob) { return blob ? blob->size() : 0; }

}  // namespace

bool FrameQueue::has_room(std::size_t frame_bytes, Room room) const {
    const std::size_t reserve = room == Room::reserve ? bytes_max_ / 8 : 0;
    const std::size_t present = bytes_;
    return present == 0 || present + frame_bytes <= bytes_max_ + reserve;
}

FrameQueue::Pushed FrameQueue::push(Pieces pieces, Room room) {
    std::size_t size = 0;
    for (const auto& piece : pieces) size += size_of(piece);
    CMQ_CHECK(size <= std::numeric_limits<std::uint32_t>::max());
    const std::lock_guard lock(mutex_);
    if (!open_ || !has_room(size + frame_head_bytes, room)) return Pushed::no;
    bytes_ += size + frame_head_bytes;
    inbox_.push_back({nullptr, 0, static_cast<std::uint32_t>(size), true});
    for (auto& piece : pieces)
        if (size_of(piece) > 0) inbox_.push_back({std::move(piece)});
    return std::exchange(writing_, true) ? Pushed::behind : Pushed::to_write;
}

void FrameQueue::open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
}

void FrameQueue::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
}

/// False: there is nothing, and whoever pushes next has to wake the loop.
bool FrameQueue::fetch() {
    const std::lock_guard lock(mutex_);
    outgoing_.swap(inbox_);
    if (outgoing_.empty()) writing_ = false;
    return !outgoing_.empty();
}

std::string_view FrameQueue::front() {
    if (gathered_done_ < gathered_.size())
        return std::string_view(gathered_).substr(gathered_done_);
    gathered_.clear();
    gathered_done_ = 0;
    while (gathered_.size() + frame_head_bytes <= gathered_bytes) {
        if (outgoing_.empty() && (!gathered_.empty() || !fetch())) break;
        auto& part = outgoing_.front();
        if (gathered_.empty() && !part.headed && part.rest().size() >= gathered_bytes)
            return part.rest();
        gather(part);
        if (!part.headed && part.rest().empty()) outgoing_.pop_front();
    }
    return gathered_;
}

void FrameQueue::gather(Part& part) {
    if (std::exchange(part.headed, false)) {
        Encoder(gathered_).u32(part.frame_bytes);
        return;
    }
    const auto some = part.rest().substr(0, gathered_bytes - gathered_.size());
    gathered_.append(some);
    part.done += some.size();
}

void FrameQueue::written(std::size_t count) {
    bytes_ -= count;
    if (!gathered_.empty()) {
        gathered_done_ += count;
        return;
    }
    auto& part = outgoing_.front();
    part.done += count;
    if (part.rest().empty()) outgoing_.pop_front();
}

void FrameQueue::drop() {
    outgoing_.clear();
    gathered_.clear();
    gathered_done_ = 0;
    const std::lock_guard lock(mutex_);
    inbox_.clear();
    bytes_ = 0;
}

}  // namespace cmq::net
