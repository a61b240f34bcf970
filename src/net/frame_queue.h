// net/frame_queue.h: frames on their way out of one connection. Inside of net.
//
// Any thread pushes; the connection's loop takes. Large pieces are written from where they are;
// small ones and heads are gathered, so that many of them share one TLS record.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cmq::net {

/// The parts of one frame, one behind the other. Null pointers count as empty.
using Pieces = std::vector<Blob>;

/// The reserve is for short frames that make room elsewhere or say that there was none.
enum class Room { usual, reserve };

class FrameQueue {
public:
    explicit FrameQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    enum class Pushed {
        no,       // not open, or full: nothing was kept
        behind,   // others are being written
        to_write  // nobody writes: wake the loop
    };

    /// Any thread. A queue that is empty takes a frame of any size.
    Pushed push(Pieces pieces, Room room = Room::usual);
    void open();   // takes frames from now on
    void close();  // takes no more

    /// The next bytes to write; they stay until they are written. "": none, and the next push
    /// finds nobody writing.
    std::string_view front();
    void written(std::size_t count);  // of front(), from its beginning
    void drop();                      // all of it; after close()

    std::size_t bytes() const { return bytes_; }  // pushed and not written

    static constexpr std::size_t gathered_bytes = 16 << 10;  // what a TLS record holds

private:
    struct Part {
        Blob bytes;
        std::size_t done = 0;
        std::uint32_t frame_bytes = 0;
        bool headed = false;  // it is the first of a frame of frame_bytes, and the head is to come

        std::string_view rest() const {
            return bytes ? std::string_view(*bytes).substr(done) : std::string_view();
        }
    };

    bool has_room(std::size_t frame_bytes, Room room) const;
    bool fetch();
    void gather(Part& part);

    const std::size_t bytes_max_;
    std::atomic<std::size_t> bytes_ = 0;

    std::mutex mutex_;
    std::deque<Part> inbox_;
    bool open_ = false;
    bool writing_ = false;  // the loop was woken, and has not seen the end yet

    std::deque<Part> outgoing_;  // the loop's own, as all below
    std::string gathered_;
    std::size_t gathered_done_ = 0;
};

}  // namespace cmq::net
