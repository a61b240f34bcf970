// net/frame_reader.h: a stream of bytes, cut into frames. Pure. Inside of net.
//
//     u32 how many (little-endian) | so many bytes
//
// No checksum: the stream is TLS. All in this header, so that a fuzzer needs nothing else.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cmq::net {

inline constexpr std::size_t frame_head_bytes = 4;

/// Fill room(), say how much with filled(), take frames until there is none.
class FrameReader {
public:
    explicit FrameReader(std::size_t frame_bytes_max)
        : frame_bytes_max_(frame_bytes_max), bytes_(usual_bytes) {}

    /// Where the next bytes go, `record_bytes` at least. Ends what next() gave.
    std::span<char> room() {
        if (held() == 0) rewind();
        if (bytes_.size() - end_ < record_bytes) move_up();
        if (bytes_.size() - end_ < record_bytes) grow();
        return std::span(bytes_).subspan(end_);
    }
    void filled(std::size_t count) { end_ += count; }

    /// The next whole frame; nothing: more bytes are needed.
    /// errors  invalid: longer than the limit. The stream is of no more use.
    Result<std::optional<std::string_view>> next() {
        needed_ = frame_head_bytes;
        if (held() < needed_) return std::nullopt;
        const std::size_t size = Decoder({bytes_.data() + begin_, frame_head_bytes}).u32();
        if (size > frame_bytes_max_)
            return fail(Code::invalid, "a frame of " + std::to_string(size) + " bytes; " +
                                           std::to_string(frame_bytes_max_) + " is the limit");
        needed_ += size;
        if (held() < needed_) return std::nullopt;
        const std::string_view frame(bytes_.data() + begin_ + frame_head_bytes, size);
        begin_ += needed_;
        return frame;
    }

    std::size_t memory() const { return bytes_.size(); }

    static constexpr std::size_t record_bytes = 16 << 10;  // the most that TLS gives at a time
    static constexpr std::size_t usual_bytes = 64 << 10;
    static constexpr std::size_t kept_bytes = 1 << 20;  // a larger buffer is given back

private:
    std::size_t held() const { return end_ - begin_; }
    void rewind() {
        begin_ = end_ = 0;
        if (bytes_.size() > kept_bytes + record_bytes) bytes_ = std::vector<char>(usual_bytes);
    }
    void move_up() {
        if (begin_ == 0) return;
        std::memmove(bytes_.data(), bytes_.data() + begin_, held());
        end_ -= begin_;
        begin_ = 0;
    }
    /// With what has come, not with what a length only promises.
    void grow() {
        bytes_.resize(std::max(std::min(needed_, 2 * bytes_.size()), end_ + record_bytes));
    }

    std::size_t frame_bytes_max_;
    std::vector<char> bytes_;
    std::size_t begin_ = 0, end_ = 0;  // what came and was not taken
    std::size_t needed_ = frame_head_bytes;
};

}  // namespace cmq::net
