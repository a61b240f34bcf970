#include "check/checker.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace cmq::check {

namespace {

constexpr std::uint32_t producers_max = 65'536;
constexpr auto moment_max = std::chrono::milliseconds{std::numeric_limits<std::uint32_t>::max()};
// A broker may look at the clock a little before a long poll's time is over.
constexpr auto poll_slack = std::chrono::milliseconds{10};

std::uint32_t fold(std::uint64_t number) {
    return static_cast<std::uint32_t>(number ^ (number >> 32));
}

std::uint16_t capped(std::uint32_t receives) {
    return static_cast<std::uint16_t>(
        std::min<std::uint32_t>(receives, std::numeric_limits<std::uint16_t>::max()));
}

std::string words(Name name) {
    return "producer " + std::to_string(name.producer) + ", message " +
           std::to_string(name.sequence);
}

std::string at(Moment moment) { return std::to_string(moment.count() / 1000) + " ms"; }

}  // namespace

Checker::Producer& Checker::producer(std::uint32_t number) {
    CMQ_CHECK(number < producers_max);
    if (producers_.size() <= number) producers_.resize(number + 1);
    return producers_[number];
}

Record* Checker::find(Name name) {
    if (name.producer >= producers_.size()) return nullptr;
    auto* record = producers_[name.producer].records.find(name.sequence);
    return record != nullptr && record->is(Record::started) ? record : nullptr;
}

void Checker::add(const SendStarted& event) {
    CMQ_CHECK(event.at + event.delay <= moment_max);
    auto& record = producer(event.name.producer).records.at_or_new(event.name.sequence);
    if (record.is(Record::started) && !record.is(Record::refused)) {
        record.set(Record::retried);
        return;
    }
    if (!record.is(Record::started)) ++so_far_.sent;
    if (record.is(Record::refused)) --so_far_.refused;
    record.clear(Record::refused);
    record.set(Record::started);
    if (event.delay.count() > 0) record.set(Record::delayed);
    record.body = static_cast<std::uint32_t>(event.body_hash);
    record.ready = whole_ms(event.at + event.delay);
}

void Checker::add(const SendAcknowledged& event) {
    auto* record = find(event.name);
    CMQ_CHECK(record != nullptr);
    if (record->is(Record::acknowledged)) return;
    record->set(Record::acknowledged);
    record->sent_by = ms_above(event.at);
    if (!record->is(Record::received)) record->held = ms_above(event.at);
    ++so_far_.acknowledged;
}

void Checker::add(const SendRefused& event) {
    auto* record = find(event.name);
    CMQ_CHECK(record != nullptr);
    // Refused, but an earlier try of it may be there: nothing is certain.
    if (record->is(Record::retried) || record->is(Record::refused)) return;
    record->set(Record::refused);
    ++so_far_.refused;
    if (record->is(Record::received))
        accuse(Violation::invented, words(event.name) + ": received, then its send was refused");
}

void Checker::add(const SendUnknown& event) {
    auto* record = find(event.name);
    CMQ_CHECK(record != nullptr);
    if (record->is(Record::unknown) || record->is(Record::acknowledged)) return;
    record->set(Record::unknown);
    ++so_far_.unknown;
    if (record->is(Record::received)) ++so_far_.unknown_appeared;
}

bool Checker::add(const Received& event) {
    ++so_far_.received;
    auto* record = find(event.name);
    if (record == nullptr || record->is(Record::refused)) {
        accuse(Violation::invented, words(event.name) + ": received at " + at(event.span.answered) +
                                        ", though it was " +
                                        (record == nullptr ? "never sent" : "refused"));
        return false;
    }
    if (record->body != static_cast<std::uint32_t>(event.body_hash))
        accuse(Violation::damaged, words(event.name) + ": received with another body");
    if (record->is(Record::received)) {
        judge_again(event, *record);
        return false;
    }
    judge_first(event, producer(event.name.producer), *record);
    return true;
}

void Checker::judge_first(const Received& event, Producer& from, Record& record) {
    record.set(Record::received);
    if (record.is(Record::unknown)) ++so_far_.unknown_appeared;
    if (whole_ms(event.span.answered) < record.ready)
        accuse(Violation::early, words(event.name) + ": received at " + at(event.span.answered) +
                                     ", due at " + std::to_string(record.ready) + " ms");

    // With a count above 1 somebody leased it before whose answer was lost.
    const bool fresh = event.receives <= 1 && !record.is(Record::retried);
    const bool certain = fresh && record.is(Record::acknowledged);
    const auto ready = std::max(record.held, record.ready + 1);
    if (certain && event.receives == 1 && ready > unsure_until_ &&
        empties_.any_within(ready, whole_ms(event.span.asked)))
        accuse(Violation::overlooked, words(event.name) + ": ready at " + std::to_string(ready) +
                                          " ms, and the queue said it was empty before " +
                                          at(event.span.asked));

    if (!record.is(Record::delayed)) judge_order(event, from, record);
    take_lease(event, record);
}

