// cmd/queue/attributes.h: the attributes of a queue as options, with their units.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "broker/command.h"
#include "cmd/arguments.h"

namespace cmq::cmd {

struct QueueAttributes {
    std::optional<std::chrono::seconds> visibility_timeout;
    std::optional<std::chrono::seconds> polling_wait;
    std::optional<std::chrono::seconds> retention;
    std::optional<std::chrono::seconds> rewind;
    std::optional<Size> max_message_size;
    std::optional<std::int64_t> max_messages;

    void describe(Arguments& arguments);
    broker::AttributeChanges changes() const;
};

}  // namespace cmq::cmd
