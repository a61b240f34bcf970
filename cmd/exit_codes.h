// cmd/exit_codes.h: what a script may rely on. Stable; `cmq help exit-codes` prints the table.
#pragma once

#include <array>
#include <string_view>

#include "base/result.h"

namespace cmq::cmd {

namespace exit_code {
inline constexpr int done = 0;
inline constexpr int failed = 1;
inline constexpr int usage = 2;
inline constexpr int not_found = 3;
inline constexpr int empty = 4;
inline constexpr int timed_out = 5;
inline constexpr int refused = 6;
inline constexpr int exists = 7;
inline constexpr int throttled = 8;
inline constexpr int unreachable = 9;
inline constexpr int partial = 10;
inline constexpr int expectation = 11;
inline constexpr int unavailable = 12;
inline constexpr int interrupted = 130;
}  // namespace exit_code

struct ExitCode {
    int status;
    std::string_view meaning;
};
inline constexpr std::array exit_codes{
    ExitCode{exit_code::done, "done"},
    ExitCode{exit_code::failed, "failed otherwise"},
    ExitCode{exit_code::usage, "usage or configuration"},
    ExitCode{exit_code::not_found, "not found"},
    ExitCode{exit_code::empty, "empty: nothing before --wait ended"},
    ExitCode{exit_code::timed_out, "the command's own --timeout"},
    ExitCode{exit_code::refused, "authentication or permission"},
    ExitCode{exit_code::exists, "already exists, conflict"},
    ExitCode{exit_code::throttled, "throttled or over a limit"},
    ExitCode{exit_code::unreachable, "cannot connect, or TLS; a port or directory is taken"},
    ExitCode{exit_code::partial, "batch failed in part"},
    ExitCode{exit_code::expectation, "expectation not met"},
    ExitCode{exit_code::unavailable, "no leader, not durable, or the outcome is unknown"},
    ExitCode{exit_code::interrupted, "interrupted"},
};

constexpr int exit_status(Code code) {
    switch (code) {
        case Code::invalid:
            return exit_code::usage;
        case Code::not_found:
            return exit_code::not_found;
        case Code::exists:
            return exit_code::exists;
        case Code::empty:
            return exit_code::empty;
        case Code::timed_out:
            return exit_code::timed_out;
        case Code::unauthenticated:
        case Code::forbidden:
            return exit_code::refused;
        case Code::throttled:
        case Code::disk_full:
            return exit_code::throttled;
        case Code::unreachable:
        case Code::busy:
            return exit_code::unreachable;
        case Code::partial:
            return exit_code::partial;
        case Code::unavailable:
        case Code::unknown_outcome:
            return exit_code::unavailable;
        case Code::corrupt:
        case Code::io:
        case Code::internal:
            return exit_code::failed;
    }
    return exit_code::failed;
}

}  // namespace cmq::cmd