void Checker::judge_order(const Received& event, Producer& from, const Record& record) {
    const auto overtaker = from.order.delivered(event.name.sequence, event.answer, event.span);
    const bool certain =
        event.receives <= 1 && !record.is(Record::retried) && !record.is(Record::unknown);
    if (!overtaker || !certain) return;
    const bool may_overtake = options_.sends == Options::Sends::may_overtake;
    const bool was_over =
        record.is(Record::acknowledged) && from.records.find(*overtaker)->ready > record.held;
    if (may_overtake && !was_over) return;
    ++from.out_of_order;
    if (may_overtake) return;
    accuse(Violation::out_of_order, words(event.name) + ": first received at " +
                                        at(event.span.answered) + ", after message " +
                                        std::to_string(*overtaker) + " of the same producer");
}

void Checker::judge_again(const Received& event, Record& record) {
    ++so_far_.duplicates;
    // An older delivery was asked for before the newer one was known, and not while that lasts.
    const bool crossed = event.receives != 0 && event.receives < record.receives &&
                         whole_ms(event.span.asked) < record.answered;
    if (record.is(Record::retried)) {
        ++so_far_.explained.lost_answer;
    } else if (crossed) {
        // Its answer was overtaken: the newer lease stays the one that counts.
        ++so_far_.explained.lapsed_lease;
        return;
    } else if (may_have_returned(record, event.span.answered)) {
        ++so_far_.explained.rewind;
    } else if (record.is(Record::deleted)) {
        accuse(Violation::undeleted,
               words(event.name) + ": deleted, then received again at " + at(event.span.answered));
    } else if (ms_above(event.span.answered) < record.held) {
        accuse(Violation::overlap, words(event.name) + ": received again at " +
                                       at(event.span.answered) + ", leased until " +
                                       std::to_string(record.held) + " ms");
    } else if (counted_in_vain(event, record)) {
        accuse(Violation::miscounted, words(event.name) + ": receive " +
                                          std::to_string(event.receives) + " came after receive " +
                                          std::to_string(record.receives));
    } else if (record.may_be_deleted()) {
        ++so_far_.explained.lost_answer;
    } else {
        ++so_far_.explained.lapsed_lease;
    }
    take_lease(event, record);
}

/// Only where there was no rewind: it starts some counts afresh.
bool Checker::counted_in_vain(const Received& event, const Record& record) const {
    return rewinds_.empty() && event.receives != 0 && record.receives != 0 &&
           record.receives != std::numeric_limits<std::uint16_t>::max() &&
           event.receives <= record.receives;
}

void Checker::take_lease(const Received& event, Record& record) const {
    record.clear(Record::deleted);
    record.clear(Record::delete_unknown);
    record.clear(Record::deleting);
    record.clear(Record::released);
    record.clear(Record::rewound);
    record.handle = fold(event.handle);
    record.receives = capped(event.receives);
    record.held = whole_ms(event.span.asked + event.lease);
    record.answered = ms_above(event.span.answered);
}

void Checker::add(const ReceivedForeign& event) {
    ++so_far_.received;
    accuse(Violation::invented, "a body that nobody sent was received at " + at(event.at));
}

void Checker::add(const ReceivedNothing& event) {
    auto certain = event.span;
    // Before its time was over it may have been answered at any moment (a broker that stops).
    const auto waited = event.span.asked + event.wait - std::min(poll_slack, event.wait);
    if (waited <= event.span.answered) certain.asked = waited;
    empties_.add(certain);
}

void Checker::add(const ReceiveUnknown& event) {
    unsure_until_ = std::max(unsure_until_, ms_above(event.span.answered));
}

void Checker::add(const DeleteStarted& event) {
    auto* record = find(event.name);
    if (record != nullptr && record->handle == fold(event.handle)) record->set(Record::deleting);
}

