// shard/write_batch.h: write jobs that wait behind one another share a commit, and its fsync (D4).
//
// A follower gets an append for each commit of its leader; when its disk is busy they pile up.
#pragma once

#include <span>

#include "shard/jobs.h"

namespace cmq::shard {

inline constexpr std::size_t write_batch_bytes = 1u << 20;  // a single job may have more

/// How many of `jobs`, from the first on, go together: at least one. A base must not come before
/// entries that were written before it, so a job with one begins a commit.
std::size_t fit_together(std::span<const WriteJob> jobs);

/// All that `jobs` write, in their order.
log::Commit together(std::span<const WriteJob> jobs);

}  // namespace cmq::shard
