// base/check.h: invariants. Always on: a broken one must not reach the disk.
#pragma once

namespace cmq {

/// Writes where and what to stderr, and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace cmq

#define CMQ_CHECK(condition) \
    (static_cast<bool>(condition) ? void() : ::cmq::check_failed(#condition, __FILE__, __LINE__))
