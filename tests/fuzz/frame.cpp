// Any bytes, in pieces of any size: frames are cut from them in one way only, and what is within a
// frame is read as a call's or refused.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "cluster/call_frames.h"
#include "net/frame_reader.h"

namespace {

using namespace cmq;

struct Outcome {
    std::vector<std::string> frames;
    bool refused = false;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

constexpr std::size_t frame_bytes_max = 1'000;

Outcome read(std::string_view bytes, std::size_t piece) {
    net::FrameReader reader(frame_bytes_max);
    Outcome outcome;
    while (!bytes.empty()) {
        const auto room = reader.room();
        const auto count = std::min({room.size(), piece, bytes.size()});
        std::memcpy(room.data(), bytes.data(), count);
        reader.filled(count);
        bytes.remove_prefix(count);
        for (auto next = reader.next(); !next || *next; next = reader.next()) {
            if (!next) {
                outcome.refused = true;
                return outcome;
            }
            if ((*next)->size() > frame_bytes_max) std::abort();
            outcome.frames.emplace_back(**next);
        }
    }
    return outcome;
}

/// What can be read is written again as it was; but for numbers that were longer than they need.
void check_call(std::string_view bytes) {
    using namespace cmq::cluster;
    const auto frame = decode_call_frame(bytes);
    if (!frame) return;
    const auto again = *encode_call_head(frame->kind, frame->number) + std::string(frame->rest);
    if (again.size() > bytes.size() || again.size() - frame->rest.size() > call_head_bytes_max)
        std::abort();
    if (again.size() == bytes.size() && again != bytes) std::abort();
    const auto error = decode_failure(frame->rest);
    if (decode_failure(*encode_failure(error)).code != error.code) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto whole = read(bytes, bytes.size() + 1);
    if (whole != read(bytes, data[0] % 32u + 1)) std::abort();
    for (const auto& frame : whole.frames) check_call(frame);
    check_call(bytes);
    return 0;
}
