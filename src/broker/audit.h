// broker/audit.h: does all that the rows of a checkpoint say more than once agree?
//
// Counts, places and bits are kept where they are needed, some of them twice. Here every block is
// read and everything is counted anew: slow, for verification and tests.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "broker/state.h"

namespace cmq::broker {

struct Audit {
    std::uint64_t blocks = 0;
    std::uint64_t messages = 0;  // that can be received, now or after a rewind
    LogIndex applied;
};

/// `has_body`: whether the bodies of an entry can be read.
/// errors  corrupt: a row is missing, is not what was written, or contradicts another; exists: of a
///         version above `newest`.
Result<Audit> audit(std::uint64_t group, Rows& rows, const Options& options,
                    const std::function<bool(LogIndex)>& has_body);

}  // namespace cmq::broker