void Checker::add(const DeleteAcknowledged& event) {
    auto* record = find(event.name);
    if (record == nullptr || !record->is(Record::received)) return;
    if (!record->is(Record::was_deleted)) ++so_far_.deleted;
    record->set(Record::was_deleted);
    const bool latest = record->handle == fold(event.handle);
    // Of several copies each has its own handles; a rewind may have come between.
    if (!latest && !record->is(Record::retried)) {
        if (rewound_since(whole_ms(event.span.asked), moment_max)) return;
        accuse(Violation::stale_delete,
               words(event.name) + ": a delete with an older handle was acknowledged at " +
                   at(event.span.answered) + ", a newer lease had been handed out");
    }
    record->set(Record::deleted);
    record->clear(Record::deleting);
    record->held = whole_ms(event.span.asked);
    record->answered = ms_above(event.span.answered);
}

/// Another one with the same handle, whose answer was lost, may have worked all the same.
void Checker::add(const DeleteRefused& event) {
    ++so_far_.deletes_refused;
    auto* record = find(event.name);
    if (record != nullptr && record->handle == fold(event.handle)) record->clear(Record::deleting);
}

void Checker::add(const DeleteUnknown& event) {
    auto* record = find(event.name);
    if (record != nullptr && record->handle == fold(event.handle))
        record->set(Record::delete_unknown);
}

void Checker::add(const Released& event) {
    auto* record = find(event.name);
    if (record == nullptr || record->handle != fold(event.handle) || record->is(Record::deleted))
        return;
    record->held = whole_ms(event.asked);
    record->set(Record::released);
}

/// A release that is under way, too, may have come after it.
void Checker::add(const Extended& event) {
    auto* record = find(event.name);
    if (record == nullptr || record->handle != fold(event.handle)) return;
    if (record->is(Record::deleted) || record->is(Record::released)) return;
    record->held = whole_ms(event.span.asked + event.lease);
}

void Checker::add(const Purged& event) {
    purged_until_ = std::max(purged_until_.value_or(0), ms_above(event.span.answered));
}

Verdict Checker::verdict(Queue queue, Moment now) const {
    auto verdict = so_far_;
    for (std::uint32_t number = 0; number < producers_.size(); ++number) {
        const auto& from = producers_[number];
        verdict.out_of_order_by_producer.push_back(from.out_of_order);
        if (queue == Queue::unfinished) continue;
        for (std::uint64_t sequence = 0; sequence < from.records.size(); ++sequence) {
            const auto& record = *from.records.find(sequence);
            if (may_be_purged(record)) continue;
            if (purged_until_ && record.is(Record::acknowledged)) ++verdict.sent_after_purges;
            judge_lost({number, sequence}, record, now, verdict);
            if (queue == Queue::drained) judge_vanished({number, sequence}, record, now, verdict);
        }
    }
    return verdict;
}

/// When a delayed message was sent is not remembered.
bool Checker::may_be_purged(const Record& record) const {
    return purged_until_ && (record.is(Record::delayed) || record.ready <= *purged_until_);
}

bool Checker::is_old(const Record& record, Moment now) const {
    return options_.retention && whole_ms(now) >= record.ready &&
           std::chrono::milliseconds{whole_ms(now) - record.ready} >= *options_.retention;
}

void Checker::judge_lost(Name name, const Record& record, Moment now, Verdict& verdict) const {
    if (!record.is(Record::acknowledged) || record.is(Record::received)) return;
    if (is_old(record, now)) {
        ++verdict.expired;
    } else {
        note(options_, verdict, Violation::lost,
             words(name) + ": acknowledged at " + std::to_string(record.held) +
                 " ms, never received");
    }
}

void Checker::judge_vanished(Name name, const Record& record, Moment now, Verdict& verdict) const {
    const bool gone_for_a_reason = record.is(Record::deleted) || record.may_be_deleted() ||
                                   record.is(Record::retried) || is_old(record, now);
    if (!record.is(Record::received) || gone_for_a_reason) return;
    if (record.is(Record::rewound)) {
        note(options_, verdict, Violation::unreturned,
             words(name) + ": deleted by " + std::to_string(record.answered) +
                 " ms, rewound, and never seen again");
    } else {
        note(options_, verdict, Violation::vanished,
             words(name) + ": received, its lease ended at " + std::to_string(record.held) +
                 " ms, never deleted and never seen again");
    }
}

void Checker::accuse(Violation violation, std::string sentence) {
    note(options_, so_far_, violation, std::move(sentence));
}

void Checker::note(const Options& options, Verdict& verdict, Violation violation,
                   std::string sentence) {
    auto& count = verdict.counts[static_cast<std::size_t>(violation)];
    if (count++ < options.examples)
        verdict.examples.push_back(std::string(name_of(violation)) + ": " + std::move(sentence));
}

}  // namespace cmq::check
