// cluster/served.h: requests of one peer that wait for our answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "net/frames.h"

namespace cmq::cluster {

class Served;

/// The right to answer one request, now or in minutes. Copyable, used from any thread, may outlive
/// the links; the first answer counts. A request that is dropped unanswered fails as `unavailable`.
class Reply {
public:
    /// False: the caller will not see it. It is gone, or so much waits to be written to it that
    /// this does not fit (then it is told `unknown_outcome`), or it is longer than a frame may be
    /// (`internal`: it would be each time).
    bool send(net::Pieces pieces) const;
    bool send(std::string bytes) const { return send({make_blob(std::move(bytes))}); }
    bool fail(const Error& error) const;
    /// As send; `make` runs on the connection's loop, so that the caller need not do the work.
    /// `sent` is told once what send would return: there, or at once on this thread when the
    /// connection is gone.
    void send_made(std::function<std::string()> make, std::function<void(bool)> sent) const;

    /// `gone` runs once when the caller cancels, loses patience or its connection before the
    /// answer is sent: on a loop, or at once on this thread when that has happened already.
    void on_gone(std::function<void()> gone) const;

    struct Slot;
    explicit Reply(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}

private:
    std::shared_ptr<Slot> slot_;
};

/// One stream's requests. Its owner tells it what the stream brings; replies come from any thread.
class Served : public std::enable_shared_from_this<Served> {
public:
    struct Options {
        std::size_t open_max;     // beyond: throttled
        std::size_t frame_bytes;  // the longest frame that the peer takes
    };
    using OnRequest = std::function<void(std::string request, Reply reply)>;

    Served(net::FrameStream stream, Options options, OnRequest on_request);

    /// What breaks the rules ends the stream.
    void on_frame(std::string_view bytes);
    void on_down();  // tells all who watch
    void forget();   // the same in silence

private:
    friend class Reply;
    using Gone = std::function<void()>;

    void begin(std::uint64_t number, std::string_view request);
    void cancel(std::uint64_t number);
    bool finish(std::uint64_t number);
    bool answer(std::uint64_t number, net::Pieces pieces);
    bool refuse(std::uint64_t number, const Error& error);
    bool write_failure(std::uint64_t number, const Error& error);
    void watch(std::uint64_t number, Gone gone);

    const net::FrameStream stream_;
    const Options options_;
    const OnRequest on_request_;
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Gone> open_;
};

}  // namespace cmq::cluster
