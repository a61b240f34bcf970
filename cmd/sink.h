// cmd/sink.h: where received messages go.
#pragma once

#include <cstdint>
#include <vector>

#include "client/client.h"

namespace cmq::cmd {

/// A body may have been sent with --base64, to carry any bytes.
enum class Coding { none, base64 };

class Sink {
public:
    virtual ~Sink() = default;

    /// How many messages it takes at once: the others would wait, and their leases run.
    virtual std::uint32_t most() const = 0;
    /// errors  what ends the command: the others are released.
    virtual Status take(const std::vector<client::Message>& messages) = 0;
    /// Messages that came through, whatever became of them then.
    virtual std::uint64_t taken() const = 0;
    /// Says what went wrong on the way. errors  partial, internal.
    virtual Status finish() = 0;
};

}  // namespace cmq::cmd
