// cmd/queue_errors.h: errors about a queue that say what was tried and what to do.
#pragma once

#include <string>
#include <string_view>

#include "client/client.h"

namespace cmq::cmd {

/// What to do about a queue that is missing, when none has a similar name: who wants to delete it
/// is not helped by making it.
enum class Advice { list, create };

/// `could not send to "orders": queue does not exist (10100). Create it: cmq queue create orders`.
/// Where a queue of a similar name exists, that one is offered instead.
tl::unexpected<Error> explained(client::Client& client, std::string_view attempt,
                                const std::string& queue, Error error,
                                Advice advice = Advice::list);

bool is_queue_missing(const Error& error);

/// The value, or the explained error.
template <class T>
Result<T> explain(client::Client& client, std::string_view attempt, const std::string& queue,
                  Result<T> result, Advice advice = Advice::list) {
    if (result) return result;
    return explained(client, attempt, queue, std::move(result).error(), advice);
}

}  // namespace cmq::cmd
