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
    /// What the bounds of each option cannot say.
    /// unless_given  the retention that holds without --retention; nothing: the broker knows it.
    /// errors  invalid.
    Status check(std::optional<std::chrono::seconds> unless_given) const;
    broker::AttributeChanges changes() const;
};

/// A refusal of the broker, which names its parameters, with the options that they are.
tl::unexpected<Error> in_words_of_options(Error error);

}  // namespace cmq::cmd
