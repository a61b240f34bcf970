// cmd/receiving.h: takes messages out of a queue until enough have come or time is up.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "client/client.h"
#include "cmd/interrupt.h"
#include "cmd/progress.h"
#include "cmd/sink.h"

namespace cmq::cmd {

enum class Until { counted, drained, interrupted };

class Receiving {
public:
    using Time = std::chrono::steady_clock::time_point;
    struct Options {
        std::string queue;
        Until until = Until::counted;
        std::uint64_t target = 1;                         // not with Until::interrupted
        std::optional<std::chrono::milliseconds> wait{};  // for the next message
        std::optional<std::chrono::milliseconds> timeout{};
        std::optional<Time> deadline{};  // timeout from now
        /// Whether whoever read the output has gone: nothing more may be taken for him.
        std::function<bool()> is_reader_gone = [] { return false; };
    };

    Receiving(client::Client& client, const Interrupt& interrupt, Progress& progress,
              Options options)
        : client_(client),
          interrupt_(interrupt),
          progress_(progress),
          options_(std::move(options)) {}

    /// Ends early without an error when it is interrupted, or the wait is over. Until::interrupted
    /// also outlives a broker that is gone for a while, once it was there.
    /// errors  timed_out; io: the reader has gone; what the broker or the sink says.
    Status run(Sink& sink);

private:
    enum class Broker { unknown, there, gone };

    Status check_time(const Sink& sink) const;
    Error out_of_time(const Sink& sink) const;
    Status failed(const Error& error, const Sink& sink);
    bool is_awaited(const Error& error) const;
    void await_broker(const Error& error);
    void note_answer();
    bool is_enough(const Sink& sink) const;
    std::uint32_t wanted(const Sink& sink) const;
    std::optional<std::chrono::milliseconds> next_wait(Time idle_since) const;
    bool is_wait_over(Time idle_since) const;
    void show(const Sink& sink);

    client::Client& client_;
    const Interrupt& interrupt_;
    Progress& progress_;
    Options options_;
    Broker broker_ = Broker::unknown;
    std::chrono::milliseconds pause_{};  // before a broker that is gone is asked again
};

}  // namespace cmq::cmd
