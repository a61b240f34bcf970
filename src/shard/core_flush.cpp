// Writing the state behind: cut, take rows in slices, hand them over, tidy the log (D5).

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "shard/core.h"

namespace cmq::shard {
namespace {
constexpr std::size_t rows_a_step = 2'000;  // a few hundred microseconds
constexpr std::chrono::seconds flush_pause{1};
}  // namespace

bool LiveStripes::any(raft::Index from, raft::Index to) const {
    const auto base = first.value / live_stripe;
    const auto last = to.value / live_stripe;
    for (auto stripe = std::max(from.value / live_stripe, base); stripe <= last; ++stripe) {
        if (stripe - base >= stripes.size()) return true;  // younger than the flush
        if (stripes[stripe - base]) return true;
    }
    return false;
}

LiveStripes Core::live_stripes() const {
    const auto first = state_.first_live();
    return {first, state_.live(first, applied_.index)};
}

/// What followers may still ask for stays, within bounds; beyond them they get a snapshot (D3c).
Tidy Core::tidy_after_flush() const {
    Tidy tidy{applied_.index, live_stripes(), 0, {}};
    const auto& configuration = raft_.configuration();
    if (configuration.voters.size() + configuration.learners.size() > 1)
        tidy.keep_log_bytes = options_.keep_log_bytes;
    for (const auto& [to, sending] : sendings_)
        tidy.needed_behind = std::min(tidy.needed_behind.value_or(sending.from), sending.from);
    return tidy;
}

bool Core::flush_is_due() const {
    if (flushing_) return false;
    if (bodies_lack_ != durable_lack_) return true;
    if (format_ != flushed_format_)
        return true;  // so that an older program finds it when it starts
    if (log_bytes_ >= options_.flush_log_bytes) return true;  // of fetched bodies, maybe
    return state_.dirty() > 0 && clock_.steady() - last_flush_ >= options_.flush_interval;
}

void Core::flush_step() {
    if (!flush_ && flush_is_due()) {
        state_.begin_flush();
        flush_ =
            FlushJob{applied_, raft::configuration_at(raft_, applied_.index), {}, bodies_lack_};
        tidy_ = tidy_after_flush();
        flushing_ = true;
        flush_taken_ = false;
        log_bytes_ = 0;
        last_flush_ = clock_.steady();
        flushed_format_ = format_;
    }
    if (!flush_) return;
    if (!flush_taken_) flush_taken_ = !state_.take_rows(rows_a_step, flush_->rows);
    if (!flush_taken_) return;
    // A leader may commit on its followers' copies: never ahead of the own log (D5).
    if (flush_->position.index > raft_.durable && options_.planted != Planted::flush_ahead_of_log)
        return;
    if (flush_waits_ && clock_.steady() < flush_again_) return;
    ports_.flush(*std::exchange(flush_, {}));
}

/// Until it is written the log keeps everything. One that stops leaves it to the log.
void Core::on(NotFlushed event) {
    if (!std::exchange(flush_waits_, true))
        log::error("state_waits_for_room", {{"detail", event.error.message}});
    flush_ = std::move(event.job);
    flush_again_ = clock_.steady() + flush_pause;
}

void Core::on(Flushed event) {
    if (std::exchange(flush_waits_, false)) log::info("state_has_room", {});
    state_.end_flush();
    flushing_ = false;
    ++figures_.flushes;
    durable_applied_ = event.position;
    durable_lack_ = event.bodies_lack;
    const auto& [index, term, chain] = event.position;
    new_base_ = raft::Base{index, term, chain, raft::configuration_at(raft_, index)};
    if (tidy_) ports_.keep(*std::exchange(tidy_, {}));
}

}  // namespace cmq::shard
