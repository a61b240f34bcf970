// base/result.h: what can happen in a healthy program comes back as a value.
//
// What cannot happen stops the process: base/check.h.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace cmq {

/// What kind of failure, for programs. Small and shared; doors translate it once.
enum class Code {
    invalid,          // an argument is wrong; nothing was changed
    not_found,        // it does not exist
    exists,           // it exists already, or is in conflict with what does
    empty,            // nothing there before the wait ended
    timed_out,        // the caller's own time limit passed
    unauthenticated,  // who are you?
    forbidden,        // known, and not allowed
    throttled,        // over a limit; try again later
    unreachable,      // no connection, or TLS refused it
    partial,          // some of a batch was done
    unavailable,      // no leader, or not durable now; try again
    unknown_outcome,  // it may have been done
    corrupt,          // stored bytes are not what was written
    io,               // the operating system refused
    disk_full,        // no room
    busy,             // another process holds it
    internal,         // everything else
};

struct Error {
    Code code = Code::internal;
    std::string message;  // for people: what, where, and what to do
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
public:
    using tl::expected<T, Error>::expected;
};
using Status = Result<void>;

inline tl::unexpected<Error> fail(Code code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

std::string_view name_of(Code code);

/// For CMQ_TRY: what a good result holds.
template <class T, class E>
T value_of(tl::expected<T, E>&& good) {
    return std::move(*good);
}
template <class E>
void value_of(tl::expected<void, E>&&) {}

}  // namespace cmq

/// The value of a Result, or return its error to our caller. One in an expression, never nested,
/// and first in a list: returning out of {a, CMQ_TRY(b)} leaks what `a` holds.
#define CMQ_TRY(expression)                                                    \
    __extension__({                                                            \
        auto cmq_result = (expression);                                        \
        if (!cmq_result) return tl::unexpected(std::move(cmq_result).error()); \
        ::cmq::value_of(std::move(cmq_result));                                \
    })
