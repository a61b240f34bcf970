// What a rewind brings back: all that was sent since, and nothing else. The broker goes by when it
// took a message, the clients know when they sent and deleted it: `clocks_apart` lies between.

#include <algorithm>

#include "check/checker.h"

namespace cmq::check {

namespace {

Moment moment_of(std::uint32_t milliseconds) { return std::chrono::milliseconds{milliseconds}; }

}  // namespace

void Checker::add(const Rewound& event) { rewinds_.push_back(event); }

void Checker::add(const RewindAcknowledged& event) {
    for (auto& from : producers_)
        for (std::uint64_t sequence = 0; sequence < from.records.size(); ++sequence)
            bring_back(*from.records.find(sequence), event);
}

/// When a delayed message was sent is not remembered; of several copies not all may be deleted.
void Checker::bring_back(Record& record, const RewindAcknowledged& event) const {
    if (record.is(Record::delayed) || record.is(Record::retried)) return;
    const bool sent_since = moment_of(record.ready) >= event.from + options_.clocks_apart;
    const bool was_deleted =
        record.is(Record::deleted) && moment_of(record.answered) <= event.span.asked;
    if (!sent_since || !was_deleted) return;
    record.clear(Record::deleted);
    record.set(Record::rewound);
}

/// By a rewind, after its delete.
bool Checker::may_have_returned(const Record& record, Moment until) const {
    if (record.is(Record::rewound)) return true;
    if (record.is(Record::deleted)) {
        const auto sent_by = record.is(Record::acknowledged) ? record.sent_by : record.held;
        return rewound_since(record.held, until, moment_of(sent_by) + options_.clocks_apart);
    }
    return record.may_be_deleted() && rewound_since(0, until);
}

/// Could a rewind have taken effect at or after `from_ms`, and by `until`, that brings back what
/// was sent by `sent_by`?
bool Checker::rewound_since(std::uint32_t from_ms, Moment until, Moment sent_by) const {
    return std::ranges::any_of(rewinds_, [&](const Rewound& rewind) {
        return ms_above(rewind.span.answered) >= from_ms && rewind.span.asked <= until &&
               rewind.from <= sent_by;
    });
}

}  // namespace cmq::check
